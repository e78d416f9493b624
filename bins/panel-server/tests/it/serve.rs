//! The server as a process: it starts from the environment alone, answers, and drains.

use panel_test_db::{TestDatabase, TestRedis};

use crate::process::{Running, free_port, get, run, run_with_input, text};

const KEY: &str = "0123456789abcdef0123456789abcdef";

struct Ports {
    http: u16,
    ops: u16,
}

fn environment<'a>(
    database: &'a str,
    redis: &'a str,
    ports: &'a [String; 2],
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("DATABASE_URL", database),
        ("REDIS_URL", redis),
        ("APP_ENCRYPTION_KEY", KEY),
        ("BIND", "127.0.0.1"),
        ("PORT", &ports[0]),
        ("APP_OPS_PORT", &ports[1]),
        ("APP_DRAIN_SECONDS", "0"),
    ]
}

fn ports() -> (Ports, [String; 2]) {
    let ports = Ports {
        http: free_port(),
        ops: free_port(),
    };
    let texts = [ports.http.to_string(), ports.ops.to_string()];
    (ports, texts)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_and_stops_in_order() {
    let database = TestDatabase::migrated().await;
    let redis = TestRedis::start().await;
    let (ports, texts) = ports();
    let redis_url = redis.url().to_owned();
    let environment = environment(database.url(), &redis_url, &texts);
    let mut server = Running::start(&environment, &["serve"], "Answering requests");
    assert!(get(ports.http, "/health/live").contains("200 OK"));
    assert!(get(ports.ops, "/health/live").contains("200 OK"));
    assert!(get(ports.ops, "/health/ready").contains("200 OK"));
    let anonymous = get(ports.http, "/api/client/permissions");
    assert!(anonymous.contains("401 Unauthorized"), "{anonymous}");
    assert!(
        anonymous.contains("\"code\":\"unauthenticated\""),
        "{anonymous}"
    );
    let setup = get(ports.http, "/api/setup");
    assert!(setup.contains("\"step\":\"account\""), "{setup}");
    assert!(get(ports.ops, "/metrics").contains("http_requests_total"));
    assert!(!get(ports.http, "/metrics").contains("http_requests_total"));
    server.terminate();
    assert!(server.wait());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_without_redis() {
    let database = TestDatabase::migrated().await;
    let (ports, texts) = ports();
    let environment = environment(database.url(), "redis://127.0.0.1:1", &texts);
    let mut server = Running::start(&environment, &["serve"], "Answering requests");
    assert!(get(ports.http, "/health/live").contains("200 OK"));
    server.terminate();
    assert!(server.wait());
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_and_doctor_agree() {
    let database = TestDatabase::empty().await;
    let (_, texts) = ports();
    let environment = environment(database.url(), "redis://127.0.0.1:1", &texts);
    let doctor = run(&environment, &["doctor"]);
    assert!(!doctor.status.success());
    let report = text(&doctor.stdout);
    assert!(report.contains("panel-server migrate"), "{report}");
    assert!(run(&environment, &["migrate"]).status.success());
    assert!(text(&run(&environment, &["migrate"]).stdout).contains("applied already"));
    let doctor = run(&environment, &["doctor"]);
    let report = text(&doctor.stdout);
    assert!(doctor.status.success(), "{report}");
    assert!(
        report.contains("the shared cache does not answer"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lets_somebody_in_again() {
    let database = TestDatabase::migrated().await;
    let (_, texts) = ports();
    let environment = environment(database.url(), "redis://127.0.0.1:1", &texts);
    let create = [
        "user",
        "create",
        "--username",
        "locked",
        "--email",
        "locked@example.com",
    ];
    let made = run_with_input(&environment, &create, "correct horse battery\n");
    assert!(made.status.success(), "{}", text(&made.stderr));
    let client = database.connect().await;
    let row = async || {
        let row = "SELECT password_hash, totp_enabled FROM users";
        let row = client.query_one(row, &[]).await.unwrap();
        (row.get::<_, String>(0), row.get::<_, bool>(1))
    };
    let (before, _) = row().await;
    let password = ["user", "password", "--user", "LOCKED@example.com"];
    let changed = run_with_input(&environment, &password, "another good one\n");
    assert!(changed.status.success(), "{}", text(&changed.stderr));
    assert_ne!(row().await.0, before);

    let off = ["user", "disable-two-factor", "--user", "locked"];
    let refused = run(&environment, &off);
    assert!(text(&refused.stderr).contains("off already"));
    let set = "UPDATE users SET totp_enabled = true, totp_secret = 'sealed'";
    client.execute(set, &[]).await.unwrap();
    let done = run(&environment, &off);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(!row().await.1);
    let nobody = ["user", "disable-two-factor", "--user", "nobody"];
    let nobody = run(&environment, &nobody);
    assert!(text(&nobody.stderr).contains("user not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_is_made_from_the_command_line() {
    let database = TestDatabase::migrated().await;
    let (ports, texts) = ports();
    let environment = environment(database.url(), "redis://127.0.0.1:1", &texts);
    let arguments = [
        "user",
        "create",
        "--admin",
        "--username",
        "boss",
        "--email",
        "boss@example.com",
    ];
    let refused = run_with_input(&environment, &arguments, "\n");
    assert!(text(&refused.stderr).contains("no password"));
    let made = run_with_input(&environment, &arguments, "correct horse battery\n");
    assert!(made.status.success(), "{}", text(&made.stderr));
    let again = run_with_input(&environment, &arguments, "correct horse battery\n");
    assert!(
        text(&again.stderr).contains("username"),
        "{}",
        text(&again.stderr)
    );
    let server = Running::start(&environment, &["serve"], "Answering requests");
    let setup = get(ports.http, "/api/setup");
    assert!(setup.contains("\"step\":\"location\""), "{setup}");
    drop(server);
    let nobody = run(
        &environment,
        &["node", "config", "00000000-0000-4000-8000-000000000000"],
    );
    assert!(
        text(&nobody.stderr).contains("node not found"),
        "{}",
        text(&nobody.stderr)
    );
}
