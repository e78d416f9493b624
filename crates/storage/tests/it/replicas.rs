//! Reading from real replicas: paused, hung, gone, promoted; and what becomes of the primary's part.

use std::time::Duration;

use diesel::prelude::*;
use panel_storage::consistency::{PositionSource, RevocationKind, Revocations, Watermark, epoch};
use panel_storage::{
    Db, Error, Freshness, Position, Probe, ReadConn, ReadSql, Readable, Reason, Source,
    StorageOptions,
};
use panel_test_db::{TestDatabase, TestPostgres};
use scoped_futures::ScopedFutureExt;

use crate::log::Notes;
use crate::support::{FRUITS, eventually, fruits};

/// A primary and a replica of the test's own, with one table to play with.
struct Cluster {
    primary: TestPostgres,
    replica: TestPostgres,
    database: TestDatabase,
}

async fn cluster() -> Cluster {
    let primary = TestPostgres::start_private().await;
    let database = TestDatabase::migrated_on(&primary).await;
    database
        .connect()
        .await
        .batch_execute(FRUITS)
        .await
        .unwrap();
    let replica = primary.replica().await;
    replica.catch_up(&primary).await;
    Cluster {
        primary,
        replica,
        database,
    }
}

impl Cluster {
    fn options(&self) -> StorageOptions {
        let read = self.database.url_on(&self.replica);
        let mut options = StorageOptions::new(self.database.url(), &read, b"a secret for tests");
        // A busy machine is not to be taken for a dead server.
        options.primary_patience = Duration::from_secs(2);
        options.replica_patience = Duration::from_secs(2);
        options
    }

    fn db(&self) -> Db {
        Db::new(self.options()).unwrap()
    }
}

async fn add(db: &Db, name: &'static str) -> Result<Position, Error> {
    let written = db.write(|tx| {
        async move {
            tx.execute(
                diesel::insert_into(fruits::table)
                    .values((fruits::name.eq(name), fruits::amount.eq(1))),
            )
            .await
        }
        .scope_boxed()
    });
    Ok(written.await?.position)
}

async fn names(conn: &mut ReadConn) -> Vec<String> {
    conn.load(fruits::table.select(fruits::name).order(fruits::id))
        .await
        .unwrap()
}

async fn source(db: &Db, freshness: Freshness) -> Option<Source> {
    Some(db.read(freshness).await.ok()?.source())
}

#[tokio::test]
async fn own_writes_are_read_while_the_replica_lags() {
    let cluster = cluster().await;
    let db = cluster.db();
    cluster.replica.pause_replay().await;
    let written = add(&db, "cherry").await.unwrap();

    let mut own = db.read(Freshness::AtLeast(written)).await.unwrap();
    assert_eq!(
        (own.source(), own.route().reason),
        (Source::Primary, Reason::Behind)
    );
    assert!(names(&mut own).await.contains(&"cherry".to_owned()));
    let mut other = db.read(Freshness::Any).await.unwrap();
    assert_eq!(
        (other.source(), other.route().reason),
        (Source::Replica, Reason::Fresh)
    );
    assert!(!names(&mut other).await.contains(&"cherry".to_owned()));
    // What was looked up and not found is asked again.
    let cherry = fruits::table
        .filter(fruits::name.eq("cherry"))
        .select(fruits::name);
    let found: Option<String> = other.optional(cherry).await.unwrap();
    assert_eq!(found.as_deref(), Some("cherry"));
    assert_eq!(
        (other.source(), other.route().reason),
        (Source::Primary, Reason::NotFound)
    );

    cluster.replica.resume_replay().await;
    // Another write: what was sampled after the own one may include a record that is not on disk yet.
    add(&db, "date").await.unwrap();
    eventually("the replica answers", async || {
        source(&db, Freshness::AtLeast(written)).await == Some(Source::Replica)
    })
    .await;
    let mut own = db.read(Freshness::AtLeast(written)).await.unwrap();
    assert!(names(&mut own).await.contains(&"cherry".to_owned()));
}

#[tokio::test]
async fn a_replica_that_fails_in_the_middle_costs_no_error_and_comes_back() {
    let mut cluster = cluster().await;
    let mut options = cluster.options();
    options.replica_patience = Duration::from_millis(400);
    let db = Db::new(options).unwrap();
    let mut probe = Probe::new(db.clone());
    eventually("the replica answers", async || {
        probe.step().await.unwrap();
        source(&db, Freshness::Any).await == Some(Source::Replica)
    })
    .await;

    let mut conn = db.read(Freshness::Any).await.unwrap();
    cluster.replica.hang();
    assert_eq!(names(&mut conn).await, ["apple", "banana"]);
    assert_eq!(
        (conn.source(), conn.route().reason),
        (Source::Primary, Reason::ReplicaFailed)
    );
    assert_eq!(source(&db, Freshness::Any).await, Some(Source::Primary));
    cluster.replica.resume();
    eventually("it is asked again", async || {
        probe.step().await.unwrap();
        source(&db, Freshness::Any).await == Some(Source::Replica)
    })
    .await;

    cluster.replica.kill().await;
    let mut conn = db.read(Freshness::Any).await.unwrap();
    assert_eq!(names(&mut conn).await, ["apple", "banana"]);
    assert_eq!(conn.source(), Source::Primary);
    probe.step().await.unwrap();
    probe.step().await.unwrap();
    assert!(!db.health()[1].in_use);
    cluster.replica.restart().await;
    eventually("it is asked again", async || {
        probe.step().await.unwrap();
        source(&db, Freshness::Any).await == Some(Source::Replica)
    })
    .await;
}

#[tokio::test]
async fn a_query_that_replay_cancels_is_run_on_the_primary() {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        count: i64,
    }
    let cluster = cluster().await;
    let settings = "ALTER SYSTEM SET max_standby_streaming_delay = 0";
    cluster.replica.execute(settings).await;
    cluster.replica.execute("SELECT pg_reload_conf()").await;
    let db = cluster.db();
    let mut conn = db.read(Freshness::Any).await.unwrap();
    assert_eq!(conn.source(), Source::Replica);
    let slow = tokio::spawn(async move {
        let slow = ReadSql::select(
            "count(*) AS count FROM fruits, \
             (SELECT CASE WHEN pg_is_in_recovery() THEN pg_sleep(60) END) AS slept",
        );
        let rows: Result<Count, _> = conn.first(slow).await;
        (rows.map(|row| row.count), conn.route().reason)
    });
    let (watcher, connection) = tokio_postgres::connect(
        &cluster.database.url_on(&cluster.replica),
        tokio_postgres::NoTls,
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    let count = async |query: &str| -> i64 { watcher.query_one(query, &[]).await.unwrap().get(0) };
    eventually("the query runs", async || {
        count("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").await == 1
    })
    .await;
    let lock = "BEGIN; LOCK TABLE fruits IN ACCESS EXCLUSIVE MODE; COMMIT";
    cluster
        .database
        .connect()
        .await
        .batch_execute(lock)
        .await
        .unwrap();
    let (found, reason) = slow.await.unwrap();
    assert_eq!((found.unwrap(), reason), (2, Reason::ReplicaFailed));
    let conflicts =
        "SELECT sum(confl_lock + confl_snapshot)::bigint FROM pg_stat_database_conflicts";
    eventually("it was a conflict", async || count(conflicts).await == 1).await;
}

#[tokio::test]
async fn without_the_primary_replicas_answer_and_writes_are_refused() {
    let mut cluster = cluster().await;
    let db = cluster.db();
    let mut probe = Probe::new(db.clone());
    let written = add(&db, "cherry").await.unwrap();
    cluster.replica.catch_up(&cluster.primary).await;
    probe.step().await.unwrap();
    cluster.primary.kill().await;

    assert!(matches!(
        add(&db, "date").await,
        Err(Error::Unavailable { .. })
    ));
    assert!(probe.step().await.is_err());
    assert!(!db.accepts_writes());
    assert_eq!(source(&db, Freshness::Any).await, Some(Source::Replica));
    let mut conn = db.read(Freshness::Primary).await.unwrap();
    assert_eq!(conn.route().reason, Reason::PrimaryAway);
    assert_eq!(names(&mut conn).await, ["apple", "banana", "cherry"]);
    assert!(!conn.may_fill_caches().await.unwrap());
    let later = Position {
        lsn: written.lsn + 1_000_000,
        ..written
    };
    let unseen = db.read(Freshness::AtLeast(later)).await;
    assert!(
        unseen.is_err(),
        "nobody has come that far: not even old data is shown"
    );

    // A process that starts now finds out from a replica how positions are told.
    let newcomer = cluster.db();
    assert_eq!(
        source(&newcomer, Freshness::Any).await,
        Some(Source::Replica)
    );

    cluster.primary.restart().await;
    eventually("it is written again", async || {
        probe.step().await.ok();
        add(&db, "date").await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_revocation_of_the_primarys_last_moment_is_read_from_the_replica() {
    let mut cluster = cluster().await;
    let (writer, db) = (cluster.db(), cluster.db());
    Probe::new(db.clone()).step().await.unwrap();
    let revocations = Revocations::new(db);
    revocations.step().await.unwrap();
    let (kind, mark) = (RevocationKind::ApiKey, revocations.mark());
    let key = uuid::Uuid::from_u128(7);
    let revoked = writer.write(|tx| {
        async move {
            tx.revoke(kind, key);
            Ok::<_, Error>(())
        }
        .scope_boxed()
    });
    revoked.await.unwrap();
    cluster.replica.catch_up(&cluster.primary).await;
    cluster.primary.kill().await;

    assert!(!revocations.revoked_since(kind, key, mark));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(revocations.clone().run(async { stopped.await.unwrap() }));
    eventually("the key to be refused", async || {
        revocations.revoked_since(kind, key, mark)
    })
    .await;
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn nothing_is_written_to_a_primary_that_was_replaced() {
    let mut cluster = cluster().await;
    let (old, new) = (
        cluster.database.url().to_owned(),
        cluster.database.url_on(&cluster.replica),
    );
    // One address that names both, as an operator gives it for a primary that moves.
    let address = |url: &str| {
        url.split_once('@')
            .unwrap()
            .1
            .split_once('/')
            .unwrap()
            .0
            .to_owned()
    };
    let both = old.replace(
        &address(&old),
        &format!("{},{}", address(&old), address(&new)),
    );
    let db = Db::new(StorageOptions::new(&both, "", b"a secret for tests")).unwrap();
    // The first write notes the timeline, which the replica gets as well.
    let before = add(&db, "cherry").await.unwrap();
    epoch::observe(&db).await.unwrap();
    cluster.replica.catch_up(&cluster.primary).await;

    cluster.primary.kill().await;
    cluster.replica.promote().await;
    let mut probe = Probe::new(db.clone());
    let mut after = None;
    eventually("the new primary is found", async || {
        probe.step().await.ok();
        after = add(&db, "date").await.ok();
        after.is_some()
    })
    .await;
    let after = after.unwrap();
    assert_eq!(after.epoch, before.epoch + 1);
    assert!(!after.reaches(before));

    cluster.primary.restart().await;
    probe.step().await.unwrap();
    add(&db, "elderberry").await.unwrap();
    let newcomer = Db::new(StorageOptions::new(&both, "", b"a secret for tests")).unwrap();
    add(&newcomer, "fig").await.unwrap();
    // Who knows of the promotion does not take the old one even when it is the only one that answers.
    cluster.replica.kill().await;
    assert!(matches!(
        add(&db, "grape").await,
        Err(Error::Unavailable { .. })
    ));
    let stray = cluster.database.connect().await;
    let rows = stray
        .query("SELECT name FROM fruits ORDER BY id", &[])
        .await
        .unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(rows, ["apple", "banana", "cherry"]);
}

#[tokio::test]
async fn the_last_writer_gets_to_use_the_caches_again() {
    let cluster = cluster().await;
    let db = Db::new(StorageOptions::new(cluster.database.url(), "", b"")).unwrap();
    let mut log = Watermark::new(db.clone(), std::sync::Arc::new(Notes::default()));
    let written = add(&db, "cherry").await.unwrap();
    eventually("the caches reach the write", async || {
        db.await_caches(written);
        log.step().await.unwrap();
        db.caches_reach(written)
    })
    .await;
}

#[tokio::test]
async fn clocks_stand_in_for_positions_that_are_not_shown() {
    let cluster = cluster().await;
    let admin = cluster.database.connect().await;
    admin
        .batch_execute(
            "CREATE ROLE plain LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO plain; \
             GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain; \
             REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM PUBLIC",
        )
        .await
        .unwrap();
    cluster.replica.catch_up(&cluster.primary).await;
    let plain = |url: String| url.replace("postgres://postgres@", "postgres://plain@");
    let mut options = cluster.options();
    options.primary_url = plain(options.primary_url);
    options.read_urls = options.read_urls.into_iter().map(plain).collect();
    options.clock_margin = Duration::from_millis(50);
    let db = Db::new(options).unwrap();
    let positions = db.positions().await.unwrap();
    assert_eq!(positions, PositionSource::Clock { margin: 50_000 });

    cluster.replica.pause_replay().await;
    let written = add(&db, "cherry").await.unwrap();
    epoch::observe(&db).await.unwrap();
    // The replica's own clock goes on while it lags.
    let mut own = db.read(Freshness::AtLeast(written)).await.unwrap();
    assert_eq!(own.source(), Source::Primary);
    assert!(names(&mut own).await.contains(&"cherry".to_owned()));
    cluster.replica.resume_replay().await;
    eventually("the replica answers", async || {
        epoch::observe(&db).await.unwrap();
        source(&db, Freshness::AtLeast(written)).await == Some(Source::Replica)
    })
    .await;
    let mut own = db.read(Freshness::AtLeast(written)).await.unwrap();
    assert!(names(&mut own).await.contains(&"cherry".to_owned()));
}
