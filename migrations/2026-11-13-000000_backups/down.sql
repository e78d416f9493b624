DROP INDEX operations_backup_id_idx;
DROP INDEX operations_one_backup_key;
DELETE FROM operations WHERE backup_id IS NOT NULL;
DROP INDEX operations_one_lifecycle_key;
CREATE UNIQUE INDEX operations_one_lifecycle_key ON operations (server_id)
    WHERE finished_at IS NULL AND kind IN ('install', 'reinstall', 'delete');
ALTER TABLE operations DROP CONSTRAINT operations_backup_check;
ALTER TABLE operations DROP CONSTRAINT operations_kind_check;
ALTER TABLE operations ADD CONSTRAINT operations_kind_check CHECK (kind IN
    ('install', 'reinstall', 'delete', 'sync', 'power', 'command'));
ALTER TABLE operations DROP COLUMN backup_id;
DROP TABLE backups;
DROP TABLE backup_groups;
ALTER TABLE servers DROP COLUMN backup_configuration_id;
ALTER TABLE nodes DROP COLUMN backup_configuration_id;
ALTER TABLE locations DROP COLUMN backup_configuration_id;
DROP TABLE backup_configurations;
