-- The queue. A job is claimed with FOR UPDATE SKIP LOCKED and a lease; its fence counts the claims, and whoever
-- finishes it must name the fence he claimed it with. Finished jobs are deleted, given-up ones are kept to be looked at.
CREATE TABLE jobs (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    payload      jsonb NOT NULL,
    dedup_key    text CHECK (char_length(dedup_key) BETWEEN 1 AND 255),
    priority     smallint NOT NULL DEFAULT 0,
    run_at       timestamptz NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL CHECK (max_attempts > 0),
    fence        bigint NOT NULL DEFAULT 0,
    locked_by    text,
    lease_until  timestamptz,
    last_error   text,
    given_up_at  timestamptz,
    created_at   timestamptz NOT NULL,
    CHECK ((locked_by IS NULL) = (lease_until IS NULL))
);
CREATE UNIQUE INDEX jobs_dedup_key ON jobs (name, dedup_key) WHERE dedup_key IS NOT NULL AND given_up_at IS NULL AND locked_by IS NULL;
CREATE INDEX jobs_due_idx ON jobs (priority DESC, run_at, id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_given_up_idx ON jobs (given_up_at) WHERE given_up_at IS NOT NULL;
