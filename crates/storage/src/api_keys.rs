//! Keys that users made for programs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{self, Array};
use ipnet::IpNet;
use panel_domain::id::{ApiKeyId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{api_keys, users};
use crate::types::contains;
use crate::users::User;

/// An API key.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = api_keys, check_for_backend(Pg))]
pub struct ApiKey {
    #[diesel(deserialize_as = Uuid)]
    pub id: ApiKeyId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub name: String,
    pub key_start: String,
    pub secret_hash: Vec<u8>,
    pub allowed_ips: Vec<IpNet>,
    pub user_permissions: Vec<String>,
    pub admin_permissions: Vec<String>,
    pub server_permissions: Vec<String>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// The key whose text has this SHA-256, if it has not expired at `now`, and its account.
pub async fn find_by_secret(
    conn: &mut impl Readable,
    secret_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<(ApiKey, User)>, Error> {
    conn.optional(
        api_keys::table
            .inner_join(users::table)
            .filter(api_keys::secret_hash.eq(secret_hash.to_vec()))
            .filter(
                api_keys::expires_at
                    .is_null()
                    .or(api_keys::expires_at.gt(now)),
            )
            .select((ApiKey::as_select(), User::as_select())),
    )
    .await
}

/// One page of a user's keys by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    user: UserId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<ApiKey>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        api_keys::table
            .filter(api_keys::user_id.eq(user.uuid()))
            .filter(api_keys::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((api_keys::name, api_keys::id))
            .offset(offset)
            .limit(limit)
            .select(ApiKey::as_select()),
    )
    .await
}

/// The key of this id, if it is this user's.
pub async fn find(
    conn: &mut impl Readable,
    user: UserId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, Error> {
    let row = api_keys::table
        .find(id.uuid())
        .filter(api_keys::user_id.eq(user.uuid()));
    conn.optional(row.select(ApiKey::as_select())).await
}

/// The key of this user whose text begins so.
pub async fn find_by_start(
    conn: &mut impl Readable,
    user: UserId,
    key_start: &str,
) -> Result<Option<ApiKey>, Error> {
    let rows = api_keys::table
        .filter(api_keys::user_id.eq(user.uuid()))
        .filter(api_keys::key_start.eq(key_start.to_owned()))
        .order(api_keys::id);
    conn.optional(rows.select(ApiKey::as_select()).limit(1))
        .await
}

/// How many keys a user has.
pub async fn count(conn: &mut impl Readable, user: UserId) -> Result<i64, Error> {
    conn.first(
        api_keys::table
            .filter(api_keys::user_id.eq(user.uuid()))
            .count(),
    )
    .await
}

/// Adds a key.
///
/// # Errors
/// [`Error::Conflict`] on `api_keys_name_key`.
pub async fn insert(tx: &mut Tx, key: &ApiKey) -> Result<(), Error> {
    tx.execute(diesel::insert_into(api_keys::table).values((
        api_keys::id.eq(key.id.uuid()),
        api_keys::user_id.eq(key.user_id.uuid()),
        api_keys::name.eq(key.name.clone()),
        api_keys::key_start.eq(key.key_start.clone()),
        api_keys::secret_hash.eq(key.secret_hash.clone()),
        api_keys::allowed_ips.eq(key.allowed_ips.clone()),
        api_keys::user_permissions.eq(key.user_permissions.clone()),
        api_keys::admin_permissions.eq(key.admin_permissions.clone()),
        api_keys::server_permissions.eq(key.server_permissions.clone()),
        api_keys::expires_at.eq(key.expires_at),
        api_keys::created_at.eq(key.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes to a key: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = api_keys, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct ApiKeyChanges {
    pub name: Option<String>,
    pub key_start: Option<String>,
    pub secret_hash: Option<Vec<u8>>,
    pub allowed_ips: Option<Vec<IpNet>>,
    pub user_permissions: Option<Vec<String>>,
    pub admin_permissions: Option<Vec<String>>,
    pub server_permissions: Option<Vec<String>>,
    pub expires_at: Option<Option<DateTime<Utc>>>,
}

/// Changes a key of a user and gives it back, or `None` when the user has none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `api_keys_name_key`.
pub async fn update(
    tx: &mut Tx,
    user: UserId,
    id: ApiKeyId,
    changes: &ApiKeyChanges,
) -> Result<Option<ApiKey>, Error> {
    let row = api_keys::table
        .find(id.uuid())
        .filter(api_keys::user_id.eq(user.uuid()));
    tx.optional(
        diesel::update(row)
            .set(changes.clone())
            .returning(ApiKey::as_returning()),
    )
    .await
}

/// Notes that keys were used, several in one statement. A time older than the known one changes nothing.
pub async fn touch(tx: &mut Tx, used: &[(ApiKeyId, DateTime<Utc>)]) -> Result<(), Error> {
    let (ids, times): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        used.iter().map(|(id, at)| (id.uuid(), *at)).unzip();
    tx.execute(
        Sql::new("UPDATE api_keys SET last_used_at = greatest(last_used_at, used.at) FROM unnest(")
            .bind::<Array<sql_types::Uuid>, _>(ids)
            .sql(", ")
            .bind::<Array<sql_types::Timestamptz>, _>(times)
            .sql(") AS used(id, at) WHERE api_keys.id = used.id"),
    )
    .await?;
    Ok(())
}

/// Deletes a key of a user. `false`: the user has none of this id.
pub async fn delete(tx: &mut Tx, user: UserId, id: ApiKeyId) -> Result<bool, Error> {
    let row = api_keys::table
        .find(id.uuid())
        .filter(api_keys::user_id.eq(user.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Deletes up to `limit` keys that expired before `before`, and says how many.
pub async fn delete_expired(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<usize, Error> {
    tx.execute(
        Sql::new("DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE expires_at < ")
            .bind::<sql_types::Timestamptz, _>(before)
            .sql(" ORDER BY expires_at LIMIT ")
            .bind::<sql_types::BigInt, _>(limit)
            .sql(")"),
    )
    .await
}
