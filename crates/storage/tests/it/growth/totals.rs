//! Totals are kept by the rows themselves, whoever adds and removes them.

use chrono::{DateTime, Utc};
use panel_domain::id::{ActivityId, UserId};
use panel_storage::activities::{self, Activity};
use panel_storage::users::{self, NewUser};
use panel_storage::{Db, Error, row_counts};
use panel_test_db::TestDatabase;
use scoped_futures::ScopedFutureExt;

use crate::support::open;

fn entry(event: &str, at: DateTime<Utc>) -> Activity {
    Activity {
        id: ActivityId::new_v7(at),
        scope: "admin".to_owned(),
        server_id: None,
        user_id: None,
        impersonator_id: None,
        api_key_id: None,
        by_schedule: false,
        event: event.to_owned(),
        ip: None,
        data: serde_json::json!({ "said": "it's" }),
        digest: None,
        created_at: at,
    }
}

fn account(n: u32, at: DateTime<Utc>) -> NewUser {
    NewUser {
        id: UserId::new_v4(),
        role_id: None,
        external_id: None,
        username: format!("user{n}"),
        email: format!("user{n}@example.org"),
        name_first: "Given".to_owned(),
        name_last: "Family".to_owned(),
        password_hash: None,
        admin: false,
        language: "en".to_owned(),
        created_at: at,
    }
}

async fn add_and_remove(db: Db, task: u32) {
    let old = DateTime::from_timestamp(1_700_000_000 + i64::from(task) * 40_000, 0).unwrap();
    for n in 0..20 {
        let user = account(task * 100 + n, old);
        let entries = [
            entry("user:create", old),
            entry(&format!("event:{}", n % 3), old),
        ];
        let (user, entries) = (&user, &entries);
        let kept = db
            .write(|tx| {
                async move {
                    users::insert(tx, user).await?;
                    activities::record(tx, entries);
                    // Every fifth is taken back.
                    if n % 5 == 4 {
                        return Err(Error::internal("taken back"));
                    }
                    Ok::<_, Error>(())
                }
                .scope_boxed()
            })
            .await;
        assert_eq!(kept.is_ok(), n % 5 != 4, "{kept:?}");
        let removed = user.id;
        db.write(|tx| {
            async move {
                if n % 2 == 0 {
                    users::delete(tx, removed).await?;
                }
                // As the leading worker does, and no other.
                if task == 0 {
                    row_counts::fold(tx, old + chrono::TimeDelta::days(9)).await?;
                    activities::delete_old(tx, old + chrono::TimeDelta::hours(1), 3).await?;
                }
                Ok::<_, Error>(())
            }
            .scope_boxed()
        })
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn totals_are_right_whoever_adds_and_removes_at_once() {
    let database = TestDatabase::migrated().await;
    let client = database.connect().await;
    let tasks = (0..8).map(|task| tokio::spawn(add_and_remove(open(&database), task)));
    for task in futures_util::future::join_all(tasks).await {
        task.unwrap();
    }
    let counted = "SELECT list, key, day::text, sum(entries)::bigint AS entries FROM row_counts \
                   GROUP BY 1, 2, 3 HAVING sum(entries) <> 0 ORDER BY 1, 2, 3";
    let counts = async || {
        let rows = client.query(counted, &[]).await.unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
            .collect::<Vec<(String, String, String, i64)>>()
    };
    let kept = counts().await;
    let users: i64 = kept
        .iter()
        .filter(|row| row.0 == "users")
        .map(|row| row.3)
        .sum();
    assert_eq!(
        users,
        8 * 8,
        "of twenty, four were taken back and eight of the others removed"
    );
    client.batch_execute("SELECT recount_rows()").await.unwrap();
    assert_eq!(kept, counts().await);
}
