-- Parts that an egg takes over from another egg of its nest.

ALTER TABLE eggs ADD CONSTRAINT eggs_nest_id_id_key UNIQUE (nest_id, id);

-- The parts themselves are kept in the heir's row as well, and follow their origin when it changes.
CREATE TABLE egg_inheritance (
    egg_id    uuid NOT NULL,
    nest_id   uuid NOT NULL,
    part      text NOT NULL CHECK (part IN
        ('config_files', 'config_startup', 'config_stop', 'config_script', 'features', 'file_denylist')),
    parent_id uuid NOT NULL,
    PRIMARY KEY (egg_id, part),
    CHECK (egg_id <> parent_id),
    CONSTRAINT egg_inheritance_egg_fkey
        FOREIGN KEY (nest_id, egg_id) REFERENCES eggs (nest_id, id) ON DELETE CASCADE,
    CONSTRAINT egg_inheritance_parent_fkey
        FOREIGN KEY (nest_id, parent_id) REFERENCES eggs (nest_id, id)
);
CREATE INDEX egg_inheritance_parent_id_idx ON egg_inheritance (parent_id);
