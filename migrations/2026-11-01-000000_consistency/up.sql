-- What lets many processes, caches and replicas agree on what has been seen (docs/ARCHITECTURE.md).

-- One row. `epoch` is raised when the primary's timeline changes: positions of different epochs say nothing about each
-- other. Invalidations from before `invalidations_kept_from` are gone: a reader that stopped before it has missed some.
CREATE TABLE db_epoch (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch bigint NOT NULL DEFAULT 1 CHECK (epoch > 0),
    timeline bigint NOT NULL DEFAULT 0,
    invalidations_kept_from timestamptz NOT NULL DEFAULT '-infinity',
    raised_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO db_epoch DEFAULT VALUES;

-- Written in the transaction that changes what the key stands for. `xid` is what a poller goes by: ids are handed out in
-- another order than transactions commit.
CREATE TABLE cache_invalidations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX cache_invalidations_xid ON cache_invalidations (xid);
CREATE INDEX cache_invalidations_created_at ON cache_invalidations (created_at);

-- Authority that was taken back: a session, an API key, a user's password, a node's token.
CREATE TABLE revocations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    kind text NOT NULL,
    subject uuid NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revocations_xid ON revocations (xid);
CREATE INDEX revocations_revoked_at ON revocations (revoked_at);

-- One row per office that only one process may hold. `fence` grows with every change of the holder. A waiting process of
-- higher priority leaves its wish in `wanted_*`, and the holder makes room at its next renewal.
CREATE TABLE leader_lease (
    name text PRIMARY KEY,
    owner uuid,
    fence bigint NOT NULL DEFAULT 0,
    priority integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    wanted_priority integer NOT NULL DEFAULT 0,
    wanted_until timestamptz NOT NULL DEFAULT clock_timestamp()
);
