-- Servers, who may use them, and which ports are theirs.

-- Everything that has to happen on a node, from the wish to its end. Rows outlive their server.
CREATE TABLE operations (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('install', 'reinstall', 'delete', 'sync', 'power', 'command')),
    state       text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'expired', 'cancelled')),
    server_id   uuid NOT NULL,
    node_id     uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    user_id     uuid REFERENCES users (id) ON DELETE SET NULL,
    attempts    integer NOT NULL DEFAULT 0,
    called_at   timestamptz,
    deadline_at timestamptz NOT NULL,
    details     jsonb NOT NULL DEFAULT '{}',
    error       text,
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK ((finished_at IS NULL) = (state IN ('queued', 'running')))
);
CREATE UNIQUE INDEX operations_one_lifecycle_key ON operations (server_id)
    WHERE finished_at IS NULL AND kind IN ('install', 'reinstall', 'delete');
CREATE INDEX operations_open_idx ON operations (deadline_at) WHERE finished_at IS NULL;
CREATE INDEX operations_server_id_idx ON operations (server_id, created_at);
CREATE INDEX operations_node_id_idx ON operations (node_id) WHERE finished_at IS NULL;

CREATE TABLE servers (
    id                  uuid PRIMARY KEY,
    short_id            text NOT NULL GENERATED ALWAYS AS (left(id::text, 8)) STORED UNIQUE,
    external_id         text CHECK (char_length(external_id) BETWEEN 1 AND 255),
    node_id             uuid NOT NULL REFERENCES nodes (id) ON DELETE RESTRICT,
    destination_node_id uuid REFERENCES nodes (id) ON DELETE RESTRICT,
    allocation_id       uuid,
    owner_id            uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    egg_id              uuid NOT NULL REFERENCES eggs (id) ON DELETE RESTRICT,
    name                text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    description         text CHECK (char_length(description) BETWEEN 1 AND 1024),
    status              text CHECK (status IN ('installing', 'install_failed', 'restoring_backup', 'backup_restore_failed')),
    suspended           boolean NOT NULL DEFAULT false,
    memory_mib          bigint NOT NULL CHECK (memory_mib >= 0),
    memory_overhead_mib bigint NOT NULL DEFAULT 0 CHECK (memory_overhead_mib >= 0),
    swap_mib            bigint NOT NULL CHECK (swap_mib >= -1),
    disk_mib            bigint NOT NULL CHECK (disk_mib >= 0),
    io_weight           smallint CHECK (io_weight BETWEEN 0 AND 1000),
    cpu_percent         integer NOT NULL CHECK (cpu_percent >= 0),
    pinned_cpus         smallint[] NOT NULL DEFAULT '{}',
    startup             text NOT NULL CHECK (char_length(startup) BETWEEN 1 AND 8192),
    image               text NOT NULL CHECK (char_length(image) BETWEEN 2 AND 255),
    auto_kill_enabled   boolean NOT NULL DEFAULT false,
    auto_kill_seconds   integer NOT NULL DEFAULT 30 CHECK (auto_kill_seconds BETWEEN 1 AND 3600),
    auto_start_behavior text NOT NULL DEFAULT 'unless_stopped'
                          CHECK (auto_start_behavior IN ('always', 'unless_stopped', 'never')),
    timezone            text CHECK (char_length(timezone) BETWEEN 1 AND 255),
    hugepages_passthrough_enabled boolean NOT NULL DEFAULT false,
    kvm_passthrough_enabled       boolean NOT NULL DEFAULT false,
    allocation_limit    integer NOT NULL DEFAULT 0 CHECK (allocation_limit >= 0),
    database_limit      integer NOT NULL DEFAULT 0 CHECK (database_limit >= 0),
    backup_limit        integer NOT NULL DEFAULT 0 CHECK (backup_limit >= 0),
    schedule_limit      integer NOT NULL DEFAULT 0 CHECK (schedule_limit >= 0),
    skip_egg_scripts    boolean NOT NULL DEFAULT false,
    start_on_completion boolean NOT NULL DEFAULT false,
    -- The last word of the node, and when it was said.
    power_state         text CHECK (power_state IN ('offline', 'starting', 'stopping', 'running')),
    power_state_at      timestamptz,
    installed_at        timestamptz,
    -- Set when deletion was asked for: from then on nobody but an administrator sees the server.
    deleting_at         timestamptz,
    created_at          timestamptz NOT NULL,
    CONSTRAINT servers_node_key UNIQUE (id, node_id),
    CONSTRAINT servers_destination_key UNIQUE (id, destination_node_id),
    CHECK (destination_node_id IS DISTINCT FROM node_id)
);
CREATE UNIQUE INDEX servers_external_id_key ON servers (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX servers_owner_id_idx ON servers (owner_id, created_at);
CREATE INDEX servers_node_id_idx ON servers (node_id, id);
CREATE INDEX servers_destination_node_id_idx ON servers (destination_node_id) WHERE destination_node_id IS NOT NULL;
CREATE INDEX servers_egg_id_idx ON servers (egg_id);
CREATE INDEX servers_created_at_idx ON servers (created_at, id);
CREATE INDEX servers_status_idx ON servers (status) WHERE status IS NOT NULL;
CREATE INDEX servers_deleting_idx ON servers (deleting_at) WHERE deleting_at IS NOT NULL;
CREATE INDEX servers_name_trgm ON servers USING gin (name gin_trgm_ops);

-- The primary key says that a port belongs to one server at most; the two generated columns say that it is a port
-- of the node the server is on, or of the one it is moving to.
CREATE TABLE server_allocations (
    allocation_id       uuid PRIMARY KEY,
    server_id           uuid NOT NULL,
    node_id             uuid NOT NULL,
    destination         boolean NOT NULL DEFAULT false,
    current_node_id     uuid GENERATED ALWAYS AS (CASE WHEN destination THEN NULL ELSE node_id END) STORED,
    destination_node_id uuid GENERATED ALWAYS AS (CASE WHEN destination THEN node_id END) STORED,
    notes               text CHECK (char_length(notes) BETWEEN 1 AND 1024),
    created_at          timestamptz NOT NULL,
    CONSTRAINT server_allocations_server_key UNIQUE (allocation_id, server_id),
    FOREIGN KEY (allocation_id, node_id) REFERENCES allocations (id, node_id) ON DELETE RESTRICT,
    FOREIGN KEY (server_id) REFERENCES servers (id) ON DELETE CASCADE,
    FOREIGN KEY (server_id, current_node_id) REFERENCES servers (id, node_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (server_id, destination_node_id) REFERENCES servers (id, destination_node_id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX server_allocations_server_id_idx ON server_allocations (server_id);

-- The primary address is one of the server's own.
ALTER TABLE servers ADD CONSTRAINT servers_allocation_fkey
    FOREIGN KEY (allocation_id, id) REFERENCES server_allocations (allocation_id, server_id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE server_variables (
    server_id   uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    variable_id uuid NOT NULL REFERENCES egg_variables (id) ON DELETE CASCADE,
    value       text NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (server_id, variable_id)
);
CREATE INDEX server_variables_variable_id_idx ON server_variables (variable_id);

CREATE TABLE subusers (
    server_id     uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permissions   text[] NOT NULL DEFAULT '{}',
    ignored_files text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (server_id, user_id)
);
CREATE INDEX subusers_user_id_idx ON subusers (user_id, server_id);

-- The owner is never a subuser of the own server, whichever of the two rows changes.
CREATE FUNCTION subuser_is_not_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'subusers' THEN
        IF EXISTS (SELECT 1 FROM servers WHERE id = NEW.server_id AND owner_id = NEW.user_id FOR SHARE) THEN
            RAISE EXCEPTION 'the owner of a server cannot be its subuser'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'subusers_not_owner';
        END IF;
    ELSE
        DELETE FROM subusers WHERE server_id = NEW.id AND user_id = NEW.owner_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER subusers_not_owner BEFORE INSERT OR UPDATE ON subusers
    FOR EACH ROW EXECUTE FUNCTION subuser_is_not_owner();
CREATE TRIGGER servers_owner_not_subuser AFTER UPDATE OF owner_id ON servers
    FOR EACH ROW EXECUTE FUNCTION subuser_is_not_owner();

-- What happened. Ids are time-ordered (v7), so pages are anchored on them.
CREATE TABLE activities (
    id              uuid PRIMARY KEY,
    scope           text NOT NULL CHECK (scope IN ('admin', 'user', 'server')),
    server_id       uuid REFERENCES servers (id) ON DELETE CASCADE,
    user_id         uuid REFERENCES users (id) ON DELETE SET NULL,
    impersonator_id uuid REFERENCES users (id) ON DELETE SET NULL,
    api_key_id      uuid REFERENCES api_keys (id) ON DELETE SET NULL,
    by_schedule     boolean NOT NULL DEFAULT false,
    event           text NOT NULL CHECK (char_length(event) BETWEEN 1 AND 255),
    ip              inet,
    data            jsonb NOT NULL DEFAULT '{}',
    -- A daemon repeats a batch whose answer it did not get: the digest of its row makes the second one a no-op.
    digest          bytea,
    created_at      timestamptz NOT NULL,
    CHECK ((scope = 'server') = (server_id IS NOT NULL))
);
CREATE INDEX activities_server_idx ON activities (server_id, created_at DESC, id DESC) WHERE scope = 'server';
CREATE INDEX activities_user_idx ON activities (user_id, created_at DESC, id DESC) WHERE scope = 'user';
CREATE INDEX activities_admin_idx ON activities (created_at DESC, id DESC) WHERE scope = 'admin';
CREATE INDEX activities_user_id_idx ON activities (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX activities_created_at_idx ON activities (created_at);
CREATE UNIQUE INDEX activities_digest_key ON activities (server_id, digest) WHERE digest IS NOT NULL;
