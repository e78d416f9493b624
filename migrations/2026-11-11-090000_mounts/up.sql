-- Folders of nodes that servers may have in their containers. Which servers may, follows from the nodes and the eggs that a mount is
-- attached to.

CREATE TABLE mounts (
    id             uuid PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 255),
    description    text CHECK (char_length(description) BETWEEN 1 AND 1024),
    source         text NOT NULL CHECK (char_length(source) BETWEEN 1 AND 255),
    target         text NOT NULL CHECK (char_length(target) BETWEEN 1 AND 255),
    read_only      boolean NOT NULL,
    user_mountable boolean NOT NULL,
    created_at     timestamptz NOT NULL,
    CONSTRAINT mounts_source_target_key UNIQUE (source, target)
);

CREATE TABLE node_mounts (
    node_id    uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    mount_id   uuid NOT NULL REFERENCES mounts (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (node_id, mount_id)
);
CREATE INDEX node_mounts_mount_id_idx ON node_mounts (mount_id);

CREATE TABLE egg_mounts (
    egg_id     uuid NOT NULL REFERENCES eggs (id) ON DELETE CASCADE,
    mount_id   uuid NOT NULL REFERENCES mounts (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (egg_id, mount_id)
);
CREATE INDEX egg_mounts_mount_id_idx ON egg_mounts (mount_id);

-- What a server has stays here when the server changes its node or egg, and takes effect where both allow it.
CREATE TABLE server_mounts (
    server_id  uuid NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
    mount_id   uuid NOT NULL REFERENCES mounts (id) ON DELETE RESTRICT,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (server_id, mount_id)
);
CREATE INDEX server_mounts_mount_id_idx ON server_mounts (mount_id);
