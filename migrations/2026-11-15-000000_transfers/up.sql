-- Servers that move from one node to another.

-- Which of the addresses that are kept for it becomes its primary one there.
ALTER TABLE servers ADD COLUMN destination_allocation_id uuid;
ALTER TABLE servers ADD CONSTRAINT servers_destination_allocation_fkey
    FOREIGN KEY (destination_allocation_id, id) REFERENCES server_allocations (allocation_id, server_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE servers ADD CONSTRAINT servers_destination_allocation_check
    CHECK (destination_allocation_id IS NULL OR destination_node_id IS NOT NULL);

-- A transfer is an operation of its source; removing the copy that is left on one of the two nodes is another, of that node.
ALTER TABLE operations ADD COLUMN destination_node_id uuid REFERENCES nodes (id) ON DELETE CASCADE;
ALTER TABLE operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE operations ADD CONSTRAINT operations_kind_check CHECK (kind IN
    ('install', 'reinstall', 'delete', 'sync', 'power', 'command', 'backup', 'restore', 'delete_backup', 'transfer', 'discard_copy'));
ALTER TABLE operations ADD CONSTRAINT operations_destination_check
    CHECK ((destination_node_id IS NOT NULL) = (kind = 'transfer'));
ALTER TABLE operations ADD CONSTRAINT operations_way_check CHECK (destination_node_id IS DISTINCT FROM node_id);
DROP INDEX operations_one_lifecycle_key;
CREATE UNIQUE INDEX operations_one_lifecycle_key ON operations (server_id)
    WHERE finished_at IS NULL AND kind IN ('install', 'reinstall', 'delete', 'restore', 'transfer');
CREATE UNIQUE INDEX operations_one_discard_key ON operations (server_id, node_id)
    WHERE finished_at IS NULL AND kind = 'discard_copy';
CREATE INDEX operations_destination_node_id_idx ON operations (destination_node_id)
    WHERE destination_node_id IS NOT NULL;
