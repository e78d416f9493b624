//! Public keys for SFTP.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{self, Array, BigInt};
use panel_domain::id::{SshKeyId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::ssh_keys;
use crate::types::contains;

/// An SSH key.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = ssh_keys, check_for_backend(Pg))]
pub struct SshKey {
    #[diesel(deserialize_as = Uuid)]
    pub id: SshKeyId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub name: String,
    pub fingerprint: String,
    pub public_key: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Every key of a user.
pub async fn of_user(conn: &mut impl Readable, user: UserId) -> Result<Vec<SshKey>, Error> {
    conn.load(
        ssh_keys::table
            .filter(ssh_keys::user_id.eq(user.uuid()))
            .order((ssh_keys::name, ssh_keys::id))
            .select(SshKey::as_select()),
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
) -> Result<(Vec<SshKey>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        ssh_keys::table
            .filter(ssh_keys::user_id.eq(user.uuid()))
            .filter(ssh_keys::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((ssh_keys::name, ssh_keys::id))
            .offset(offset)
            .limit(limit)
            .select(SshKey::as_select()),
    )
    .await
}

/// The key of this id, if it is this user's.
pub async fn find(
    conn: &mut impl Readable,
    user: UserId,
    id: SshKeyId,
) -> Result<Option<SshKey>, Error> {
    let row = ssh_keys::table
        .find(id.uuid())
        .filter(ssh_keys::user_id.eq(user.uuid()));
    conn.optional(row.select(SshKey::as_select())).await
}

/// Adds keys of a user who is [locked](crate::users::lock), unless they would then have more than `most`. `false`: they would.
///
/// # Errors
/// [`Error::Conflict`] on `ssh_keys_name_key` and `ssh_keys_fingerprint_key`.
pub async fn insert(tx: &mut Tx, user: UserId, keys: &[SshKey], most: i64) -> Result<bool, Error> {
    let (mut ids, mut names, mut fingerprints, mut blobs, mut times) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        ids.push(key.id.uuid());
        names.push(key.name.clone());
        fingerprints.push(key.fingerprint.clone());
        blobs.push(key.public_key.clone());
        times.push(key.created_at);
    }
    let room = most - i64::try_from(keys.len()).unwrap_or(most);
    let inserted = tx
        .execute(
            Sql::new("INSERT INTO ssh_keys (id, user_id, name, fingerprint, public_key, created_at) SELECT k.id, ")
                .bind::<sql_types::Uuid, _>(user.uuid())
                .sql(", k.name, k.fingerprint, k.public_key, k.created_at FROM unnest(")
                .bind::<Array<sql_types::Uuid>, _>(ids)
                .sql(", ")
                .bind::<Array<sql_types::Text>, _>(names)
                .sql(", ")
                .bind::<Array<sql_types::Text>, _>(fingerprints)
                .sql(", ")
                .bind::<Array<sql_types::Binary>, _>(blobs)
                .sql(", ")
                .bind::<Array<sql_types::Timestamptz>, _>(times)
                .sql(") AS k(id, name, fingerprint, public_key, created_at) WHERE (SELECT count(*) FROM ssh_keys WHERE user_id = ")
                .bind::<sql_types::Uuid, _>(user.uuid())
                .sql(") <= ")
                .bind::<BigInt, _>(room),
        )
        .await?;
    Ok(inserted == keys.len())
}

/// Renames a key of a user. `false`: the user has none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `ssh_keys_name_key`.
pub async fn rename(tx: &mut Tx, user: UserId, id: SshKeyId, name: &str) -> Result<bool, Error> {
    let row = ssh_keys::table
        .find(id.uuid())
        .filter(ssh_keys::user_id.eq(user.uuid()));
    let renamed = tx
        .execute(diesel::update(row).set(ssh_keys::name.eq(name.to_owned())))
        .await?;
    Ok(renamed > 0)
}

/// Deletes a key of a user. `false`: the user has none of this id.
pub async fn delete(tx: &mut Tx, user: UserId, id: SshKeyId) -> Result<bool, Error> {
    let row = ssh_keys::table
        .find(id.uuid())
        .filter(ssh_keys::user_id.eq(user.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}
