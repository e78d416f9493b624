-- Keys under which clients sent a change, and what they were answered. `id` is a hash of who sent which key where. `owner` is
-- the attempt that acts under it, until `locked_until` at first; `called` says that it called a node and must not be repeated.
-- `request` and `answer` are sealed.
CREATE TABLE idempotency_keys (
    id           bytea PRIMARY KEY CHECK (octet_length(id) = 32),
    owner        uuid NOT NULL,
    locked_until timestamptz NOT NULL,
    called       boolean NOT NULL,
    request      bytea NOT NULL,
    answer       bytea,
    kept_until   timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_kept_until_idx ON idempotency_keys (kept_until);
