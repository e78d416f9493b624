-- Backups that the panel has made by itself, for servers that operators choose.

CREATE TABLE system_backup_policies (
    id                      uuid PRIMARY KEY,
    name                    text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    description             text CHECK (char_length(description) BETWEEN 1 AND 1024),
    -- Where its backups go; where each server's go without it.
    backup_configuration_id uuid REFERENCES backup_configurations (id) ON DELETE SET NULL,
    enabled                 boolean NOT NULL,
    -- In UTC.
    cron                    text NOT NULL CHECK (char_length(cron) BETWEEN 1 AND 255),
    -- Backups that are made at the same time on each node.
    parallelism             integer NOT NULL CHECK (parallelism BETWEEN 1 AND 100),
    retention_count         integer CHECK (retention_count >= 1),
    retention_days          integer CHECK (retention_days >= 1),
    -- When it is due next; never while it is disabled.
    due_at                  timestamptz,
    triggered_at            timestamptz,
    -- Its backups are being deleted, and it goes with the last of them.
    deleting_at             timestamptz,
    created_at              timestamptz NOT NULL
);
CREATE UNIQUE INDEX system_backup_policies_name_key ON system_backup_policies (name);
CREATE INDEX system_backup_policies_backup_configuration_id_idx ON system_backup_policies (backup_configuration_id)
    WHERE backup_configuration_id IS NOT NULL;

-- A server is covered when any of these names it, its node or its node's location.
CREATE TABLE system_backup_policy_locations (
    policy_id   uuid NOT NULL REFERENCES system_backup_policies (id) ON DELETE CASCADE,
    location_id uuid NOT NULL REFERENCES locations (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (policy_id, location_id)
);
CREATE INDEX system_backup_policy_locations_location_id_idx ON system_backup_policy_locations (location_id);
CREATE TABLE system_backup_policy_nodes (
    policy_id   uuid NOT NULL REFERENCES system_backup_policies (id) ON DELETE CASCADE,
    node_id     uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (policy_id, node_id)
);
CREATE INDEX system_backup_policy_nodes_node_id_idx ON system_backup_policy_nodes (node_id);
CREATE TABLE system_backup_policy_servers (
    policy_id   uuid NOT NULL REFERENCES system_backup_policies (id) ON DELETE CASCADE,
    server_id   uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (policy_id, server_id)
);
CREATE INDEX system_backup_policy_servers_server_id_idx ON system_backup_policy_servers (server_id);

-- Servers whose turn is yet to come.
CREATE TABLE system_backup_queue (
    policy_id   uuid NOT NULL REFERENCES system_backup_policies (id) ON DELETE CASCADE,
    server_id   uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (policy_id, server_id)
);
CREATE INDEX system_backup_queue_server_id_idx ON system_backup_queue (server_id);

-- Without the policy that made it, a backup is like any other of its server.
ALTER TABLE backups ADD COLUMN system_backup_policy_id uuid REFERENCES system_backup_policies (id) ON DELETE SET NULL;
CREATE INDEX backups_system_backup_policy_id_idx ON backups (system_backup_policy_id, created_at)
    WHERE system_backup_policy_id IS NOT NULL;
