//! What happened.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use ipnet::IpNet;
use panel_domain::id::{ActivityId, ApiKeyId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
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

/// Adds entries; one whose server and digest are known already is left out. Gives how many were new.
pub async fn insert(tx: &mut Tx, entries: &[Activity]) -> Result<usize, Error> {
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                activities::id.eq(entry.id.uuid()),
                activities::scope.eq(entry.scope.clone()),
                activities::server_id.eq(entry.server_id.map(ServerId::uuid)),
                activities::user_id.eq(entry.user_id.map(UserId::uuid)),
                activities::impersonator_id.eq(entry.impersonator_id.map(UserId::uuid)),
                activities::api_key_id.eq(entry.api_key_id.map(ApiKeyId::uuid)),
                activities::by_schedule.eq(entry.by_schedule),
                activities::event.eq(entry.event.clone()),
                activities::ip.eq(entry.ip),
                activities::data.eq(entry.data.clone()),
                activities::digest.eq(entry.digest.clone()),
                activities::created_at.eq(entry.created_at),
            )
        })
        .collect();
    tx.execute(
        diesel::insert_into(activities::table)
            .values(rows)
            .on_conflict_do_nothing(),
    )
    .await
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
        Log::Server(server) => query
            .filter(activities::scope.eq("server"))
            .filter(activities::server_id.eq(server.uuid())),
        Log::ServerBy(server, user) => query
            .filter(activities::scope.eq("server"))
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
    let total = conn.first(filtered(log, search).count()).await?;
    let rows = conn
        .load(
            filtered(log, search)
                .order((activities::created_at.desc(), activities::id.desc()))
                .offset(offset)
                .limit(limit)
                .select(Activity::as_select()),
        )
        .await?;
    Ok((rows, total))
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
