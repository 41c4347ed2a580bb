-- Times are UTC epoch milliseconds; all tables carry the account. Changes are kept, not checks: a look that sees nothing
-- new moves one row of watch. Both engines read this SQL.
CREATE TABLE account (
    number INTEGER PRIMARY KEY,          -- stands for the name in every other table: a change has to be small
    name TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL DEFAULT 0,   -- grows with whatever others should read again
    seen_version BIGINT NOT NULL DEFAULT 0,  -- what it was when something was seen, or a look failed
    answered_at BIGINT,                  -- when Hevo last answered whole
    watched_at BIGINT NOT NULL DEFAULT 0,    -- when somebody last had it open, on any server
    wanted_at BIGINT NOT NULL DEFAULT 0,     -- when somebody last asked for a fresh look
    paused_until BIGINT NOT NULL DEFAULT 0,  -- Hevo has had enough of us until then
    trouble TEXT,                        -- why the last look failed: a code; empty after one that did not
    reference TEXT,                      -- and what stands in the log with it
    next_look_at BIGINT
);
CREATE TABLE watch (
    account INTEGER NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    looks INTEGER NOT NULL,
    until BIGINT NOT NULL,               -- how long the last look holds
    PRIMARY KEY (account, first)
);
CREATE TABLE trouble (
    account INTEGER NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (account, first)
);
CREATE TABLE change (
    account INTEGER NOT NULL,
    pipeline TEXT NOT NULL,
    at BIGINT NOT NULL,                  -- the first look that saw this state
    after BIGINT,                        -- the last look that still saw the one before; empty at the first
    status TEXT,
    health TEXT,
    mark INTEGER NOT NULL DEFAULT 0,     -- 1: late, 2: no longer listed
    PRIMARY KEY (account, pipeline, at)
) WITHOUT ROWID;
CREATE INDEX change_by_time ON change (account, at);
CREATE TABLE tally (
    account INTEGER NOT NULL,
    hour BIGINT NOT NULL,                -- its beginning; an hour in which nothing was seen has no row
    word TEXT NOT NULL,
    pipelines INTEGER NOT NULL,          -- how many had no worse word in that hour
    PRIMARY KEY (account, hour, word)
);
CREATE TABLE pipeline (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    shown TEXT NOT NULL,                 -- JSON: what the pages show of it, no more
    status TEXT,
    health TEXT,
    mark INTEGER NOT NULL DEFAULT 0,
    since_after BIGINT,                  -- its present word began after this
    since_at BIGINT,                     -- and by this
    version BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE INDEX pipeline_by_version ON pipeline (account, version);
CREATE TABLE reading (
    account INTEGER NOT NULL,
    pipeline TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    newest BIGINT,                       -- when its tables last ran, and what was learned of their rhythm
    reached BIGINT,
    gaps TEXT NOT NULL,                  -- JSON: the last ones, in ms
    longest BIGINT,
    tables INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    position TEXT,
    listed TEXT NOT NULL,                -- JSON: the tables as they were read last
    version BIGINT NOT NULL,
    PRIMARY KEY (account, pipeline)
);
CREATE INDEX reading_by_version ON reading (account, version);
CREATE TABLE request (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    name TEXT NOT NULL,
    by_whom TEXT,
    asked_at BIGINT NOT NULL,
    standing TEXT NOT NULL,
    before TEXT,
    why TEXT,
    earlier_by TEXT,
    earlier_at BIGINT,
    sent_at BIGINT,
    answered_at BIGINT,
    status INTEGER,
    reference TEXT,
    retry_at BIGINT,
    outcome TEXT,
    outcome_at BIGINT,
    seen_after TEXT,                     -- the word that a look right after a lost answer saw
    fence BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE UNIQUE INDEX one_open_request ON request (account, pipeline) WHERE standing IN ('waiting', 'asking');
CREATE INDEX request_by_version ON request (account, version);
CREATE INDEX request_by_time ON request (account, asked_at);
CREATE INDEX request_by_pipeline ON request (account, pipeline, asked_at);
CREATE TABLE note (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,                  -- on it, note, planned
    about TEXT NOT NULL,                 -- what it covers: pipelines, a destination, a report, a team, all
    of_what TEXT NOT NULL,               -- JSON: the numbers or the name of these
    text TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    typed INTEGER NOT NULL,              -- 1: a name that nobody checked
    person TEXT NOT NULL,                -- who may write only so much
    begins BIGINT NOT NULL,
    ends BIGINT,
    written_at BIGINT NOT NULL,
    taken_at BIGINT,
    taken_by TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);
CREATE INDEX note_by_version ON note (account, version);
CREATE INDEX note_by_person ON note (account, person, written_at);
CREATE TABLE month (                     -- what is left of a month when its history is forgotten (ms)
    account INTEGER NOT NULL,
    month TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    well BIGINT NOT NULL,
    failing BIGINT NOT NULL,
    late BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    planned BIGINT NOT NULL,
    unwatched BIGINT NOT NULL,
    incidents INTEGER NOT NULL,
    longest BIGINT NOT NULL,
    PRIMARY KEY (account, month, pipeline)
);
CREATE TABLE spent (
    account INTEGER NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL
);
CREATE INDEX spent_by_time ON spent (account, at);
CREATE TABLE lease (
    account INTEGER PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until BIGINT NOT NULL
);
CREATE TABLE hook (                      -- an address that is told, by the hash of it: it may hold a secret
    account INTEGER NOT NULL,
    hook TEXT NOT NULL,
    version BIGINT NOT NULL,             -- the account's, up to which requests were told
    PRIMARY KEY (account, hook)
);
CREATE TABLE told (                      -- what an address knows of a pipeline of which it may have to hear more
    account INTEGER NOT NULL,
    hook TEXT NOT NULL,
    pipeline TEXT NOT NULL,              -- empty: of the account, that it cannot be confirmed
    word TEXT,
    changed_at BIGINT NOT NULL,
    restless INTEGER NOT NULL,
    PRIMARY KEY (account, hook, pipeline)
);
CREATE TABLE outbox (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,                    -- the same in every attempt
    hook TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    due_at BIGINT,                       -- empty when it has arrived or was given up
    tries INTEGER NOT NULL DEFAULT 0,
    ended_at BIGINT,
    said TEXT,                           -- why it did not arrive at the last try
    PRIMARY KEY (account, id)
);
CREATE INDEX outbox_by_due ON outbox (account, hook, due_at);
