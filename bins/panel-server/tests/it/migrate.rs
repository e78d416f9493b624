//! migrations by several instances, interrupted ones, and tables in use.

use std::process::Stdio;

use panel_test_db::TestDatabase;
use panel_testkit::eventually;
use tempfile::TempDir;

use crate::process::{Running, command, run, text};

fn environment(database: &TestDatabase) -> [(&str, &str); 3] {
    [
        ("DATABASE_URL", database.url()),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("APP_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
    ]
}

/// `panel-server migrate`, five times at once; what was applied by all of them together.
fn five_at_once(database: &TestDatabase) -> Vec<String> {
    let environment = environment(database);
    let folder = TempDir::new().unwrap();
    let instances: Vec<_> = (0..5)
        .map(|_| {
            let mut command = command(&folder, &environment);
            let command = command.arg("migrate").stdout(Stdio::piped());
            command.stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut applied = Vec::new();
    for instance in instances {
        let output = instance.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lines = text(&output.stdout);
        let names = lines
            .lines()
            .filter_map(|line| line.strip_prefix("Applied: "));
        applied.extend(names.map(ToOwned::to_owned));
    }
    applied
}

#[tokio::test(flavor = "multi_thread")]
async fn five_processes_migrate_an_empty_database_once() {
    let database = TestDatabase::empty().await;
    let applied = five_at_once(&database);
    let mut once = applied.clone();
    once.sort();
    once.dedup();
    assert!(once.len() > 5, "{applied:?}");
    assert_eq!(applied.len(), once.len(), "{applied:?}");
    let doctor = run(&environment(&database), &["migrate", "--pending"]);
    assert!(text(&doctor.stdout).contains("Everything is applied"));
}

/// Until somebody who migrates waits for a lock.
async fn until_one_waits(database: &TestDatabase) {
    let client = database.connect().await;
    eventually("a migration to wait for a lock", async || {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock' AND query LIKE '%__diesel_schema_migrations%'";
        client
            .query_one(waiting, &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
            > 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_it_is_done_by_the_next() {
    let database = TestDatabase::migrated().await;
    let back = run(&environment(&database), &["migrate", "--down", "2"]);
    assert!(back.status.success(), "{}", text(&back.stderr));
    // Whoever migrates has made the tables and waits for this lock before it can say so.
    let mut holder = database.connect().await;
    let hold = holder.transaction().await.unwrap();
    hold.batch_execute("LOCK TABLE __diesel_schema_migrations IN SHARE MODE")
        .await
        .unwrap();
    let environment = environment(&database);
    let mut first = Running::begin(&environment, &["migrate"]);
    until_one_waits(&database).await;
    first.kill();
    let mut second = Running::begin(&environment, &["migrate"]);
    // Longer than one attempt waits: it lets go, and comes back.
    second.until("is tried again");
    until_one_waits(&database).await;
    hold.rollback().await.unwrap();
    assert!(second.wait());
    assert_eq!(five_at_once(&database), [""; 0], "nothing is left to do");
    let pending = run(&environment, &["migrate", "--pending"]);
    assert!(text(&pending.stdout).contains("Everything is applied"));
}
