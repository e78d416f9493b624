DROP TABLE server_group_servers;
DROP TABLE server_groups;
