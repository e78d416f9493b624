DROP TABLE server_mounts;
DROP TABLE egg_mounts;
DROP TABLE node_mounts;
DROP TABLE mounts;
