ALTER TABLE backups DROP COLUMN system_backup_policy_id;
DROP TABLE system_backup_queue;
DROP TABLE system_backup_policy_servers;
DROP TABLE system_backup_policy_nodes;
DROP TABLE system_backup_policy_locations;
DROP TABLE system_backup_policies;
