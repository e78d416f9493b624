use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use panel_storage::consistency::{Invalidation, InvalidationSink, SinkError, Watermark, watermark};
use panel_storage::{Db, Error, Freshness, Position};
use scoped_futures::ScopedFutureExt;

use crate::support::{Setup, eventually, open, setup};

/// A cache that writes down what it is told.
#[derive(Default)]
pub(crate) struct Notes {
    told: Mutex<Vec<String>>,
    refuses: Mutex<bool>,
    reached: Mutex<Option<Position>>,
}

impl Notes {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

impl InvalidationSink for Notes {
    fn apply<'a>(
        &'a self,
        invalidation: Invalidation<'a>,
        _seen: Position,
    ) -> BoxFuture<'a, Result<(), SinkError>> {
        if *self.refuses.lock().unwrap() {
            return async { Err(SinkError::from("no shared tier")) }.boxed();
        }
        match invalidation {
            Invalidation::Keys(keys) => self
                .told
                .lock()
                .unwrap()
                .extend(keys.iter().map(|row| row.key.clone())),
            Invalidation::Everything => self.told.lock().unwrap().push("everything".to_owned()),
        }
        async { Ok(()) }.boxed()
    }

    fn came_to(&self, watermark: Position) -> BoxFuture<'_, ()> {
        *self.reached.lock().unwrap() = Some(watermark);
        async {}.boxed()
    }
}

async fn invalidate(db: &Db, key: &'static str) -> Position {
    let committed = db.write(|tx| {
        async move {
            tx.invalidate(key);
            Ok::<_, Error>(())
        }
        .scope_boxed()
    });
    committed.await.unwrap().position
}

fn follow(db: &Db) -> (Arc<Notes>, Watermark) {
    let notes = Arc::new(Notes::default());
    (notes.clone(), Watermark::new(db.clone(), notes))
}

#[tokio::test]
async fn an_invalidation_is_told_once_and_then_the_watermark_passes_it() {
    let Setup { db, database } = setup().await;
    let (notes, mut log) = follow(&db);
    let writer = open(&database);
    let first = invalidate(&writer, "a").await;
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["a"]);
    assert_eq!(*notes.reached.lock().unwrap(), db.watermark());
    let second = invalidate(&writer, "b").await;
    assert!(!db.caches_reach(second));
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["b"]);
    // A sample of the primary vouches for less than itself, so that something must have been written since.
    invalidate(&writer, "c").await;
    log.step().await.unwrap();
    assert!(db.caches_reach(first) && db.caches_reach(second));
    assert_eq!(notes.take(), ["c"]);
}

#[tokio::test]
async fn a_late_committer_is_seen() {
    let Setup { db, database } = setup().await;
    let (notes, mut log) = follow(&db);
    let mut late = database.connect().await;
    let late = late.transaction().await.unwrap();
    late.execute("INSERT INTO cache_invalidations (key) VALUES ('late')", &[])
        .await
        .unwrap();
    // It has the lower id and the lower transaction number, and commits after the other was told.
    invalidate(&db, "early").await;
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["early"]);
    late.commit().await.unwrap();
    log.step().await.unwrap();
    assert!(notes.take().contains(&"late".to_owned()));
}

#[tokio::test]
async fn a_cache_that_could_not_follow_is_told_again_and_holds_the_watermark() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let (notes, mut log) = follow(&db);
    log.step().await.unwrap();
    let before = db.watermark();
    *notes.refuses.lock().unwrap() = true;
    let written = invalidate(&db, "a").await;
    assert!(matches!(log.step().await, Err(Error::Unavailable { .. })));
    assert_eq!(db.watermark(), before);
    *notes.refuses.lock().unwrap() = false;
    invalidate(&db, "b").await;
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["a", "b"]);
    assert!(db.caches_reach(written));
}

#[tokio::test]
async fn who_fell_behind_the_log_empties_his_caches() {
    let Setup { db, database } = setup().await;
    let (notes, mut log) = follow(&db);
    log.step().await.unwrap();
    invalidate(&db, "missed").await;
    let client = database.connect().await;
    let later: DateTime<Utc> = {
        let row = client
            .query_one(
                "SELECT (extract(epoch FROM now() + interval '2 hours'))::bigint",
                &[],
            )
            .await
            .unwrap();
        DateTime::from_timestamp(row.get(0), 0).unwrap()
    };
    let trimmed = db.write(|tx| async move { watermark::trim(tx, later).await }.scope_boxed());
    assert_eq!(trimmed.await.unwrap().value, 1);
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["everything"]);
}

#[tokio::test]
async fn another_timeline_is_another_epoch() {
    let Setup { db, database } = setup().await;
    let (notes, mut log) = follow(&db);
    let before = invalidate(&db, "a").await;
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["a"]);
    // As if the timeline had been another so far: what a promoted replica looks like.
    let client = database.connect().await;
    client
        .execute("UPDATE db_epoch SET timeline = timeline + 1", &[])
        .await
        .unwrap();
    let after = invalidate(&db, "b").await;
    assert_eq!(after.epoch, before.epoch + 1);
    assert!(!after.reaches(before) && !before.reaches(after));
    log.step().await.unwrap();
    assert_eq!(notes.take(), ["everything"]);
    assert!(!db.caches_reach(before));
    // No replica can vouch for the old epoch, so the primary answers.
    db.read(Freshness::AtLeast(before)).await.unwrap();
}

#[tokio::test]
async fn the_follower_runs_until_it_is_told_to_stop() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let (notes, log) = follow(&db);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(log.run(async {
        stopped.await.ok();
    }));
    invalidate(&db, "a").await;
    eventually("the key is told", async || notes.take() == ["a"]).await;
    stop.send(()).unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn a_token_leads_to_a_reading_of_the_own_write() {
    let Setup { db, database } = setup().await;
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let position = invalidate(&db, "a").await;
    let token = db.tokens().sign(position, "user:1", now);
    let elsewhere = open(&database);
    let wanted = elsewhere.tokens().read(&token, "user:1", now).unwrap();
    assert_eq!(wanted, position);
    assert!(!elsewhere.caches_reach(wanted));
    elsewhere.read(Freshness::AtLeast(wanted)).await.unwrap();
}
