-- Sessions of other agents (Model Context Protocol before 2026-07-28), where every replica finds them.

CREATE TABLE mcp_sessions (
    user_id   TEXT NOT NULL,
    id        BLOB NOT NULL,
    -- What the client said of itself when the session began (JSON).
    client    TEXT NOT NULL,
    log_level TEXT,
    -- Addresses that it follows (JSON).
    followed  TEXT NOT NULL,
    seen_at   INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT;

-- What went over a stream that outlives a connection, both ways; an answer of the client has the number of the question.
CREATE TABLE mcp_messages (
    user_id     TEXT NOT NULL,
    session_id  BLOB NOT NULL,
    stream      BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    from_client INTEGER NOT NULL,
    body        TEXT NOT NULL,
    sent_at     INTEGER NOT NULL,
    PRIMARY KEY (user_id, stream, seq, from_client),
    FOREIGN KEY (user_id, session_id) REFERENCES mcp_sessions (user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX mcp_messages_session ON mcp_messages (user_id, session_id, sent_at);
