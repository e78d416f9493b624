//! What the tests have in common.

use std::time::{Duration, Instant};

use panel_storage::{Db, StorageOptions};
use panel_test_db::TestDatabase;

/// A migrated database with one table to play with.
pub(crate) struct Setup {
    pub(crate) database: TestDatabase,
    pub(crate) db: Db,
}

/// Makes the table to play with.
pub(crate) const FRUITS: &str = "CREATE TABLE fruits (id serial PRIMARY KEY, name text NOT NULL UNIQUE, amount int NOT NULL CHECK (amount >= 0));
    INSERT INTO fruits (name, amount) VALUES ('apple', 1), ('banana', 2)";

diesel::table! {
    /// Something to change.
    fruits (id) {
        /// Key.
        id -> Integer,
        /// Unique.
        name -> Text,
        /// How many.
        amount -> Integer,
    }
}

/// A handle like that of another process.
pub(crate) fn open(database: &TestDatabase) -> Db {
    Db::new(StorageOptions::new(
        database.url(),
        "",
        b"a secret for tests",
    ))
    .expect("a usable URL")
}

pub(crate) async fn setup() -> Setup {
    let database = TestDatabase::migrated().await;
    let client = database.connect().await;
    client.batch_execute(FRUITS).await.expect("a table");
    let db = open(&database);
    Setup { database, db }
}

/// Waits until `condition` holds; panics with `what` when it does not within 20 s.
pub(crate) async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition().await {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
