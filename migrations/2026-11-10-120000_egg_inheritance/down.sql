DROP TABLE egg_inheritance;
ALTER TABLE eggs DROP CONSTRAINT eggs_nest_id_id_key;
