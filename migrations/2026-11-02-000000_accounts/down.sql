DROP TABLE settings;
DROP TABLE setup;
DROP TABLE ssh_keys;
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE roles;
DROP EXTENSION IF EXISTS pg_trgm;
