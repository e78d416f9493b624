use std::time::{Duration, Instant};

use panel_storage::consistency::{Mark, Revocation, RevocationKind, Revocations};
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

/// The first mark that covers what was revoked: not before all transactions of the server are over that ran at the same time.
async fn mark_after(revocations: &Revocations, kind: RevocationKind, subject: Uuid) -> Mark {
    eventually("the mark has passed the revocation", async || {
        revocations.step().await.unwrap();
        !revocations.revoked_since(kind, subject, revocations.mark())
    })
    .await;
    revocations.mark()
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
    let reloaded = mark_after(&here, RevocationKind::User, user).await;
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
async fn what_another_process_loaded_can_be_judged() {
    let Setup { db, database } = setup().await;
    let (here, there) = (
        Revocations::new(db.clone()),
        Revocations::new(open(&database)),
    );
    let subject = Uuid::from_u128(1);
    there.step().await.unwrap();
    let before = there.mark();
    revoke(&db, RevocationKind::Session, subject).await;
    let after = mark_after(&there, RevocationKind::Session, subject).await;
    here.step().await.unwrap();
    assert!(here.revoked_since(RevocationKind::Session, subject, before));
    assert!(!here.revoked_since(RevocationKind::Session, subject, after));
}

#[tokio::test]
async fn the_own_revocation_holds_before_it_is_read() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let here = Revocations::new(db.clone());
    here.step().await.unwrap();
    let (mark, subject) = (here.mark(), Uuid::from_u128(1));
    let revocation = Revocation {
        kind: RevocationKind::User,
        subject,
    };
    revoke(&db, RevocationKind::User, subject).await;
    here.note(revocation);
    assert!(here.revoked_since(RevocationKind::User, subject, mark));
    let reloaded = mark_after(&here, RevocationKind::User, subject).await;
    assert!(here.revoked_since(RevocationKind::User, subject, mark));
    assert!(!here.revoked_since(RevocationKind::User, subject, reloaded));
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
