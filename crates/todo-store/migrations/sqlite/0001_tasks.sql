-- Tasks and all that belongs to a user's tasks.
--
-- Times are microseconds since the epoch, ids 16 bytes, booleans 0 or 1.

-- One row per user: locked first by every command, it hands out numbers and event sequence numbers without gaps in order.
CREATE TABLE counters (
    user_id  TEXT PRIMARY KEY,
    number   INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    position REAL NOT NULL,
    tasks    INTEGER NOT NULL,
    open     INTEGER NOT NULL,
    -- Whether events go to webhooks as well.
    hooks    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE projects (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    color      TEXT,
    parent_id  BLOB,
    archived   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
) STRICT;

CREATE TABLE labels (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    color      TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
) STRICT;

CREATE TABLE tasks (
    row              INTEGER PRIMARY KEY,
    user_id          TEXT NOT NULL,
    id               BLOB NOT NULL,
    number           INTEGER NOT NULL,
    title            TEXT NOT NULL,
    title_key        TEXT NOT NULL,
    description      TEXT,
    priority         INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 4),
    -- Names of its labels as a JSON array, kept equal to task_labels; a list needs no join.
    labels           TEXT,
    project_id       BLOB,
    -- The clock reading of the due date in its own zone, in microseconds; the last microsecond of the day for a mere day.
    due_sort         INTEGER,
    -- The instant, when there is a clock time.
    due_at           INTEGER,
    due_zone         TEXT,
    reminders        TEXT,
    recurrence       TEXT,
    recurrence_anchor TEXT,
    series_id        BLOB,
    occurrence       INTEGER NOT NULL DEFAULT 1,
    duration_minutes INTEGER,
    parent_id        BLOB,
    position         REAL NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    -- NULL while the task is open.
    completed_at     INTEGER,
    version          INTEGER NOT NULL DEFAULT 1,
    UNIQUE (user_id, id),
    UNIQUE (user_id, number),
    FOREIGN KEY (user_id, project_id) REFERENCES projects (user_id, id),
    FOREIGN KEY (user_id, parent_id) REFERENCES tasks (user_id, id)
) STRICT;
CREATE INDEX tasks_created ON tasks (user_id, created_at, id);
CREATE INDEX tasks_updated ON tasks (user_id, updated_at, id);
CREATE INDEX tasks_completed ON tasks (user_id, completed_at, id);
CREATE INDEX tasks_due ON tasks (user_id, due_sort, id);
CREATE INDEX tasks_priority ON tasks (user_id, priority, id);
CREATE INDEX tasks_title ON tasks (user_id, title_key, id);
CREATE INDEX tasks_position ON tasks (user_id, position, id);
CREATE INDEX tasks_project ON tasks (user_id, project_id) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_parent ON tasks (user_id, parent_id) WHERE parent_id IS NOT NULL;
-- Completing a repeating task makes its next occurrence once.
CREATE UNIQUE INDEX tasks_series ON tasks (user_id, series_id, occurrence) WHERE series_id IS NOT NULL;

CREATE TABLE task_labels (
    user_id  TEXT NOT NULL,
    label_id BLOB NOT NULL,
    task_id  BLOB NOT NULL,
    PRIMARY KEY (user_id, label_id, task_id),
    FOREIGN KEY (user_id, label_id) REFERENCES labels (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX task_labels_task ON task_labels (user_id, task_id);

-- Full text. Keyed by tasks.row; words stand behind a hash of the user id, so that a search touches only one user's words.
-- The tokenizer need only split at spaces: the words are made before they are stored.
CREATE VIRTUAL TABLE task_words USING fts5 (title, notes, content = '', contentless_delete = 1, tokenize = 'ascii');

CREATE TABLE operations (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    kind       TEXT NOT NULL,
    summary    TEXT NOT NULL,
    door       TEXT NOT NULL,
    changes    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    undone_at  INTEGER,
    PRIMARY KEY (user_id, id)
) STRICT;

CREATE TABLE events (
    user_id      TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    operation_id BLOB,
    payload      TEXT NOT NULL,
    created_at   INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    PRIMARY KEY (user_id, seq)
) STRICT;
CREATE INDEX events_recent ON events (created_at);

CREATE TABLE jobs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT NOT NULL,
    user_id       TEXT NOT NULL DEFAULT '',
    task_id       BLOB,
    dedupe        TEXT,
    payload       TEXT NOT NULL,
    run_at        INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    claimed_until INTEGER,
    claim         BLOB,
    last_error    TEXT,
    dead          INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    UNIQUE (kind, dedupe)
) STRICT;
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE NOT dead;
CREATE INDEX jobs_task ON jobs (user_id, task_id) WHERE task_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    user_id       TEXT NOT NULL,
    key           TEXT NOT NULL,
    fingerprint   BLOB NOT NULL,
    -- NULL while the request is being worked on.
    status        INTEGER,
    body          BLOB,
    claimed_until INTEGER,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE settings (
    user_id    TEXT PRIMARY KEY,
    data       TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE saved_filters (
    user_id    TEXT NOT NULL,
    id         BLOB NOT NULL,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    query      TEXT NOT NULL,
    color      TEXT,
    position   REAL NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
) STRICT;
