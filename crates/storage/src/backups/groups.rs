//! Groups of backups, and which of them are kept.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Integer, Nullable as SqlNullable, Text, Timestamptz, Uuid as SqlUuid,
};
use panel_domain::id::{BackupGroupId, BackupId, ServerId};
use uuid::Uuid;

use crate::db::{ReadSql, Readable, Tx};
use crate::error::Error;
use crate::schema::{backup_groups, backups};

/// A group of backups.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = backup_groups, check_for_backend(Pg))]
pub struct BackupGroup {
    #[diesel(deserialize_as = Uuid)]
    pub id: BackupGroupId,
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    pub name: String,
    pub retention_count: Option<i32>,
    pub retention_days: Option<i32>,
    pub created_at: DateTime<Utc>,
}

/// A group with what is in it.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct GroupUse {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = SqlNullable<Integer>)]
    pub retention_count: Option<i32>,
    #[diesel(sql_type = SqlNullable<Integer>)]
    pub retention_days: Option<i32>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// Backups in it, also those that failed or are being made.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// Those that can be restored.
    #[diesel(sql_type = BigInt)]
    pub usable: i64,
    /// Of these, those that are not locked.
    #[diesel(sql_type = BigInt)]
    pub usable_unlocked: i64,
}

/// The constraint that a server's groups have different names.
pub const GROUP_NAME_KEY: &str = "backup_groups_name_key";

/// The groups of a server by name, with what is in them.
pub async fn groups(conn: &mut impl Readable, server: ServerId) -> Result<Vec<GroupUse>, Error> {
    conn.load(
        ReadSql::select(
            "g.id, g.name, g.retention_count, g.retention_days, g.created_at, count(b.id) AS total, \
             count(b.id) FILTER (WHERE b.state = 'successful' AND b.deleting_at IS NULL) AS usable, \
             count(b.id) FILTER (WHERE b.state = 'successful' AND b.deleting_at IS NULL AND NOT b.locked) AS usable_unlocked \
             FROM backup_groups g LEFT JOIN backups b ON b.backup_group_id = g.id AND b.deleted_at IS NULL WHERE g.server_id = ",
        )
        .bind::<SqlUuid, _>(server.uuid())
        .sql(" GROUP BY g.id ORDER BY g.name, g.id"),
    )
    .await
}

/// How many groups a server has.
pub async fn count_groups(conn: &mut impl Readable, server: ServerId) -> Result<i64, Error> {
    conn.first(
        backup_groups::table
            .filter(backup_groups::server_id.eq(server.uuid()))
            .count(),
    )
    .await
}

/// The group of this id, if it is the server's.
pub async fn find_group(
    conn: &mut impl Readable,
    server: ServerId,
    id: BackupGroupId,
) -> Result<Option<BackupGroup>, Error> {
    conn.optional(
        backup_groups::table
            .find(id.uuid())
            .filter(backup_groups::server_id.eq(server.uuid()))
            .select(BackupGroup::as_select()),
    )
    .await
}

/// Adds a group.
///
/// # Errors
/// [`Error::Conflict`] on [`GROUP_NAME_KEY`].
pub async fn insert_group(tx: &mut Tx, group: &BackupGroup) -> Result<(), Error> {
    tx.execute(diesel::insert_into(backup_groups::table).values((
        backup_groups::id.eq(group.id.uuid()),
        backup_groups::server_id.eq(group.server_id.uuid()),
        backup_groups::name.eq(group.name.clone()),
        backup_groups::retention_count.eq(group.retention_count),
        backup_groups::retention_days.eq(group.retention_days),
        backup_groups::created_at.eq(group.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes of a group: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = backup_groups, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct BackupGroupChanges {
    pub name: Option<String>,
    pub retention_count: Option<Option<i32>>,
    pub retention_days: Option<Option<i32>>,
}

/// Changes a group of a server. `false`: it has none of this id.
///
/// # Errors
/// [`Error::Conflict`] on [`GROUP_NAME_KEY`].
pub async fn update_group(
    tx: &mut Tx,
    server: ServerId,
    id: BackupGroupId,
    changes: &BackupGroupChanges,
) -> Result<bool, Error> {
    let row = backup_groups::table
        .find(id.uuid())
        .filter(backup_groups::server_id.eq(server.uuid()));
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Locks the backups of a group against being deleted.
pub async fn lock_all(tx: &mut Tx, id: BackupGroupId) -> Result<(), Error> {
    let rows = backups::table
        .filter(backups::backup_group_id.eq(id.uuid()))
        .filter(backups::deleting_at.is_null())
        .filter(backups::state.eq("successful"));
    tx.execute(diesel::update(rows).set(backups::locked.eq(true)))
        .await?;
    Ok(())
}

/// Deletes a group; its backups stay, in none. `false`: the server has none of this id.
pub async fn delete_group(tx: &mut Tx, server: ServerId, id: BackupGroupId) -> Result<bool, Error> {
    let row = backup_groups::table
        .find(id.uuid())
        .filter(backup_groups::server_id.eq(server.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

#[derive(QueryableByName)]
struct Outdated {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Up to `limit` backups that their groups do not keep: beyond the group's count, youngest first, or older than its days. What is
/// locked, being made, or being deleted is neither counted nor given; of one group only when asked for one.
pub async fn outdated(
    conn: &mut impl Readable,
    group: Option<BackupGroupId>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<BackupId>, Error> {
    let found: Vec<Outdated> = conn
        .load(
            ReadSql::select(
                "id FROM (SELECT b.id, b.created_at, g.retention_count, g.retention_days, \
                 row_number() OVER (PARTITION BY g.id ORDER BY b.created_at DESC, b.id DESC) AS place \
                 FROM backup_groups g JOIN backups b ON b.backup_group_id = g.id \
                 WHERE (g.retention_count IS NOT NULL OR g.retention_days IS NOT NULL) AND b.deleted_at IS NULL \
                 AND b.deleting_at IS NULL AND b.state = 'successful' AND NOT b.locked AND (",
            )
            .bind::<SqlNullable<SqlUuid>, _>(group.map(BackupGroupId::uuid))
            .sql(" IS NULL OR g.id = ")
            .bind::<SqlNullable<SqlUuid>, _>(group.map(BackupGroupId::uuid))
            .sql(")) kept WHERE place > retention_count OR created_at < ")
            .bind::<Timestamptz, _>(now)
            .sql(" - make_interval(days => retention_days) ORDER BY created_at, id LIMIT ")
            .bind::<BigInt, _>(limit),
        )
        .await?;
    Ok(found.into_iter().map(|row| row.id.into()).collect())
}
