//! An installation with people in it, written in bulk: users with a session each, and servers of theirs.

use panel_secrets::{HashingLimits, KeyRing, NodeToken, PasswordHasher, RowBinding, SessionToken};
use tokio_postgres::Client;

use super::Outcome;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Users, each with one session.
    pub(crate) users: usize,
    /// Servers of each user.
    pub(crate) servers_each: usize,
}

/// A user who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The username.
    pub(crate) name: String,
    /// The value of the session's cookie.
    pub(crate) session: String,
    /// The ids of the servers.
    pub(crate) servers: Vec<String>,
}

/// A node, at an address where nobody answers.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What its daemon shows after `Bearer `.
    pub(crate) bearer: String,
}

/// Gives every node a token, in the order of their names.
///
/// # Errors
/// The database is not as [`fill`] leaves it.
pub(crate) async fn give_tokens(client: &Client, encryption_key: &str) -> Outcome<Vec<Node>> {
    let none: &[&str] = &[];
    let keys = KeyRing::new(encryption_key, none)?;
    let mut nodes = Vec::new();
    for row in client
        .query(
            "SELECT id::text, uuid_send(id) FROM nodes ORDER BY name",
            &[],
        )
        .await?
    {
        let (id, bytes): (String, Vec<u8>) = (row.get(0), row.get(1));
        let token = NodeToken::generate();
        let binding = RowBinding::new("nodes", "token", &bytes);
        let sealed = keys.seal(token.secret().expose(), binding).into_bytes();
        client
            .execute(
                "UPDATE nodes SET token_id = $1, token = $2 WHERE id::text = $3",
                &[&token.id(), &sealed, &id],
            )
            .await?;
        nodes.push(Node {
            bearer: format!("{}.{}", token.id(), token.secret().expose()),
        });
    }
    Ok(nodes)
}

/// Fills a migrated database, in which there is nobody yet, and gives its users.
///
/// # Errors
/// The database is not as the migrations leave it.
pub(crate) async fn fill(client: &Client, size: Size) -> Outcome<Vec<Person>> {
    let hash = PasswordHasher::new(HashingLimits::default())
        .hash(PASSWORD)
        .await?;
    let tokens: Vec<SessionToken> = (0..size.users).map(|_| SessionToken::generate()).collect();
    let hashes: Vec<Vec<u8>> = tokens
        .iter()
        .map(|token| token.hash().as_bytes().to_vec())
        .collect();
    client.batch_execute(SURROUNDINGS).await?;
    let users = i32::try_from(size.users)?;
    let servers_each = i32::try_from(size.servers_each)?;
    client.execute(USERS, &[&users, &hash]).await?;
    client.execute(SESSIONS, &[&hashes]).await?;
    client
        .execute(ALLOCATIONS, &[&users, &servers_each])
        .await?;
    client.batch_execute("BEGIN").await?;
    client.execute(SERVERS, &[]).await?;
    client.execute(SERVER_ALLOCATIONS, &[]).await?;
    client.batch_execute("COMMIT; ANALYZE").await?;
    let rows = client.query(SERVERS_OF_USERS, &[]).await?;
    let people = rows.iter().zip(tokens).map(|(row, token)| Person {
        name: row.get(0),
        session: token.expose().to_owned(),
        servers: row.get(1),
    });
    Ok(people.collect())
}

/// Limits that nobody meets, a finished setup, a place to run in, and something to run. The egg is of the size that published ones have.
const SURROUNDINGS: &str = r#"
INSERT INTO settings (key, value, updated_at)
    SELECT 'ratelimits::' || name, '{"hits": 1000000000, "window_seconds": 60}', now()
    FROM unnest(ARRAY['client', 'auth_login']) name;
UPDATE setup SET account_created_at = now(), finished_at = now();
INSERT INTO locations (id, name, description, flag, created_at)
    VALUES (gen_random_uuid(), 'Falkenstein', 'The data centre in the east', 'de', now());
INSERT INTO nodes (id, location_id, name, url, public_url, memory_mib, disk_mib, token_id, token, created_at)
    SELECT gen_random_uuid(), id, 'Node ' || n, 'http://127.0.0.1:9', 'https://node' || n || '.example.com:8080',
           262144, 4194304, lpad(n::text, 16, '0'), '\x00', now()
    FROM locations, generate_series(1, 4) n;
INSERT INTO nests (id, name, author, created_at) VALUES (gen_random_uuid(), 'Minecraft', 'author@example.com', now());
INSERT INTO eggs (id, nest_id, name, author, description, startup_commands, docker_images, features, created_at)
    SELECT gen_random_uuid(), id, 'Paper ' || n, 'author@example.com',
           'A server that many people play on, quick and with plugins, for those who want to change what they play.',
           '{"Default": "java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar {{SERVER_JARFILE}}"}',
           '{"Java 21": "ghcr.io/example/yolks:java_21", "Java 17": "ghcr.io/example/yolks:java_17", "Java 8": "ghcr.io/example/yolks:java_8"}',
           '{eula,java_version,pid_limit}', now()
    FROM nests, generate_series(1, 3) n;
"#;

const USERS: &str = "
INSERT INTO users (id, username, email, name_first, name_last, password_hash, created_at)
    SELECT gen_random_uuid(), 'person' || n, 'person' || n || '@example.com', 'Given', 'Family', $2,
           now() + n * interval '1 millisecond'
    FROM generate_series(1, $1) n";

const SESSIONS: &str = "
INSERT INTO sessions (id, user_id, secret_hash, ip, user_agent, last_used_at, created_at)
    SELECT gen_random_uuid(), u.id, s.hash, '127.0.0.1', 'rig', now(), now()
    FROM unnest($1::bytea[]) WITH ORDINALITY s (hash, n)
    JOIN (SELECT id, row_number() OVER (ORDER BY created_at) AS n FROM users) u USING (n)";

/// One for each server that is to be, named after its owner's number, on the nodes in turn.
const ALLOCATIONS: &str = "
INSERT INTO allocations (id, node_id, ip, port, ip_alias, created_at)
    SELECT gen_random_uuid(), node.id, ('10.0.' || (n / 200) % 250 || '.' || n % 200 + 1)::inet, 20000 + s,
           'play.example.com', now() + (n * $2 + s) * interval '1 microsecond'
    FROM generate_series(1, $1) n, generate_series(1, $2) s,
         LATERAL (SELECT id FROM nodes ORDER BY name OFFSET s % 4 LIMIT 1) node";

const SERVERS: &str = "
INSERT INTO servers (id, node_id, allocation_id, owner_id, egg_id, name, description, memory_mib, swap_mib, disk_mib,
                     cpu_percent, startup, image, allocation_limit, backup_limit, schedule_limit, installed_at, created_at)
    SELECT gen_random_uuid(), a.node_id, a.id, u.id, e.id, 'Server ' || a.n, 'Where friends meet in the evening',
           4096, 0, 20480, 200,
           'java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar server.jar',
           'ghcr.io/example/yolks:java_21', 3, 5, 5, now(), a.created_at
    FROM (SELECT *, row_number() OVER (ORDER BY created_at) - 1 AS n FROM allocations) a
    JOIN (SELECT id, row_number() OVER (ORDER BY created_at) - 1 AS n, count(*) OVER () AS people FROM users) u
        ON u.n = a.n / ((SELECT count(*) FROM allocations) / u.people)
    JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS n FROM eggs) e ON e.n = a.n % 3";

const SERVER_ALLOCATIONS: &str = "
INSERT INTO server_allocations (allocation_id, server_id, node_id, created_at)
    SELECT allocation_id, id, node_id, now() FROM servers";

const SERVERS_OF_USERS: &str = "
SELECT u.username, coalesce(array_agg(s.id::text ORDER BY s.created_at) FILTER (WHERE s.id IS NOT NULL), '{}')
    FROM users u LEFT JOIN servers s ON s.owner_id = u.id
    GROUP BY u.id ORDER BY u.created_at";
