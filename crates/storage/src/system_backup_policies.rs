//! Policies by which the panel has backups made by itself.

mod queue;
mod scope;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use panel_domain::id::{BackupConfigurationId, SystemBackupPolicyId};
use uuid::Uuid;

pub use queue::{
    Turn, begin_due, fill_queue, leave_queue, lock_due, next_turns, outdated, remaining,
};
pub use scope::{Covered, NodeSince, attach, detach, locations_of, nodes_of, servers_of};

use crate::db::{ReadSql, Readable, Tx};
use crate::error::Error;
use crate::schema::system_backup_policies as policies;
use crate::types::{Nullable, contains};

/// A policy.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = policies, check_for_backend(Pg))]
pub struct SystemBackupPolicy {
    #[diesel(deserialize_as = Uuid)]
    pub id: SystemBackupPolicyId,
    pub name: String,
    pub description: Option<String>,
    #[diesel(deserialize_as = Nullable<BackupConfigurationId>)]
    pub backup_configuration_id: Option<BackupConfigurationId>,
    pub enabled: bool,
    pub cron: String,
    pub parallelism: i32,
    pub retention_count: Option<i32>,
    pub retention_days: Option<i32>,
    pub due_at: Option<DateTime<Utc>>,
    pub triggered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// The constraint that names are different.
pub const NAME_KEY: &str = "system_backup_policies_name_key";

/// What a policy covers, and the backups that it has made.
#[derive(Debug, Clone, Copy, QueryableByName)]
#[expect(
    missing_docs,
    reason = "the fields are numbers of what they are called after"
)]
pub struct Totals {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub locations: i64,
    #[diesel(sql_type = BigInt)]
    pub nodes: i64,
    #[diesel(sql_type = BigInt)]
    pub servers: i64,
    #[diesel(sql_type = BigInt)]
    pub backups: i64,
}

/// The policy of this id, unless it is on its way out.
pub async fn find(
    conn: &mut impl Readable,
    id: SystemBackupPolicyId,
) -> Result<Option<SystemBackupPolicy>, Error> {
    conn.optional(
        policies::table
            .find(id.uuid())
            .filter(policies::deleting_at.is_null())
            .select(SystemBackupPolicy::as_select()),
    )
    .await
}

/// One page of policies by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<SystemBackupPolicy>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        policies::table
            .filter(policies::deleting_at.is_null())
            .filter(policies::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((policies::name, policies::id))
            .offset(offset)
            .limit(limit)
            .select(SystemBackupPolicy::as_select()),
    )
    .await
}

/// What these policies cover, and the backups that they have made, in no particular order.
pub async fn totals(
    conn: &mut impl Readable,
    ids: &[SystemBackupPolicyId],
) -> Result<Vec<Totals>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        ReadSql::select(
            "p.id, (SELECT count(*) FROM system_backup_policy_locations x WHERE x.policy_id = p.id) AS locations, \
             (SELECT count(*) FROM system_backup_policy_nodes x WHERE x.policy_id = p.id) AS nodes, \
             (SELECT count(*) FROM system_backup_policy_servers x WHERE x.policy_id = p.id) AS servers, \
             (SELECT count(*) FROM backups b WHERE b.system_backup_policy_id = p.id AND b.deleted_at IS NULL) AS backups \
             FROM system_backup_policies p WHERE p.id = ANY(",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .sql(")"),
    )
    .await
}

/// Adds a policy.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn insert(tx: &mut Tx, row: &SystemBackupPolicy) -> Result<(), Error> {
    tx.execute(diesel::insert_into(policies::table).values((
        policies::id.eq(row.id.uuid()),
        policies::name.eq(row.name.clone()),
        policies::description.eq(row.description.clone()),
        policies::backup_configuration_id.eq(row.backup_configuration_id.map(Uuid::from)),
        policies::enabled.eq(row.enabled),
        policies::cron.eq(row.cron.clone()),
        policies::parallelism.eq(row.parallelism),
        policies::retention_count.eq(row.retention_count),
        policies::retention_days.eq(row.retention_days),
        policies::due_at.eq(row.due_at),
        policies::created_at.eq(row.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes of a policy: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = policies, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct SystemBackupPolicyChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub backup_configuration_id: Option<Option<Uuid>>,
    pub enabled: Option<bool>,
    pub cron: Option<String>,
    pub parallelism: Option<i32>,
    pub retention_count: Option<Option<i32>>,
    pub retention_days: Option<Option<i32>>,
    pub due_at: Option<Option<DateTime<Utc>>>,
    pub triggered_at: Option<DateTime<Utc>>,
}

/// Changes a policy. `false`: there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn update(
    tx: &mut Tx,
    id: SystemBackupPolicyId,
    changes: &SystemBackupPolicyChanges,
) -> Result<bool, Error> {
    let row = policies::table
        .find(id.uuid())
        .filter(policies::deleting_at.is_null());
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Deletes a policy; its backups stay, and are their servers'. `false`: there was none.
pub async fn delete(tx: &mut Tx, id: SystemBackupPolicyId) -> Result<bool, Error> {
    let row = policies::table.find(id.uuid());
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Begins to delete a policy together with its backups: nobody finds it any more, and its name is free. `false`: there is none of this id.
pub async fn begin_deletion(
    tx: &mut Tx,
    id: SystemBackupPolicyId,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let row = policies::table
        .find(id.uuid())
        .filter(policies::deleting_at.is_null());
    let changed = tx
        .execute(diesel::update(row).set((
            policies::deleting_at.eq(now),
            policies::due_at.eq(None::<DateTime<Utc>>),
            policies::enabled.eq(false),
            policies::name.eq(id.to_string()),
        )))
        .await?;
    Ok(changed > 0)
}

/// The policies that are on their way out.
pub async fn deleting(conn: &mut impl Readable) -> Result<Vec<SystemBackupPolicyId>, Error> {
    let ids: Vec<Uuid> = conn
        .load(
            policies::table
                .filter(policies::deleting_at.is_not_null())
                .order(policies::id)
                .select(policies::id),
        )
        .await?;
    Ok(ids.into_iter().map(SystemBackupPolicyId::from).collect())
}
