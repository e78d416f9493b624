use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use panel_storage::{
    Commit, CommitObserver, Committed, Db, Error, Freshness, ReadSql, Readable, RoundTrips, Source,
    Sql, StorageOptions, Tx,
};
use scoped_futures::ScopedFutureExt;
use tokio::sync::Barrier;

use crate::support::{Setup, fruits, open, setup};

async fn amount_of(conn: &mut impl Readable, name: &str) -> Result<i32, Error> {
    conn.first(
        fruits::table
            .filter(fruits::name.eq(name))
            .select(fruits::amount),
    )
    .await
}

async fn set_amount(tx: &mut Tx, name: &str, amount: i32) -> Result<usize, Error> {
    tx.execute(
        diesel::update(fruits::table.filter(fruits::name.eq(name))).set(fruits::amount.eq(amount)),
    )
    .await
}

async fn set(db: &Db, name: &str, amount: i32) -> Result<Committed<usize>, Error> {
    db.write(|tx| async move { set_amount(tx, name, amount).await }.scope_boxed())
        .await
}

#[tokio::test]
async fn what_was_committed_is_read_and_what_failed_is_not() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let first = set(&db, "apple", 7).await.unwrap();
    assert_eq!(first.value, 1);
    let refused: Result<Committed<()>, Error> = db
        .write(|tx| {
            async move {
                set_amount(tx, "apple", 8).await?;
                assert_eq!(amount_of(tx, "apple").await?, 8);
                Err(Error::NotFound)
            }
            .scope_boxed()
        })
        .await;
    assert!(matches!(refused, Err(Error::NotFound)));
    let mut conn = db.read(Freshness::Any).await.unwrap();
    assert_eq!(amount_of(&mut conn, "apple").await.unwrap(), 7);
    assert!(matches!(
        amount_of(&mut conn, "cherry").await,
        Err(Error::NotFound)
    ));
    assert_eq!(conn.source(), Source::Primary);
    let second = set(&db, "apple", 9).await.unwrap();
    assert!(second.position.reaches(first.position) && !first.position.reaches(second.position));
    let mut conn = db.read(Freshness::AtLeast(second.position)).await.unwrap();
    assert_eq!(amount_of(&mut conn, "apple").await.unwrap(), 9);
}

#[tokio::test]
async fn a_broken_rule_is_named() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let taken = db
        .write(|tx| {
            async move {
                let values = (fruits::name.eq("apple"), fruits::amount.eq(1));
                let insert = diesel::insert_into(fruits::table)
                    .values(values)
                    .returning(fruits::id);
                tx.first::<_, i32>(insert).await
            }
            .scope_boxed()
        })
        .await;
    assert!(taken.unwrap_err().is_conflict_on("fruits_name_key"));
    let negative = set(&db, "apple", -1).await;
    assert!(
        matches!(negative, Err(Error::Check { constraint }) if constraint == "fruits_amount_check")
    );
}

#[tokio::test]
async fn a_swallowed_error_commits_nothing() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let outcome: Result<Committed<()>, Error> = db
        .write(|tx| {
            async move {
                set_amount(tx, "banana", 5).await?;
                assert!(set_amount(tx, "apple", -1).await.is_err());
                Ok(())
            }
            .scope_boxed()
        })
        .await;
    assert!(matches!(outcome, Err(Error::Internal { .. })));
    let mut conn = db.read(Freshness::Any).await.unwrap();
    assert_eq!(amount_of(&mut conn, "banana").await.unwrap(), 2);
}

/// Two serializable transactions that each read what the other writes: one of them must be run again.
#[tokio::test]
async fn a_transaction_that_could_not_be_serialized_is_run_again() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let (barrier, runs) = (Barrier::new(2), AtomicU32::new(0));
    let (barrier, runs) = (&barrier, &runs);
    let transfer = async |from: &'static str, to: &'static str| {
        let attempts = AtomicU32::new(0);
        let attempts = &attempts;
        db.write(|tx| {
            async move {
                runs.fetch_add(1, Ordering::Relaxed);
                tx.execute(Sql::new("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
                    .await?;
                let amount = amount_of(tx, from).await?;
                // Both have read before either writes, the first time.
                if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                    barrier.wait().await;
                }
                set_amount(tx, to, amount).await?;
                Ok::<_, Error>(())
            }
            .scope_boxed()
        })
        .await
    };
    let (one, two) = tokio::join!(transfer("apple", "banana"), transfer("banana", "apple"));
    one.unwrap();
    two.unwrap();
    assert!(runs.load(Ordering::Relaxed) >= 3);
    // In either order the later one copies what the earlier one copied.
    let mut conn = db.read(Freshness::Any).await.unwrap();
    let (apple, banana) = (
        amount_of(&mut conn, "apple").await.unwrap(),
        amount_of(&mut conn, "banana").await.unwrap(),
    );
    assert_eq!(apple, banana);
}

#[tokio::test]
async fn a_deadlock_is_run_again() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let barrier = &Barrier::new(2);
    let change = async |first: &'static str, second: &'static str| {
        let attempts = AtomicU32::new(0);
        let attempts = &attempts;
        db.write(|tx| {
            async move {
                set_amount(tx, first, 10).await?;
                if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                    barrier.wait().await;
                }
                set_amount(tx, second, 20).await?;
                Ok::<_, Error>(())
            }
            .scope_boxed()
        })
        .await
    };
    let (one, two) = tokio::join!(change("apple", "banana"), change("banana", "apple"));
    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn a_transaction_of_n_statements_costs_n_plus_one_round_trips() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let change = async || {
        db.write(|tx| {
            async move {
                set_amount(tx, "apple", 3).await?;
                set_amount(tx, "banana", 4).await?;
                tx.invalidate("fruit:apple");
                tx.revoke(
                    panel_storage::consistency::RevocationKind::User,
                    uuid::Uuid::from_u128(1),
                );
                Ok::<_, Error>(())
            }
            .scope_boxed()
        })
        .await
        .unwrap();
    };
    // Connects (twice: the first commit of all notes the timeline), prepares, and learns what positions are made of.
    for _ in 0..3 {
        change().await;
    }
    let before = db.round_trips();
    change().await;
    let after = db.round_trips();
    let expected = RoundTrips {
        primary: before.primary + 3,
        ..before
    };
    assert_eq!(after, expected);

    let mut conn = db.read(Freshness::Any).await.unwrap();
    let raw = || {
        ReadSql::select("name FROM fruits WHERE amount = ").bind::<diesel::sql_types::Integer, _>(3)
    };
    #[derive(diesel::QueryableByName)]
    struct Name {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    assert_eq!(conn.first::<_, Name>(raw()).await.unwrap().name, "apple");
    let before = db.round_trips();
    conn.first::<_, Name>(raw()).await.unwrap();
    assert_eq!(
        db.round_trips(),
        RoundTrips {
            primary: before.primary + 1,
            ..before
        }
    );
}

#[tokio::test]
async fn commits_are_told_with_what_they_changed() {
    #[derive(Default)]
    struct Told(Mutex<Vec<Commit>>);
    impl CommitObserver for Told {
        fn committed(&self, commit: &Commit) {
            self.0.lock().unwrap().push(commit.clone());
        }
    }
    let Setup { db, database } = setup().await;
    let told = Arc::new(Told::default());
    assert!(db.observe_commits(told.clone()));
    let committed = db
        .write(|tx| {
            async move {
                tx.invalidate("it's \\ \"quoted\" ☃");
                Ok::<_, Error>(())
            }
            .scope_boxed()
        })
        .await
        .unwrap();
    let told = told.0.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].position, committed.position);
    assert_eq!(told[0].keys, ["it's \\ \"quoted\" ☃"]);
    let client = database.connect().await;
    let row = client
        .query_one("SELECT key FROM cache_invalidations", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), told[0].keys[0]);
}

#[tokio::test]
async fn a_request_that_is_dropped_in_the_middle_leaves_no_transaction_behind() {
    let Setup { db, database } = setup().await;
    let reached = tokio::sync::Notify::new();
    let reached = &reached;
    let unfinished = db.write(|tx| {
        async move {
            set_amount(tx, "apple", 99).await?;
            reached.notify_one();
            std::future::pending::<Result<(), Error>>().await
        }
        .scope_boxed()
    });
    tokio::select! {
        _ = unfinished => panic!("it never ends"),
        () = reached.notified() => {}
    }
    // The row's lock is free, and the amount is the old one: nothing was committed with somebody else's COMMIT.
    let seen = set(&open(&database), "banana", 1).await;
    seen.unwrap();
    set(&db, "banana", 3).await.unwrap();
    let mut conn = db.read(Freshness::Any).await.unwrap();
    assert_eq!(amount_of(&mut conn, "apple").await.unwrap(), 1);
}

#[tokio::test]
async fn without_a_database_everything_is_unavailable_at_once() {
    // Nobody listens on port 1.
    let options = StorageOptions::new("postgres://nobody@127.0.0.1:1/none", "", b"");
    let db = Db::new(options).unwrap();
    assert!(matches!(
        db.read(Freshness::Any).await,
        Err(Error::Unavailable { .. })
    ));
    assert!(!db.accepts_writes());
    assert!(matches!(
        set(&db, "apple", 1).await,
        Err(Error::Unavailable { .. })
    ));
}

#[tokio::test]
async fn a_connection_that_was_cut_is_replaced_unnoticed() {
    let Setup { db, database } = setup().await;
    set(&db, "apple", 5).await.unwrap();
    let client = database.connect().await;
    client
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'roost'",
            &[],
        )
        .await
        .unwrap();
    set(&db, "apple", 6).await.unwrap();
}
