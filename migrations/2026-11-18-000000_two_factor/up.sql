-- What stands in for an authenticator that was lost, and sign-ins whose password was right and which wait for the second factor.

CREATE TABLE recovery_codes (
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- A signature by the operator's key: a copy of the table is not enough to try codes against it.
    mac        bytea NOT NULL CHECK (octet_length(mac) = 32),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, mac)
);

CREATE TABLE sign_in_checkpoints (
    token_hash  bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The hash of the hash of the password that was right: another password ends those that wait.
    password    bytea NOT NULL CHECK (octet_length(password) = 32),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX sign_in_checkpoints_user_id_idx ON sign_in_checkpoints (user_id);
CREATE INDEX sign_in_checkpoints_expires_at_idx ON sign_in_checkpoints (expires_at);
