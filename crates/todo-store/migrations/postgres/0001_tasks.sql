-- Tasks and all that belongs to a user's tasks.
--
-- Every table carries user_id first in its key, and row-level security as a second wall behind the WHERE of every query.
-- Text that is compared or sorted has COLLATE "C": the same order everywhere, and usable under row-level security.

-- One row per user: locked first by every command, it hands out numbers and event sequence numbers without gaps in order.
CREATE TABLE counters (
    user_id  text COLLATE "C" PRIMARY KEY,
    number   bigint NOT NULL,
    seq      bigint NOT NULL,
    position double precision NOT NULL,
    tasks    bigint NOT NULL,
    open     bigint NOT NULL,
    -- Whether events go to webhooks as well.
    hooks    boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

CREATE TABLE projects (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    name       text NOT NULL,
    name_key   text COLLATE "C" NOT NULL,
    color      text,
    parent_id  uuid,
    archived   boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
);

CREATE TABLE labels (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    name       text NOT NULL,
    name_key   text COLLATE "C" NOT NULL,
    color      text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
);

CREATE TABLE tasks (
    user_id          text COLLATE "C" NOT NULL,
    id               uuid NOT NULL,
    number           bigint NOT NULL,
    title            text NOT NULL,
    title_key        text COLLATE "C" NOT NULL,
    description      text,
    priority         smallint NOT NULL CHECK (priority BETWEEN 0 AND 4),
    -- Names of its labels as a JSON array, kept equal to task_labels; a list needs no join.
    labels           text,
    project_id       uuid,
    -- The clock reading of the due date in its own zone, in microseconds; the last microsecond of the day for a mere day.
    due_sort         bigint,
    -- The instant, when there is a clock time.
    due_at           timestamptz,
    due_zone         text,
    reminders        text,
    recurrence       text,
    recurrence_anchor text,
    series_id        uuid,
    occurrence       bigint NOT NULL DEFAULT 1,
    duration_minutes integer,
    parent_id        uuid,
    position         double precision NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    -- NULL while the task is open.
    completed_at     timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, number),
    FOREIGN KEY (user_id, project_id) REFERENCES projects (user_id, id),
    FOREIGN KEY (user_id, parent_id) REFERENCES tasks (user_id, id)
);
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
    user_id  text COLLATE "C" NOT NULL,
    label_id uuid NOT NULL,
    task_id  uuid NOT NULL,
    PRIMARY KEY (user_id, label_id, task_id),
    FOREIGN KEY (user_id, label_id) REFERENCES labels (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
CREATE INDEX task_labels_task ON task_labels (user_id, task_id);

-- Full text. A table of its own without row-level security: the match operator of text search is not leakproof, so under
-- row-level security no index could serve it. It holds no text, only words behind a hash of the user id, and is read only
-- through a join with tasks, which is protected.
CREATE TABLE task_words (
    user_id text COLLATE "C" NOT NULL,
    task_id uuid NOT NULL,
    words   tsvector NOT NULL,
    PRIMARY KEY (user_id, task_id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
CREATE INDEX task_words_words ON task_words USING gin (words);

CREATE TABLE operations (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    kind       text NOT NULL,
    summary    text NOT NULL,
    door       text NOT NULL,
    changes    text NOT NULL,
    created_at timestamptz NOT NULL,
    undone_at  timestamptz,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE events (
    user_id      text COLLATE "C" NOT NULL,
    seq          bigint NOT NULL,
    kind         text NOT NULL,
    operation_id uuid,
    payload      text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, seq)
);
CREATE INDEX events_recent ON events USING brin (created_at) WITH (pages_per_range = 16);

CREATE TABLE jobs (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    user_id       text COLLATE "C" NOT NULL DEFAULT '',
    task_id       uuid,
    dedupe        text COLLATE "C",
    payload       text NOT NULL,
    run_at        timestamptz NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    claim         uuid,
    last_error    text,
    dead          boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, dedupe)
);
CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE NOT dead;
CREATE INDEX jobs_task ON jobs (user_id, task_id) WHERE task_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    user_id       text COLLATE "C" NOT NULL,
    key           text COLLATE "C" NOT NULL,
    fingerprint   bytea NOT NULL,
    -- NULL while the request is being worked on.
    status        integer,
    body          bytea,
    claimed_until timestamptz,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys USING brin (created_at);

CREATE TABLE settings (
    user_id    text COLLATE "C" PRIMARY KEY,
    data       text NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE saved_filters (
    user_id    text COLLATE "C" NOT NULL,
    id         uuid NOT NULL,
    name       text NOT NULL,
    name_key   text COLLATE "C" NOT NULL,
    query      text NOT NULL,
    color      text,
    position   double precision NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, name_key)
);
