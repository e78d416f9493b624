//! What happened.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use ipnet::IpNet;
use panel_domain::id::{ActivityId, ApiKeyId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{LateSql, ReadSql, Readable, Sql, Tx};
use crate::error::Error;
use crate::row_counts::{self, Counted, Day, NEAR, Order};
use crate::schema::activities;
use crate::types::Nullable;
use crate::types::contains;

/// An entry of a log.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = activities, check_for_backend(Pg))]
pub struct Activity {
    #[diesel(deserialize_as = Uuid)]
    pub id: ActivityId,
    pub scope: String,
    #[diesel(deserialize_as = Nullable<ServerId>)]
    pub server_id: Option<ServerId>,
    #[diesel(deserialize_as = Nullable<UserId>)]
    pub user_id: Option<UserId>,
    #[diesel(deserialize_as = Nullable<UserId>)]
    pub impersonator_id: Option<UserId>,
    #[diesel(deserialize_as = Nullable<ApiKeyId>)]
    pub api_key_id: Option<ApiKeyId>,
    pub by_schedule: bool,
    pub event: String,
    pub ip: Option<IpNet>,
    pub data: Value,
    pub digest: Option<Vec<u8>>,
    pub created_at: DateTime<Utc>,
}

/// Adds entries with COMMIT; one whose server and digest are known already is left out.
pub fn record(tx: &mut Tx, entries: &[Activity]) {
    let mut separator = "(";
    let mut statement = LateSql::new(
        "INSERT INTO activities (id, scope, server_id, user_id, impersonator_id, api_key_id, by_schedule, event, ip, data, \
         digest, created_at) VALUES ",
    );
    for entry in entries {
        statement = statement
            .sql(separator)
            .value(entry.id.uuid())
            .sql(",")
            .value(&entry.scope)
            .sql(",")
            .value(entry.server_id.map(ServerId::uuid))
            .sql(",")
            .value(entry.user_id.map(UserId::uuid))
            .sql(",")
            .value(entry.impersonator_id.map(UserId::uuid))
            .sql(",")
            .value(entry.api_key_id.map(ApiKeyId::uuid))
            .sql(",")
            .value(entry.by_schedule)
            .sql(",")
            .value(&entry.event)
            .sql(",")
            .value(entry.ip)
            .sql(",")
            .value(&entry.data)
            .sql(",")
            .value(entry.digest.as_deref())
            .sql(",")
            .value(entry.created_at)
            .sql(")");
        separator = ",(";
    }
    if !entries.is_empty() {
        tx.at_commit(statement.sql(" ON CONFLICT DO NOTHING"));
    }
}

/// Which log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// What administrators did.
    Admin,
    /// What one of them did.
    AdminBy(UserId),
    /// What a user did with the own account.
    User(UserId),
    /// What was done to a server.
    Server(ServerId),
    /// What one user did to a server.
    ServerBy(ServerId, UserId),
}

fn filtered(log: Log, search: Option<&str>) -> activities::BoxedQuery<'static, Pg> {
    let query = activities::table.into_boxed();
    let query = match log {
        Log::Admin => query.filter(activities::scope.eq("admin")),
        Log::AdminBy(user) => query
            .filter(activities::scope.eq("admin"))
            .filter(activities::user_id.eq(user.uuid())),
        Log::User(user) => query
            .filter(activities::scope.eq("user"))
            .filter(activities::user_id.eq(user.uuid())),
        // Only entries of servers' logs have a server.
        Log::Server(server) => query.filter(activities::server_id.eq(server.uuid())),
        Log::ServerBy(server, user) => query
            .filter(activities::server_id.eq(server.uuid()))
            .filter(activities::user_id.eq(user.uuid())),
    };
    match search {
        Some(search) => query.filter(activities::event.ilike(contains(search))),
        None => query,
    }
}

/// One page of a log, newest first, and how many entries there are.
pub async fn list(
    conn: &mut impl Readable,
    log: Log,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Activity>, i64), Error> {
    match (log, search) {
        (Log::Admin, None) => list_admin(conn, offset, limit).await,
        (Log::Admin, Some(search)) => search_admin(conn, search, offset, limit).await,
        _ if offset <= NEAR => {
            conn.page(
                filtered(log, search).count(),
                filtered(log, search)
                    .order((activities::created_at.desc(), activities::id.desc()))
                    .offset(offset)
                    .limit(limit)
                    .select(Activity::as_select()),
            )
            .await
        }
        _ => list_far(conn, log, search, offset, limit).await,
    }
}

/// A page that is not near the newest entry, read from the end that it is nearer to.
async fn list_far(
    conn: &mut impl Readable,
    log: Log,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Activity>, i64), Error> {
    let total: i64 = conn.first(filtered(log, search).count()).await?;
    let take = limit.min(total.saturating_sub(offset));
    if take <= 0 {
        return Ok((Vec::new(), total));
    }
    let after = total - offset - take;
    let ids: Vec<Uuid> = if after < offset {
        let mut ids: Vec<Uuid> = conn
            .load(
                filtered(log, search)
                    .order((activities::created_at, activities::id))
                    .offset(after)
                    .limit(take)
                    .select(activities::id),
            )
            .await?;
        ids.reverse();
        ids
    } else {
        conn.load(
            filtered(log, search)
                .order((activities::created_at.desc(), activities::id.desc()))
                .offset(offset)
                .limit(take)
                .select(activities::id),
        )
        .await?
    };
    Ok((of_ids(conn, &ids).await?, total))
}

/// The entries of these ids, in this order.
async fn of_ids(conn: &mut impl Readable, ids: &[Uuid]) -> Result<Vec<Activity>, Error> {
    let mut rows: Vec<Activity> = conn
        .load(
            activities::table
                .filter(activities::id.eq_any(ids.to_vec()))
                .select(Activity::as_select()),
        )
        .await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id.uuid()));
    Ok(rows)
}

async fn list_admin(
    conn: &mut impl Readable,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Activity>, i64), Error> {
    let days = row_counts::days(conn, Counted::Activities).await?;
    let total = row_counts::total(&days);
    let order = Order::NewestFirst;
    let Some(window) = row_counts::window(&days, order, offset, limit) else {
        return Ok((Vec::new(), total));
    };
    let found = filtered(Log::Admin, None)
        .select(Activity::as_select())
        .offset(window.skip)
        .limit(window.take);
    let rows = if window.upwards {
        conn.load(
            found
                .filter(activities::created_at.ge(window.bound))
                .order((activities::created_at, activities::id)),
        )
        .await?
    } else {
        conn.load(
            found
                .filter(activities::created_at.lt(window.bound))
                .order((activities::created_at.desc(), activities::id.desc())),
        )
        .await?
    };
    Ok((row_counts::in_order(rows, window, order), total))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct DayOfEvent {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(embed)]
    day: Day,
}

/// The events that are counted are the ones that there are: those whose name fits are found among them, and each one's entries by
/// an index.
async fn search_admin(
    conn: &mut impl Readable,
    search: &str,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Activity>, i64), Error> {
    let counted: Vec<DayOfEvent> = conn
        .load(
            ReadSql::select(
                "key, day, sum(entries)::bigint AS entries FROM row_counts WHERE list = ",
            )
            .bind::<Text, _>(Counted::Activities.as_str())
            .sql(" AND key ILIKE ")
            .bind::<Text, _>(contains(search))
            .sql(" GROUP BY day, key HAVING sum(entries) <> 0 ORDER BY day, key"),
        )
        .await?;
    let mut days: Vec<Day> = Vec::new();
    for DayOfEvent { day, .. } in &counted {
        match days.last_mut() {
            Some(last) if last.day == day.day => last.entries += day.entries,
            _ => days.push(*day),
        }
    }
    let events: BTreeSet<String> = counted.into_iter().map(|counted| counted.key).collect();
    let total = row_counts::total(&days);
    let order = Order::NewestFirst;
    let Some(window) = row_counts::window(&days, order, offset, limit) else {
        return Ok((Vec::new(), total));
    };
    let reach = window.skip.saturating_add(window.take);
    let each = ReadSql::select("found.id FROM unnest(")
        .bind::<Array<Text>, _>(events.into_iter().collect::<Vec<_>>())
        .sql(
            ") AS wanted (event) CROSS JOIN LATERAL (SELECT a.id, a.created_at FROM activities a \
             WHERE a.scope = 'admin' AND a.event = wanted.event AND a.created_at ",
        );
    let found = if window.upwards {
        each.sql(">= ")
            .bind::<Timestamptz, _>(window.bound)
            .sql(" ORDER BY a.created_at, a.id LIMIT ")
            .bind::<BigInt, _>(reach)
            .sql(") AS found ORDER BY found.created_at, found.id LIMIT ")
    } else {
        each.sql("< ")
            .bind::<Timestamptz, _>(window.bound)
            .sql(" ORDER BY a.created_at DESC, a.id DESC LIMIT ")
            .bind::<BigInt, _>(reach)
            .sql(") AS found ORDER BY found.created_at DESC, found.id DESC LIMIT ")
    };
    let ids: Vec<Id> = conn
        .load(
            found
                .bind::<BigInt, _>(window.take)
                .sql(" OFFSET ")
                .bind::<BigInt, _>(window.skip),
        )
        .await?;
    let ids: Vec<Uuid> = ids.into_iter().map(|row| row.id).collect();
    let ids = row_counts::in_order(ids, window, order);
    Ok((of_ids(conn, &ids).await?, total))
}

/// Deletes up to `limit` entries from before `before`, and says how many.
pub async fn delete_old(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    tx.execute(
        Sql::new(
            "DELETE FROM activities WHERE id IN (SELECT id FROM activities WHERE created_at < ",
        )
        .bind::<Timestamptz, _>(before)
        .sql(" ORDER BY created_at LIMIT ")
        .bind::<BigInt, _>(limit)
        .sql(")"),
    )
    .await
}
