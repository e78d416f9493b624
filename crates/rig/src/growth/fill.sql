-- Fills a migrated database with as many servers as {servers} and what belongs to them. What is there already stays, so that
-- a database grows from one size to the next. Everything follows from its number: no two runs differ.

CREATE SCHEMA IF NOT EXISTS rig;

-- A version 4 id whose first 8 digits are unique for its kind, as the short ids of servers have to be.
CREATE OR REPLACE FUNCTION rig.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((n * 2654435761) & 4294967295), 8, '0')
        || overlay(overlay(substr(md5(kind || n), 9) PLACING '4' FROM 5) PLACING 'a' FROM 9))::uuid
$$;

-- A version 7 id of this instant, with `n` in its random part.
CREATE OR REPLACE FUNCTION rig.id_at(at timestamptz, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
        || '8' || lpad(to_hex(n), 15, '0'))::uuid
$$;

-- Spreads `n` over 0 .. `span` - 1.
CREATE OR REPLACE FUNCTION rig.spread(n bigint, span bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((n * 2654435761) & 4294967295) % span
$$;

-- A name people would give: two words and a number.
CREATE OR REPLACE FUNCTION rig.server_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (ARRAY['Amber', 'Brave', 'Calm', 'Dusty', 'Eager', 'Frozen', 'Golden', 'Hidden', 'Iron', 'Jolly',
                  'Keen', 'Lucky', 'Misty', 'Noble', 'Old', 'Proud', 'Quiet', 'Rusty', 'Silent', 'Tiny'])
               [1 + rig.spread(n, 20)]
        || ' '
        || (ARRAY['Castle', 'Harbour', 'Island', 'Lobby', 'Market', 'Mill', 'Outpost', 'Quarry', 'Realm', 'Skyblock',
                  'Survival', 'Tavern', 'Temple', 'Valley', 'Village', 'Watch', 'Woods'])[1 + rig.spread(n / 7, 17)]
        || ' ' || n
$$;

-- Foreign keys and counting hold by construction, and would take most of the time.
SET session_replication_role = replica;

INSERT INTO roles (id, name, admin_permissions, server_permissions, created_at)
SELECT rig.id('role', n), 'Role ' || n, '{}', '{}', timestamptz '2023-01-01' + n * interval '1 day'
FROM generate_series(1, 5) n
ON CONFLICT DO NOTHING;

-- One user for five servers, every other an administrator. The first owns no server.
INSERT INTO users (id, role_id, username, email, name_first, name_last, admin, created_at)
SELECT rig.id('user', n), CASE WHEN n % 10 = 0 THEN rig.id('role', 1 + n / 10 % 5) END,
       'player' || n, 'player' || n || '@example.org', 'Given ' || n, 'Family ' || n, n % 2 = 1,
       timestamptz '2023-01-01' + n * interval '1 hour'
FROM generate_series(1, {users}) n
ON CONFLICT DO NOTHING;

INSERT INTO locations (id, name, created_at)
SELECT rig.id('location', n), 'Location ' || n, timestamptz '2023-01-01' + n * interval '1 day'
FROM generate_series(1, 10) n
ON CONFLICT DO NOTHING;

INSERT INTO nodes (id, location_id, name, url, memory_mib, disk_mib, token_id, token, created_at)
SELECT rig.id('node', n), rig.id('location', 1 + n % 10), 'Machine ' || n, 'http://127.0.0.1:9', 262144, 4194304,
       lpad(n::text, 16, 'x'), '\x00', timestamptz '2023-01-01' + n * interval '1 hour'
FROM generate_series(1, {nodes}) n
ON CONFLICT DO NOTHING;

INSERT INTO nests (id, name, author, created_at)
SELECT rig.id('nest', n), 'Shelf ' || n, 'author@example.org', timestamptz '2023-01-01' + n * interval '1 day'
FROM generate_series(1, 5) n
ON CONFLICT DO NOTHING;

INSERT INTO eggs (id, nest_id, name, author, config_startup, config_stop, config_script, startup_commands, docker_images, created_at)
SELECT rig.id('egg', n), rig.id('nest', 1 + n % 5), 'Egg ' || n, 'author@example.org', '{"done": ["started"]}',
       '{"type": "command", "value": "stop"}',
       json_build_object('container', 'debian:12', 'entrypoint', 'bash', 'content', repeat('echo installing' || chr(10), 100)),
       '{"Default": "./start --memory {{SERVER_MEMORY}}"}', '{"Debian": "registry.example.org/debian:12"}',
       timestamptz '2023-01-01' + n * interval '1 hour'
FROM generate_series(1, 50) n
ON CONFLICT DO NOTHING;

INSERT INTO egg_variables (id, egg_id, name, env_variable, default_value, user_editable, rules, position, created_at)
SELECT rig.id('variable', egg * 10 + n), rig.id('egg', egg), 'Variable ' || n, 'VARIABLE_' || n, 'default', true,
       '{string}', n, timestamptz '2023-01-01'
FROM generate_series(1, 50) egg, generate_series(1, 6) n
ON CONFLICT DO NOTHING;

-- Three addresses for each server: its primary one, another one, and one that is free.
INSERT INTO allocations (id, node_id, ip, port, created_at)
SELECT rig.id('allocation', n), rig.id('node', 1 + n / 3 % {nodes}),
       ('10.' || {nodes} % 250 || '.' || n / 3 / {nodes} / 10000 || '.1')::inet, 10000 + n / 3 / {nodes} % 10000 * 3 + n % 3,
       timestamptz '2023-01-02'
FROM generate_series(({old_servers} + 1) * 3, {servers} * 3 + 2) n
ON CONFLICT DO NOTHING;

-- The second user owns one server in a hundred, the others have theirs evenly.
INSERT INTO servers (id, node_id, allocation_id, owner_id, egg_id, name, description, memory_mib, swap_mib, disk_mib,
                     cpu_percent, startup, image, power_state, power_state_at, installed_at, created_at)
SELECT rig.id('server', n), rig.id('node', 1 + n % {nodes}), rig.id('allocation', n * 3),
       rig.id('user', CASE WHEN n % 100 = 0 THEN 2 ELSE 3 + rig.spread(n, {users} - 2) END),
       rig.id('egg', 1 + rig.spread(n / 3, 50)), rig.server_name(n), 'Number ' || n || ' of many', 1024, 0, 10240, 100,
       './start --memory {{SERVER_MEMORY}}', 'registry.example.org/debian:12', 'running', timestamptz '2026-01-01',
       timestamptz '2023-06-01', timestamptz '2023-01-03' + n * interval '10 minutes'
FROM generate_series({old_servers} + 1, {servers}) n
ON CONFLICT DO NOTHING;

INSERT INTO server_allocations (allocation_id, server_id, node_id, created_at)
SELECT rig.id('allocation', n * 3 + k), rig.id('server', n), rig.id('node', 1 + n % {nodes}), timestamptz '2023-06-01'
FROM generate_series({old_servers} + 1, {servers}) n, generate_series(0, 1) k
ON CONFLICT DO NOTHING;

INSERT INTO server_variables (server_id, variable_id, value, created_at, updated_at)
SELECT rig.id('server', n), rig.id('variable', (1 + rig.spread(n / 3, 50)) * 10 + k), 'value ' || n, timestamptz '2023-06-01',
       timestamptz '2023-06-01'
FROM generate_series({old_servers} + 1, {servers}) n, generate_series(1, 6) k
ON CONFLICT DO NOTHING;

-- Every other server is shared with one more user.
INSERT INTO subusers (server_id, user_id, permissions, created_at)
SELECT rig.id('server', n), rig.id('user', 3 + rig.spread(n + 1, {users} - 2)), '{control.read-console,control.start}',
       timestamptz '2023-06-01'
FROM generate_series({old_servers} + 1, {servers}) n
WHERE n % 2 = 0 AND rig.spread(n + 1, {users} - 2) <> rig.spread(n, {users} - 2)
ON CONFLICT DO NOTHING;

-- Their numbers, for the logs.
CREATE TABLE IF NOT EXISTS rig.servers (n bigint PRIMARY KEY, id uuid NOT NULL);
CREATE TABLE IF NOT EXISTS rig.users (n bigint PRIMARY KEY, id uuid NOT NULL);
INSERT INTO rig.servers SELECT n, rig.id('server', n) FROM generate_series(1, {servers}) n ON CONFLICT DO NOTHING;
INSERT INTO rig.users SELECT n, rig.id('user', n) FROM generate_series(1, {users}) n ON CONFLICT DO NOTHING;
ANALYZE rig.servers, rig.users;

RESET session_replication_role;
