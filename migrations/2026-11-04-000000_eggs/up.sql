-- What can run. Columns of type json keep the order of keys, which people see.

CREATE TABLE nests (
    id          uuid PRIMARY KEY,
    name        text NOT NULL UNIQUE CHECK (char_length(name) BETWEEN 1 AND 255),
    author      text NOT NULL CHECK (char_length(author) BETWEEN 2 AND 255),
    description text CHECK (char_length(description) BETWEEN 1 AND 1024),
    created_at  timestamptz NOT NULL
);

CREATE TABLE eggs (
    id                uuid PRIMARY KEY,
    nest_id           uuid NOT NULL REFERENCES nests (id) ON DELETE RESTRICT,
    name              text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    author            text NOT NULL CHECK (char_length(author) BETWEEN 2 AND 255),
    description       text,
    starter_slug      text UNIQUE,
    config_files      json NOT NULL DEFAULT '[]',
    config_startup    json NOT NULL DEFAULT '{}',
    config_stop       json NOT NULL DEFAULT '{}',
    config_script     json NOT NULL DEFAULT '{}',
    startup_commands  json NOT NULL DEFAULT '{}',
    docker_images     json NOT NULL DEFAULT '{}',
    features          text[] NOT NULL DEFAULT '{}',
    file_denylist     text[] NOT NULL DEFAULT '{}',
    force_outgoing_ip boolean NOT NULL DEFAULT false,
    separate_port     boolean NOT NULL DEFAULT false,
    source            json,
    created_at        timestamptz NOT NULL,
    CONSTRAINT eggs_name_key UNIQUE (nest_id, name)
);

CREATE TABLE egg_variables (
    id            uuid PRIMARY KEY,
    egg_id        uuid NOT NULL REFERENCES eggs (id) ON DELETE CASCADE,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 255),
    description   text,
    name_translations        json NOT NULL DEFAULT '{}',
    description_translations json NOT NULL DEFAULT '{}',
    position      smallint NOT NULL DEFAULT 0,
    env_variable  text NOT NULL CHECK (char_length(env_variable) BETWEEN 1 AND 255),
    default_value text,
    user_viewable boolean NOT NULL DEFAULT true,
    user_editable boolean NOT NULL DEFAULT false,
    secret        boolean NOT NULL DEFAULT false,
    rules         text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    CONSTRAINT egg_variables_env_variable_key UNIQUE (egg_id, env_variable)
);
