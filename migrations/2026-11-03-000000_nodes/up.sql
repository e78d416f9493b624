-- Where servers can run. A node keeps what it last said of itself, so that no page has to ask it.

CREATE TABLE locations (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CHECK (char_length(description) BETWEEN 1 AND 1024),
    flag        text CHECK (char_length(flag) = 2),
    created_at  timestamptz NOT NULL
);

CREATE TABLE nodes (
    id                  uuid PRIMARY KEY,
    location_id         uuid NOT NULL REFERENCES locations (id) ON DELETE RESTRICT,
    name                text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 255),
    description         text CHECK (char_length(description) BETWEEN 1 AND 1024),
    deployment_enabled  boolean NOT NULL DEFAULT false,
    maintenance_enabled boolean NOT NULL DEFAULT false,
    url                 text NOT NULL CHECK (char_length(url) BETWEEN 3 AND 255),
    public_url          text CHECK (char_length(public_url) BETWEEN 3 AND 255),
    sftp_host           text CHECK (char_length(sftp_host) BETWEEN 1 AND 255),
    sftp_port           integer NOT NULL DEFAULT 2022 CHECK (sftp_port BETWEEN 1 AND 65535),
    memory_mib          bigint NOT NULL DEFAULT 0 CHECK (memory_mib >= 0),
    disk_mib            bigint NOT NULL DEFAULT 0 CHECK (disk_mib >= 0),
    token_id            text NOT NULL UNIQUE CHECK (char_length(token_id) = 16),
    token               bytea NOT NULL,
    flavour             text,
    version             text,
    capabilities        jsonb,
    last_seen_at        timestamptz,
    last_error          text,
    last_error_at       timestamptz,
    created_at          timestamptz NOT NULL
);
CREATE INDEX nodes_location_id_idx ON nodes (location_id);
CREATE INDEX nodes_created_at_idx ON nodes (created_at, id);

CREATE TABLE allocations (
    id         uuid PRIMARY KEY,
    node_id    uuid NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    ip         inet NOT NULL CHECK (masklen(ip) = CASE family(ip) WHEN 4 THEN 32 ELSE 128 END),
    port       integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    ip_alias   text CHECK (char_length(ip_alias) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL,
    CONSTRAINT allocations_address_key UNIQUE (node_id, ip, port),
    CONSTRAINT allocations_node_key UNIQUE (id, node_id)
);
