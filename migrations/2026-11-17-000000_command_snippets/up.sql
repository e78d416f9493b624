-- Console commands that users keep under a name.

CREATE TABLE command_snippets (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 31),
    command    text NOT NULL CHECK (char_length(command) BETWEEN 1 AND 1024),
    -- Said rather than meant by having no eggs: one whose eggs are all deleted is for none, not for all.
    all_eggs   boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT command_snippets_name_key UNIQUE (user_id, name)
);

CREATE TABLE command_snippet_eggs (
    command_snippet_id uuid NOT NULL REFERENCES command_snippets (id) ON DELETE CASCADE,
    egg_id             uuid NOT NULL REFERENCES eggs (id) ON DELETE CASCADE,
    PRIMARY KEY (command_snippet_id, egg_id)
);
CREATE INDEX command_snippet_eggs_egg_id_idx ON command_snippet_eggs (egg_id);
