-- Adds the entries {old_activities} + 1 .. {activities} of {all_activities} to the logs, over 90 days: two in a hundred to the
-- administration's, eight to those of users, the others to those of servers. The second user and the first server each have one in a
-- hundred.
INSERT INTO activities (id, scope, server_id, user_id, event, ip, data, created_at)
SELECT rig.id_at(at, made.n), log, s.id, u.id,
       CASE log
           WHEN 'admin' THEN (ARRAY['server:create', 'server:update', 'server:suspend', 'user:create', 'user:update',
                                    'node:update', 'node:allocation.create', 'settings:update'])[1 + rig.spread(made.n, 8)]
           WHEN 'user' THEN (ARRAY['auth:success', 'auth:fail', 'auth:logout', 'user:account.update', 'user:api-key.create',
                                   'user:session.delete'])[1 + rig.spread(made.n, 6)]
           ELSE (ARRAY['server:power.start', 'server:power.stop', 'server:power.restart', 'server:console.command',
                       'server:console.command', 'server:sftp.create-directory', 'server:file.uploaded',
                       'server:settings.rename'])[1 + rig.spread(made.n / 3, 8)]
       END,
       '192.0.2.1', '{}', at
FROM (SELECT n, timestamptz '2026-08-03' + n * (interval '90 days' / {all_activities}) AS at,
             CASE WHEN n % 100 < 2 THEN 'admin' WHEN n % 100 < 10 THEN 'user' ELSE 'server' END AS log,
             CASE WHEN n % 100 = 99 THEN 1 ELSE 1 + rig.spread(n, {servers}) END AS server,
             CASE WHEN n % 100 < 2 THEN 1 WHEN n % 100 = 9 THEN 2 ELSE 2 + rig.spread(n / 3, {users} - 1) END AS account
      FROM generate_series({old_activities} + 1, {activities}) n) made
JOIN rig.users u ON u.n = made.account
LEFT JOIN rig.servers s ON made.log = 'server' AND s.n = made.server
