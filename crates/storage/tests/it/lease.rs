use std::time::{Duration, Instant};

use panel_storage::lease::{Candidate, Lease, Renewal};
use panel_storage::{Committed, Db, Error};
use scoped_futures::ScopedFutureExt;
use uuid::Uuid;

use crate::support::{Setup, setup};

fn candidate(owner: u128, priority: i32) -> Candidate {
    Candidate {
        name: "leader".to_owned(),
        owner: Uuid::from_u128(owner),
        priority,
        ttl: Duration::from_secs(60),
    }
}

/// Ends the holder's time, as if it had run out.
async fn run_out(setup: &Setup) {
    let client = setup.database.connect().await;
    client
        .execute(
            "UPDATE leader_lease SET expires_at = clock_timestamp()",
            &[],
        )
        .await
        .unwrap();
}

async fn act_under(db: &Db, lease: &Lease) -> Result<Committed<()>, Error> {
    db.write(|tx| async move { tx.require_fence(lease).await }.scope_boxed())
        .await
}

#[tokio::test]
async fn one_holds_it_and_another_takes_over_under_a_new_fence() {
    let setup = setup().await;
    let db = &setup.db;
    let mut first = candidate(1, 0)
        .acquire(db)
        .await
        .unwrap()
        .expect("it was free");
    assert!(first.holds(Instant::now()));
    assert!(first.held_until() < Instant::now() + Duration::from_secs(60));
    assert!(candidate(2, 0).acquire(db).await.unwrap().is_none());
    assert_eq!(first.renew(db).await.unwrap(), Renewal::Held);
    act_under(db, &first).await.unwrap();

    run_out(&setup).await;
    let second = candidate(2, 0)
        .acquire(db)
        .await
        .unwrap()
        .expect("its time was over");
    assert!(second.fence() > first.fence());
    let stale = act_under(db, &first).await;
    assert!(matches!(stale, Err(Error::Fenced { name }) if name == "leader"));
    assert_eq!(first.renew(db).await.unwrap(), Renewal::Lost);
    assert!(!first.holds(Instant::now()));
    act_under(db, &second).await.unwrap();
}

#[tokio::test]
async fn of_many_at_once_one_gets_it() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let attempts = (0..8).map(|owner| {
        let db = db.clone();
        async move { candidate(owner, 0).acquire(&db).await.unwrap() }
    });
    let got: Vec<_> = futures_util::future::join_all(attempts)
        .await
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(got.len(), 1);
}

#[tokio::test]
async fn a_released_lease_is_free_at_once() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let first = candidate(1, 0)
        .acquire(&db)
        .await
        .unwrap()
        .expect("it was free");
    let fence = first.fence();
    first.release(&db).await.unwrap();
    let second = candidate(2, 0)
        .acquire(&db)
        .await
        .unwrap()
        .expect("it was released");
    assert!(second.fence() > fence);
}

#[tokio::test]
async fn the_higher_priority_is_let_in() {
    let Setup {
        db,
        database: _database,
    } = setup().await;
    let mut far = candidate(1, 1)
        .acquire(&db)
        .await
        .unwrap()
        .expect("it was free");
    assert!(candidate(2, 5).acquire(&db).await.unwrap().is_none());
    assert_eq!(far.renew(&db).await.unwrap(), Renewal::Outranked);
    far.release(&db).await.unwrap();
    assert!(
        candidate(3, 1).acquire(&db).await.unwrap().is_none(),
        "it is kept free for the higher one"
    );
    let mut near = candidate(2, 5)
        .acquire(&db)
        .await
        .unwrap()
        .expect("room was made");
    assert_eq!(near.renew(&db).await.unwrap(), Renewal::Held);
    assert!(candidate(1, 1).acquire(&db).await.unwrap().is_none());
    assert_eq!(
        near.renew(&db).await.unwrap(),
        Renewal::Held,
        "a lower one is not heard"
    );
}
