-- What keeps lists quick at a hundred thousand servers and ten million entries of the logs.

-- How many rows a list has, by the day (UTC) they were created: their sum is the list's total, and the day tells where a page far
-- from both ends begins. Counted in the transaction that adds or removes the row. Two transactions at once count in different
-- shards, so that none waits for the other; a row may be taken off another shard than it was added to, so a shard alone says
-- nothing and may be negative. Shard 0 holds what was folded together.
CREATE TABLE row_counts (
    list    text NOT NULL,
    -- The event for the administration's log, otherwise empty.
    key     text NOT NULL,
    day     date NOT NULL,
    shard   smallint NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (list, key, day, shard)
);

-- Row by row: not every database we run on has transition tables.
CREATE FUNCTION count_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted text := '';
    created timestamptz;
    step bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        created := NEW.created_at;
        step := 1;
        IF TG_TABLE_NAME = 'activities' THEN
            counted := NEW.event;
        END IF;
    ELSE
        created := OLD.created_at;
        step := -1;
        IF TG_TABLE_NAME = 'activities' THEN
            counted := OLD.event;
        END IF;
    END IF;
    INSERT INTO row_counts AS c (list, key, day, shard, entries)
    VALUES (TG_TABLE_NAME, counted, (created AT TIME ZONE 'UTC')::date, 1 + pg_backend_pid() % 16, step)
    ON CONFLICT (list, key, day, shard) DO UPDATE SET entries = c.entries + excluded.entries;
    RETURN NULL;
END $$;

CREATE TRIGGER servers_counted AFTER INSERT OR DELETE ON servers FOR EACH ROW EXECUTE FUNCTION count_row();
CREATE TRIGGER users_counted AFTER INSERT OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION count_row();
-- The logs of users and servers are counted when they are read: each is short beside the table.
CREATE TRIGGER activities_added AFTER INSERT ON activities FOR EACH ROW WHEN (NEW.scope = 'admin') EXECUTE FUNCTION count_row();
CREATE TRIGGER activities_removed AFTER DELETE ON activities FOR EACH ROW WHEN (OLD.scope = 'admin') EXECUTE FUNCTION count_row();

-- Counts everything anew: for rows that came in past the triggers, as with session_replication_role = replica.
CREATE FUNCTION recount_rows() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        LOCK TABLE servers, users, activities IN SHARE MODE;
    EXCEPTION WHEN feature_not_supported THEN
        RAISE NOTICE 'this database locks no tables: nothing must be written while rows are counted';
    END;
    DELETE FROM row_counts;
    INSERT INTO row_counts (list, key, day, shard, entries)
    SELECT 'servers', '', (created_at AT TIME ZONE 'UTC')::date, 0, count(*) FROM servers GROUP BY 3
    UNION ALL
    SELECT 'users', '', (created_at AT TIME ZONE 'UTC')::date, 0, count(*) FROM users GROUP BY 3
    UNION ALL
    SELECT 'activities', event, (created_at AT TIME ZONE 'UTC')::date, 0, count(*) FROM activities WHERE scope = 'admin' GROUP BY 2, 3;
END $$;
SELECT recount_rows();

-- Lists and searches.
CREATE INDEX nodes_name_trgm ON nodes USING gin (name gin_trgm_ops);
CREATE INDEX eggs_name_trgm ON eggs USING gin (name gin_trgm_ops);
CREATE INDEX eggs_name_idx ON eggs (name, id);
CREATE INDEX nests_name_trgm ON nests USING gin (name gin_trgm_ops);
CREATE INDEX roles_name_trgm ON roles USING gin (name gin_trgm_ops);
CREATE INDEX locations_name_trgm ON locations USING gin (name gin_trgm_ops);
CREATE INDEX servers_egg_created_idx ON servers (egg_id, created_at, id);
DROP INDEX servers_egg_id_idx;
-- A search looks through a log's events in the index, not through rows that are strewn over the table.
CREATE INDEX activities_of_user_idx ON activities (user_id, created_at DESC, id DESC) INCLUDE (event) WHERE scope = 'user';
DROP INDEX activities_user_idx;
CREATE INDEX activities_admin_event_idx ON activities (event, created_at DESC, id DESC) WHERE scope = 'admin';
CREATE INDEX activities_admin_user_idx ON activities (user_id, created_at DESC, id DESC) WHERE scope = 'admin';

-- Who deletes a row looks for what refers to it, in tables that grow. A condition on another column keeps the database from using
-- an index for that: only entries of servers' logs have a server.
CREATE INDEX activities_of_server_idx ON activities (server_id, created_at DESC, id DESC) INCLUDE (event)
    WHERE server_id IS NOT NULL;
DROP INDEX activities_server_idx;
CREATE INDEX activities_api_key_id_idx ON activities (api_key_id) WHERE api_key_id IS NOT NULL;
CREATE INDEX activities_impersonator_id_idx ON activities (impersonator_id) WHERE impersonator_id IS NOT NULL;
CREATE INDEX operations_user_id_idx ON operations (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX operations_of_node_idx ON operations (node_id);
DROP INDEX operations_node_id_idx;
