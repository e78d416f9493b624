use std::time::{Duration, Instant};

use panel_storage::consistency::{RevocationKind, Revocations};
use panel_storage::{Db, Error, StorageOptions};
use scoped_futures::ScopedFutureExt;
use uuid::Uuid;

use crate::support::{Setup, eventually, open, setup};

async fn revoke(db: &Db, kind: RevocationKind, subject: Uuid) {
    db.write(|tx| {
        async move {
            tx.revoke(kind, subject);
            Ok::<_, Error>(())
        }
        .scope_boxed()
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_was_loaded_before_a_revocation_is_no_longer_valid() {
    let Setup { db, database } = setup().await;
    let here = Revocations::new(open(&database));
    let (user, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    here.step().await.unwrap();
    let mark = here.mark();
    revoke(&db, RevocationKind::User, user).await;
    here.step().await.unwrap();
    assert!(here.revoked_since(RevocationKind::User, user, mark));
    assert!(!here.revoked_since(RevocationKind::User, other, mark));
    assert!(!here.revoked_since(RevocationKind::Session, user, mark));
    let reloaded = here.mark();
    here.step().await.unwrap();
    assert!(
        !here.revoked_since(RevocationKind::User, user, reloaded),
        "a row counts once"
    );
    revoke(&db, RevocationKind::User, user).await;
    here.step().await.unwrap();
    assert!(here.revoked_since(RevocationKind::User, user, reloaded));
}

#[tokio::test]
async fn what_was_issued_after_a_revocation_stands() {
    let Setup { db, database } = setup().await;
    let here = Revocations::new(db.clone());
    let client = database.connect().await;
    let clock = async || {
        let now = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        let micros: i64 = client.query_one(now, &[]).await.unwrap().get(0);
        chrono::DateTime::from_timestamp_micros(micros).unwrap()
    };
    let subject = Uuid::from_u128(1);
    let before = clock().await;
    revoke(&db, RevocationKind::Session, subject).await;
    here.step().await.unwrap();
    assert!(here.is_revoked(RevocationKind::Session, subject, before));
    assert!(!here.is_revoked(RevocationKind::Session, subject, clock().await));
}

#[tokio::test]
async fn after_a_second_without_a_reading_authority_is_unknown() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let here = Revocations::new(db);
    assert!(!here.is_current(Instant::now()), "nothing was read yet");
    let before = Instant::now();
    here.step().await.unwrap();
    assert!(here.is_current(before));
    assert!(!here.is_current(Instant::now() + Duration::from_secs(2)));

    let away = Db::new(StorageOptions::new(
        "postgres://nobody@127.0.0.1:1/none",
        "",
        b"",
    ))
    .unwrap();
    let blind = Revocations::new(away);
    assert!(blind.step().await.is_err());
    assert!(!blind.is_current(Instant::now()));
}

#[tokio::test]
async fn the_reader_runs_by_itself() {
    let Setup { db, database } = setup().await;
    let here = Revocations::new(open(&database));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(here.clone().run(async {
        stopped.await.ok();
    }));
    let mark = here.mark();
    let node = Uuid::from_u128(7);
    revoke(&db, RevocationKind::Node, node).await;
    eventually("the revocation is known", async || {
        here.revoked_since(RevocationKind::Node, node, mark)
    })
    .await;
    stop.send(()).unwrap();
    running.await.unwrap();
}
