DROP TABLE activities;
DROP TRIGGER servers_owner_not_subuser ON servers;
DROP TABLE subusers;
DROP FUNCTION subuser_is_not_owner;
DROP TABLE server_variables;
ALTER TABLE servers DROP CONSTRAINT servers_allocation_fkey;
DROP TABLE server_allocations;
DROP TABLE servers;
DROP TABLE operations;
