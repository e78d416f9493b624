-- Backups of servers, and where they are kept.

CREATE TABLE backup_configurations (
    id                  uuid PRIMARY KEY,
    name                text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    description         text CHECK (char_length(description) BETWEEN 1 AND 1024),
    maintenance_enabled boolean NOT NULL DEFAULT false,
    -- Every node reaches what any node has put there.
    shared              boolean NOT NULL DEFAULT false,
    disk                text NOT NULL CHECK (disk IN
                          ('local', 's3', 'ddup-bak', 'btrfs', 'zfs', 'restic', 'proxmox-backup-server', 'kopia')),
    -- Addresses, names and secrets of the stores, sealed as a whole.
    stores              bytea NOT NULL,
    created_at          timestamptz NOT NULL
);
CREATE UNIQUE INDEX backup_configurations_name_key ON backup_configurations (name);

-- The server's own counts first, then its node's, then its location's.
ALTER TABLE locations ADD COLUMN backup_configuration_id uuid REFERENCES backup_configurations (id) ON DELETE SET NULL;
ALTER TABLE nodes ADD COLUMN backup_configuration_id uuid REFERENCES backup_configurations (id) ON DELETE SET NULL;
ALTER TABLE servers ADD COLUMN backup_configuration_id uuid REFERENCES backup_configurations (id) ON DELETE SET NULL;
CREATE INDEX locations_backup_configuration_id_idx ON locations (backup_configuration_id) WHERE backup_configuration_id IS NOT NULL;
CREATE INDEX nodes_backup_configuration_id_idx ON nodes (backup_configuration_id) WHERE backup_configuration_id IS NOT NULL;
CREATE INDEX servers_backup_configuration_id_idx ON servers (backup_configuration_id) WHERE backup_configuration_id IS NOT NULL;

CREATE TABLE backup_groups (
    id              uuid PRIMARY KEY,
    server_id       uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    retention_count integer CHECK (retention_count >= 1),
    retention_days  integer CHECK (retention_days >= 1),
    created_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX backup_groups_name_key ON backup_groups (server_id, name);
CREATE INDEX backup_groups_retention_idx ON backup_groups (id) WHERE retention_count IS NOT NULL OR retention_days IS NOT NULL;

CREATE TABLE backups (
    id                      uuid PRIMARY KEY,
    -- Whose backup it is: nobody's, when the server is gone or it was detached.
    server_id               uuid REFERENCES servers (id) ON DELETE SET NULL,
    -- Whose files these are, also when that server is gone: stores know it by this id.
    made_of                 uuid NOT NULL,
    -- The node that has the data or made it; none once it was deleted.
    node_id                 uuid REFERENCES nodes (id) ON DELETE RESTRICT,
    backup_configuration_id uuid REFERENCES backup_configurations (id) ON DELETE RESTRICT,
    backup_group_id         uuid REFERENCES backup_groups (id) ON DELETE SET NULL,
    schedule_id             uuid REFERENCES schedules (id) ON DELETE SET NULL,
    name                    text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    ignored_files           text[] NOT NULL DEFAULT '{}',
    disk                    text NOT NULL CHECK (disk IN
                              ('local', 's3', 'ddup-bak', 'btrfs', 'zfs', 'restic', 'proxmox-backup-server', 'kopia')),
    shared                  boolean NOT NULL DEFAULT false,
    -- 'verifying': the node says that it is there, and the store has not confirmed it yet.
    state                   text NOT NULL CHECK (state IN ('creating', 'verifying', 'successful', 'failed')),
    locked                  boolean NOT NULL DEFAULT false,
    browsable               boolean NOT NULL DEFAULT false,
    streaming               boolean NOT NULL DEFAULT false,
    -- Nothing for one that was found although it was never reported.
    checksum                text,
    bytes                   bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    files                   bigint NOT NULL DEFAULT 0 CHECK (files >= 0),
    -- How the server was started then.
    metadata                jsonb NOT NULL DEFAULT '{}',
    -- An upload to S3 in parts that is under way.
    upload                  jsonb,
    error                   text,
    completed_at            timestamptz,
    deleting_at             timestamptz,
    deletion_error          text,
    deleted_at              timestamptz,
    created_at              timestamptz NOT NULL,
    CHECK ((completed_at IS NULL) = (state IN ('creating', 'verifying'))),
    CHECK (node_id IS NOT NULL OR deleted_at IS NOT NULL)
);
CREATE INDEX backups_server_id_idx ON backups (server_id, created_at) WHERE server_id IS NOT NULL;
CREATE INDEX backups_node_id_idx ON backups (node_id, created_at) WHERE node_id IS NOT NULL;
CREATE INDEX backups_backup_configuration_id_idx ON backups (backup_configuration_id, created_at) WHERE backup_configuration_id IS NOT NULL;
CREATE INDEX backups_backup_group_id_idx ON backups (backup_group_id, created_at) WHERE backup_group_id IS NOT NULL;
CREATE INDEX backups_schedule_id_idx ON backups (schedule_id) WHERE schedule_id IS NOT NULL;
CREATE INDEX backups_created_at_idx ON backups (created_at);

-- Making, restoring and deleting a backup are operations; restoring is one of those of which a server has one at a time.
ALTER TABLE operations ADD COLUMN backup_id uuid;
ALTER TABLE operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE operations ADD CONSTRAINT operations_kind_check CHECK (kind IN
    ('install', 'reinstall', 'delete', 'sync', 'power', 'command', 'backup', 'restore', 'delete_backup'));
ALTER TABLE operations ADD CONSTRAINT operations_backup_check
    CHECK ((backup_id IS NOT NULL) = (kind IN ('backup', 'restore', 'delete_backup')));
DROP INDEX operations_one_lifecycle_key;
CREATE UNIQUE INDEX operations_one_lifecycle_key ON operations (server_id)
    WHERE finished_at IS NULL AND kind IN ('install', 'reinstall', 'delete', 'restore');
CREATE UNIQUE INDEX operations_one_backup_key ON operations (backup_id) WHERE finished_at IS NULL AND backup_id IS NOT NULL;
CREATE INDEX operations_backup_id_idx ON operations (backup_id, created_at) WHERE backup_id IS NOT NULL;
