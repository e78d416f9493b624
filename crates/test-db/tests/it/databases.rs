use panel_test_db::TestDatabase;

async fn count(database: &TestDatabase, sql: &str) -> i64 {
    database
        .connect()
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn an_empty_database_has_no_table() {
    let database = TestDatabase::empty().await;
    assert_eq!(
        count(
            &database,
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
        .await,
        0
    );
}

#[tokio::test]
async fn a_migrated_database_records_its_migrations_as_diesel_does() {
    let database = TestDatabase::migrated().await;
    let directories = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().join("up.sql").is_file())
        .count();
    assert_eq!(
        count(&database, "SELECT count(*) FROM __diesel_schema_migrations").await,
        directories as i64
    );
}

#[tokio::test]
async fn databases_of_two_tests_do_not_see_each_other() {
    let (one, other) = tokio::join!(TestDatabase::migrated(), TestDatabase::migrated());
    assert_ne!(one.url(), other.url());
    one.connect()
        .await
        .batch_execute("CREATE TABLE mine ()")
        .await
        .unwrap();
    assert_eq!(
        count(
            &other,
            "SELECT count(*) FROM pg_class WHERE relname = 'mine'"
        )
        .await,
        0
    );
}
