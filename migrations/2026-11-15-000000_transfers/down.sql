-- What is on its way stays where it is.
UPDATE servers SET destination_node_id = NULL, destination_allocation_id = NULL WHERE destination_node_id IS NOT NULL;
DELETE FROM server_allocations WHERE destination;
DELETE FROM operations WHERE kind IN ('transfer', 'discard_copy');
-- Rules that are looked at last are looked at now: a table with such a look ahead cannot be changed.
SET CONSTRAINTS ALL IMMEDIATE;
DROP INDEX operations_destination_node_id_idx;
DROP INDEX operations_one_discard_key;
DROP INDEX operations_one_lifecycle_key;
CREATE UNIQUE INDEX operations_one_lifecycle_key ON operations (server_id)
    WHERE finished_at IS NULL AND kind IN ('install', 'reinstall', 'delete', 'restore');
ALTER TABLE operations DROP CONSTRAINT operations_way_check;
ALTER TABLE operations DROP CONSTRAINT operations_destination_check;
ALTER TABLE operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE operations ADD CONSTRAINT operations_kind_check CHECK (kind IN
    ('install', 'reinstall', 'delete', 'sync', 'power', 'command', 'backup', 'restore', 'delete_backup'));
ALTER TABLE operations DROP COLUMN destination_node_id;
ALTER TABLE servers DROP CONSTRAINT servers_destination_allocation_check;
ALTER TABLE servers DROP CONSTRAINT servers_destination_allocation_fkey;
ALTER TABLE servers DROP COLUMN destination_allocation_id;
