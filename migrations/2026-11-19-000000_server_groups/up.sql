-- How users arrange their servers for themselves. Says nothing about who may do what.

CREATE TABLE server_groups (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 2 AND 31),
    position   integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX server_groups_user_id_idx ON server_groups (user_id, position);

CREATE TABLE server_group_servers (
    server_group_id uuid NOT NULL REFERENCES server_groups (id) ON DELETE CASCADE,
    server_id       uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    position        integer NOT NULL,
    PRIMARY KEY (server_group_id, server_id)
);
CREATE INDEX server_group_servers_server_id_idx ON server_group_servers (server_id);
