-- Conversations with the assistant, what it ran, and how people are reached.

CREATE TABLE conversations (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    title      text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The run that answers in it at the moment, and until when it may: two messages at once take turns.
    claimed_by    uuid,
    claimed_until timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX conversations_updated ON conversations (user_id, updated_at, id);

CREATE TABLE messages (
    user_id         text COLLATE "C" NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    role            text NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
    content         text NOT NULL,
    tool_calls      text,
    -- What the assistant must remember of it: the list shown, the question asked (JSON).
    memory          text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON messages (user_id, conversation_id, id);

CREATE TABLE agent_runs (
    user_id              text COLLATE "C" NOT NULL,
    id                   uuid NOT NULL,
    conversation_id      uuid,
    user_message_id      uuid,
    assistant_message_id uuid,
    model                text NOT NULL,
    status               text NOT NULL,
    error_code           text,
    prompt_tokens        bigint,
    completion_tokens    bigint,
    started_at           timestamptz NOT NULL,
    finished_at          timestamptz,
    duration_ms          bigint,
    -- The client's key: a message that is sent twice is answered once.
    client_key           text,
    -- What was streamed, for those who come back for it (JSON).
    events               text,
    stop_requested       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, conversation_id) REFERENCES conversations (user_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_runs_started ON agent_runs (user_id, started_at);
CREATE UNIQUE INDEX agent_runs_client_key ON agent_runs (user_id, client_key) WHERE client_key IS NOT NULL;
CREATE INDEX agent_runs_conversation ON agent_runs (user_id, conversation_id);

CREATE TABLE tool_calls (
    user_id     text COLLATE "C" NOT NULL,
    id          uuid NOT NULL,
    run_id      uuid,
    message_id  uuid,
    tool_name   text NOT NULL,
    parameters  text NOT NULL,
    result      text NOT NULL,
    success     boolean NOT NULL,
    duration_ms bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, run_id) REFERENCES agent_runs (user_id, id) ON DELETE CASCADE
);
CREATE INDEX tool_calls_run ON tool_calls (user_id, run_id);

CREATE TABLE push_subscriptions (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    endpoint   text COLLATE "C" NOT NULL,
    p256dh     text NOT NULL,
    auth       text NOT NULL,
    user_agent text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, endpoint)
);

CREATE TABLE webhooks (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    url        text NOT NULL,
    secret     text NOT NULL,
    events     text NOT NULL,
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
