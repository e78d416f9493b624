use panel_storage::migrate;
use panel_test_db::TestDatabase;

use crate::support::open;

#[tokio::test]
async fn five_instances_may_migrate_at_once() {
    let database = TestDatabase::empty().await;
    let all = migrate::pending(&open(&database)).await.unwrap();
    assert!(!all.is_empty());
    let instances = (0..5).map(|_| {
        let db = open(&database);
        async move { migrate::up(&db).await.unwrap() }
    });
    let applied: Vec<_> = futures_util::future::join_all(instances)
        .await
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(applied, all, "each was applied once, in order");
    assert_eq!(migrate::pending(&open(&database)).await.unwrap(), [""; 0]);
    assert_eq!(migrate::up(&open(&database)).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn what_was_migrated_can_be_taken_back_and_done_again() {
    let database = TestDatabase::empty().await;
    let db = open(&database);
    let all = migrate::up(&db).await.unwrap();
    let mut reverted = migrate::down(&db, all.len() + 1).await.unwrap();
    reverted.reverse();
    assert_eq!(reverted, all);
    let client = database.connect().await;
    let left = client
        .query(
            "SELECT relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE nspname = 'public' AND relkind IN ('r', 'S', 'v') AND relname NOT LIKE '\\_\\_diesel%'",
            &[],
        )
        .await
        .unwrap();
    let left: Vec<String> = left.iter().map(|row| row.get(0)).collect();
    assert_eq!(left, [""; 0]);
    assert_eq!(migrate::up(&db).await.unwrap(), all);
}
