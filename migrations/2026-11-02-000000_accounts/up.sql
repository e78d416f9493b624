-- Who may sign in, with what, and what a role adds. Secrets are stored as SHA-256 of a random
-- value or as an Argon2id hash, never in a form that signs anybody in.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE roles (
    id                 uuid PRIMARY KEY,
    name               text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 255),
    description        text CHECK (char_length(description) BETWEEN 1 AND 1024),
    require_two_factor boolean NOT NULL DEFAULT false,
    admin_permissions  text[] NOT NULL DEFAULT '{}',
    server_permissions text[] NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL
);

CREATE TABLE users (
    id                       uuid PRIMARY KEY,
    role_id                  uuid REFERENCES roles (id) ON DELETE SET NULL,
    external_id              text CHECK (char_length(external_id) BETWEEN 1 AND 255),
    avatar                   text CHECK (char_length(avatar) <= 255),
    username                 text NOT NULL CHECK (char_length(username) BETWEEN 3 AND 15),
    email                    text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 255),
    name_first               text NOT NULL CHECK (char_length(name_first) BETWEEN 1 AND 255),
    name_last                text NOT NULL CHECK (char_length(name_last) BETWEEN 1 AND 255),
    password_hash            text,
    admin                    boolean NOT NULL DEFAULT false,
    frozen                   boolean NOT NULL DEFAULT false,
    suspended                boolean NOT NULL DEFAULT false,
    totp_enabled             boolean NOT NULL DEFAULT false,
    totp_secret              bytea,
    totp_last_step           bigint,
    totp_last_used_at        timestamptz,
    language                 text NOT NULL DEFAULT 'en' CHECK (char_length(language) BETWEEN 2 AND 15),
    toast_position           text NOT NULL DEFAULT 'bottom_right' CHECK (toast_position IN
                               ('top_left', 'top_center', 'top_right', 'bottom_left', 'bottom_center', 'bottom_right')),
    start_on_grouped_servers boolean NOT NULL DEFAULT false,
    failed_sign_ins          integer NOT NULL DEFAULT 0,
    sign_in_blocked_until    timestamptz,
    created_at               timestamptz NOT NULL,
    CHECK (NOT totp_enabled OR totp_secret IS NOT NULL)
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE UNIQUE INDEX users_external_id_key ON users (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX users_role_id_idx ON users (role_id);
CREATE INDEX users_created_at_idx ON users (created_at, id);
CREATE INDEX users_username_trgm ON users USING gin (username gin_trgm_ops);
CREATE INDEX users_email_trgm ON users USING gin (email gin_trgm_ops);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret_hash  bytea NOT NULL UNIQUE,
    ip           inet NOT NULL,
    user_agent   text NOT NULL CHECK (char_length(user_agent) <= 255),
    last_used_at timestamptz NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id, last_used_at);
CREATE INDEX sessions_last_used_at_idx ON sessions (last_used_at);

CREATE TABLE api_keys (
    id                 uuid PRIMARY KEY,
    user_id            uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name               text NOT NULL CHECK (char_length(name) BETWEEN 3 AND 31),
    key_start          text NOT NULL CHECK (char_length(key_start) = 16),
    secret_hash        bytea NOT NULL UNIQUE,
    allowed_ips        inet[] NOT NULL DEFAULT '{}',
    user_permissions   text[] NOT NULL DEFAULT '{}',
    admin_permissions  text[] NOT NULL DEFAULT '{}',
    server_permissions text[] NOT NULL DEFAULT '{}',
    last_used_at       timestamptz,
    expires_at         timestamptz,
    created_at         timestamptz NOT NULL,
    CONSTRAINT api_keys_name_key UNIQUE (user_id, name)
);
CREATE INDEX api_keys_expires_at_idx ON api_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE ssh_keys (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 3 AND 31),
    fingerprint text NOT NULL CHECK (char_length(fingerprint) <= 50),
    public_key  bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT ssh_keys_name_key UNIQUE (user_id, name),
    CONSTRAINT ssh_keys_fingerprint_key UNIQUE (user_id, fingerprint)
);

-- One row. The first account is created by whoever changes account_created_at from NULL, so two at
-- once cannot both succeed. The nonce makes the one-time token derivable by every process, and by nobody else.
CREATE TABLE setup (
    id                 boolean PRIMARY KEY DEFAULT true CHECK (id),
    nonce              uuid NOT NULL DEFAULT gen_random_uuid(),
    account_created_at timestamptz,
    finished_at        timestamptz
);
INSERT INTO setup (id) VALUES (true);

CREATE TABLE settings (
    key        text PRIMARY KEY CHECK (char_length(key) BETWEEN 1 AND 512),
    value      jsonb NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL
);
