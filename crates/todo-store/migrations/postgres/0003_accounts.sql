-- Accounts, in the tables and columns of Better Auth, so that its database can be taken over.
-- No row-level security: these rows are read before it is known who is asking.

CREATE TABLE IF NOT EXISTS "user" (
    id              text NOT NULL PRIMARY KEY,
    name            text NOT NULL,
    email           text NOT NULL UNIQUE,
    "emailVerified" boolean NOT NULL,
    image           text,
    "createdAt"     timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"     timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
-- Locked by the operator; the column of Better Auth's admin plugin.
ALTER TABLE "user" ADD COLUMN IF NOT EXISTS banned boolean;

CREATE TABLE IF NOT EXISTS session (
    id          text NOT NULL PRIMARY KEY,
    "expiresAt" timestamptz NOT NULL,
    -- SHA-256 of the token, so that a copy of the database is no login.
    token       text NOT NULL UNIQUE,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL,
    "ipAddress" text,
    "userAgent" text,
    "userId"    text NOT NULL REFERENCES "user" (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "session_userId_idx" ON session ("userId");

CREATE TABLE IF NOT EXISTS account (
    id                      text NOT NULL PRIMARY KEY,
    "accountId"             text NOT NULL,
    "providerId"            text NOT NULL,
    "userId"                text NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    "accessToken"           text,
    "refreshToken"          text,
    "idToken"               text,
    "accessTokenExpiresAt"  timestamptz,
    "refreshTokenExpiresAt" timestamptz,
    scope                   text,
    password                text,
    "createdAt"             timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"             timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS "account_userId_idx" ON account ("userId");

CREATE TABLE IF NOT EXISTS verification (
    id          text NOT NULL PRIMARY KEY,
    identifier  text NOT NULL,
    value       text NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "createdAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS verification_identifier_idx ON verification (identifier);

CREATE TABLE IF NOT EXISTS jwks (
    id           text NOT NULL PRIMARY KEY,
    "publicKey"  text NOT NULL,
    "privateKey" text NOT NULL,
    "createdAt"  timestamptz NOT NULL,
    "expiresAt"  timestamptz,
    alg          text,
    crv          text
);
-- Older databases of Better Auth lack these.
ALTER TABLE jwks ADD COLUMN IF NOT EXISTS "expiresAt" timestamptz;
ALTER TABLE jwks ADD COLUMN IF NOT EXISTS alg text;
ALTER TABLE jwks ADD COLUMN IF NOT EXISTS crv text;

CREATE TABLE IF NOT EXISTS "rateLimit" (
    id            text NOT NULL PRIMARY KEY,
    key           text NOT NULL UNIQUE,
    count         integer NOT NULL,
    "lastRequest" bigint NOT NULL
);

-- A database that another tool made for Better Auth may keep times without a zone; they are UTC.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type = 'timestamp without time zone'
          AND table_name IN ('user', 'session', 'account', 'verification', 'jwks')
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE timestamptz USING %I AT TIME ZONE ''UTC''',
                       found.table_name, found.column_name, found.column_name);
    END LOOP;
END
$$;

-- Better Auth keeps tokens as they are. Their digests take their place, so that live sessions and mailed links stay valid and
-- a copy of the database is no login.
UPDATE session SET token = 'sha256:' || encode(sha256(convert_to(token, 'UTF8')), 'hex')
WHERE token NOT LIKE 'sha256:%';
UPDATE verification
SET identifier = 'reset-password:sha256:' || encode(sha256(convert_to(substr(identifier, 16), 'UTF8')), 'hex')
WHERE identifier LIKE 'reset-password:%' AND identifier NOT LIKE 'reset-password:sha256:%';

CREATE TABLE api_tokens (
    id           text PRIMARY KEY,
    user_id      text NOT NULL,
    name         text NOT NULL,
    -- SHA-256 of the token, and its last characters to tell it by.
    digest       text NOT NULL UNIQUE,
    hint         text NOT NULL,
    scopes       text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    text,
    action     text NOT NULL,
    outcome    text NOT NULL,
    ip         text,
    user_agent text,
    detail     text,
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_user ON audit (user_id, id);
