-- Conversations with the assistant, what it ran, and how people are reached.

CREATE TABLE conversations (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    title      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- The run that answers in it at the moment, and until when it may: two messages at once take turns.
    claimed_by    BLOB,
    claimed_until INTEGER,
    PRIMARY KEY (user_id, id)
) STRICT;
CREATE INDEX conversations_updated ON conversations (user_id, updated_at, id);

CREATE TABLE messages (
    user_id         TEXT NOT NULL,
    id              BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    role            TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    content         TEXT NOT NULL,
    tool_calls      TEXT,
    -- What the assistant must remember of it: the list shown, the question asked (JSON).
    memory          TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX messages_conversation ON messages (user_id, conversation_id, id);

CREATE TABLE agent_runs (
    user_id              TEXT NOT NULL,
    id                   BLOB NOT NULL,
    conversation_id      BLOB,
    user_message_id      BLOB,
    assistant_message_id BLOB,
    model                TEXT NOT NULL,
    status               TEXT NOT NULL,
    error_code           TEXT,
    prompt_tokens        INTEGER,
    completion_tokens    INTEGER,
    started_at           INTEGER NOT NULL,
    finished_at          INTEGER,
    duration_ms          INTEGER,
    -- The client's key: a message that is sent twice is answered once.
    client_key           TEXT,
    -- What was streamed, for those who come back for it (JSON).
    events               TEXT,
    stop_requested       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX agent_runs_started ON agent_runs (user_id, started_at);
CREATE UNIQUE INDEX agent_runs_client_key ON agent_runs (user_id, client_key) WHERE client_key IS NOT NULL;
CREATE INDEX agent_runs_conversation ON agent_runs (user_id, conversation_id);

CREATE TABLE tool_calls (
    user_id     TEXT NOT NULL,
    id          BLOB NOT NULL,
    run_id      BLOB,
    message_id  BLOB,
    tool_name   TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    result      TEXT NOT NULL,
    success     INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, run_id) REFERENCES agent_runs (user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX tool_calls_run ON tool_calls (user_id, run_id);

CREATE TABLE push_subscriptions (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    endpoint   TEXT NOT NULL,
    p256dh     TEXT NOT NULL,
    auth       TEXT NOT NULL,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, endpoint)
) STRICT;

CREATE TABLE webhooks (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,
    events     TEXT NOT NULL,
    active     INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT;
