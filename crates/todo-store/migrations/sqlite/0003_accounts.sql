-- Accounts, in the tables and columns of Better Auth, so that its database can be taken over.
-- No row-level security: these rows are read before it is known who is asking.

CREATE TABLE IF NOT EXISTS "user" (
    id              TEXT NOT NULL PRIMARY KEY,
    name            TEXT NOT NULL,
    email           TEXT NOT NULL UNIQUE,
    "emailVerified" INTEGER NOT NULL,
    image           TEXT,
    "createdAt"     INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    "updatedAt"     INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    -- Locked by the operator; the column of Better Auth's admin plugin.
    banned          INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS session (
    id          TEXT NOT NULL PRIMARY KEY,
    "expiresAt" INTEGER NOT NULL,
    -- SHA-256 of the token, so that a copy of the database is no login.
    token       TEXT NOT NULL UNIQUE,
    "createdAt" INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    "updatedAt" INTEGER NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId"    TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX IF NOT EXISTS "session_userId_idx" ON session ("userId");

CREATE TABLE IF NOT EXISTS account (
    id                      TEXT NOT NULL PRIMARY KEY,
    "accountId"             TEXT NOT NULL,
    "providerId"            TEXT NOT NULL,
    "userId"                TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    "accessToken"           TEXT,
    "refreshToken"          TEXT,
    "idToken"               TEXT,
    "accessTokenExpiresAt"  INTEGER,
    "refreshTokenExpiresAt" INTEGER,
    scope                   TEXT,
    password                TEXT,
    "createdAt"             INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    "updatedAt"             INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS "account_userId_idx" ON account ("userId");

CREATE TABLE IF NOT EXISTS verification (
    id          TEXT NOT NULL PRIMARY KEY,
    identifier  TEXT NOT NULL,
    value       TEXT NOT NULL,
    "expiresAt" INTEGER NOT NULL,
    "createdAt" INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    "updatedAt" INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER))
) STRICT;
CREATE INDEX IF NOT EXISTS verification_identifier_idx ON verification (identifier);

CREATE TABLE IF NOT EXISTS jwks (
    id           TEXT NOT NULL PRIMARY KEY,
    "publicKey"  TEXT NOT NULL,
    "privateKey" TEXT NOT NULL,
    "createdAt"  INTEGER NOT NULL,
    "expiresAt"  INTEGER,
    alg          TEXT,
    crv          TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS "rateLimit" (
    id            TEXT NOT NULL PRIMARY KEY,
    key           TEXT NOT NULL UNIQUE,
    count         INTEGER NOT NULL,
    "lastRequest" INTEGER NOT NULL
) STRICT;

CREATE TABLE api_tokens (
    id           TEXT NOT NULL PRIMARY KEY,
    user_id      TEXT NOT NULL,
    name         TEXT NOT NULL,
    -- SHA-256 of the token, and its last characters to tell it by.
    digest       TEXT NOT NULL UNIQUE,
    hint         TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT;
CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT,
    action     TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    ip         TEXT,
    user_agent TEXT,
    detail     TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_user ON audit (user_id, id);
