use panel_storage::{Db, StorageOptions, migrate};
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

#[tokio::test]
async fn an_ordinary_owner_of_the_database_may_migrate() {
    let database = TestDatabase::empty().await;
    let client = database.connect().await;
    let name: String = client
        .query_one("SELECT current_database()::text", &[])
        .await
        .unwrap()
        .get(0);
    client
        .batch_execute(&format!(
            "CREATE ROLE owner_of_{name} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD 'secret';
             ALTER DATABASE {name} OWNER TO owner_of_{name}"
        ))
        .await
        .unwrap();
    let url = database.url_as(&format!("owner_of_{name}"), "secret");
    let db = Db::new(StorageOptions::new(&url, "", b"a secret for tests")).unwrap();
    assert!(!migrate::up(&db).await.unwrap().is_empty());
    drop(db);
    client
        .batch_execute(&format!(
            "REASSIGN OWNED BY owner_of_{name} TO CURRENT_USER; DROP OWNED BY owner_of_{name}; DROP ROLE owner_of_{name}"
        ))
        .await
        .unwrap();
}
