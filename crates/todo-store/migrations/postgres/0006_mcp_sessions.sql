-- Sessions of other agents (Model Context Protocol before 2026-07-28), where every replica finds them.

CREATE TABLE mcp_sessions (
    user_id   text COLLATE "C" NOT NULL,
    id        uuid NOT NULL,
    -- What the client said of itself when the session began (JSON).
    client    text NOT NULL,
    log_level text,
    -- Addresses that it follows (JSON).
    followed  text NOT NULL,
    seen_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);

-- What went over a stream that outlives a connection, both ways; an answer of the client has the number of the question.
CREATE TABLE mcp_messages (
    user_id     text COLLATE "C" NOT NULL,
    session_id  uuid NOT NULL,
    stream      uuid NOT NULL,
    seq         bigint NOT NULL,
    from_client boolean NOT NULL,
    body        text NOT NULL,
    sent_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, stream, seq, from_client),
    FOREIGN KEY (user_id, session_id) REFERENCES mcp_sessions (user_id, id) ON DELETE CASCADE
);
CREATE INDEX mcp_messages_session ON mcp_messages (user_id, session_id, sent_at);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mcp_sessions', 'mcp_messages'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I USING (user_id = nullif(current_setting(''app.user_id'', true), ''''))', name);
    END LOOP;
END
$$;
