//! Whose turn it is.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable as SqlNullable, Text, Timestamptz, Uuid as SqlUuid};
use panel_domain::id::{BackupId, ServerId, SystemBackupPolicyId};
use uuid::Uuid;

use super::SystemBackupPolicy;
use crate::db::{ReadSql, Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{backups, system_backup_policies as policies, system_backup_queue as queue};

/// Up to `limit` policies that are due, locked until the transaction ends. Those that somebody else looks at are passed over.
pub async fn lock_due(
    tx: &mut Tx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<SystemBackupPolicy>, Error> {
    tx.load(
        policies::table
            .filter(policies::due_at.le(now))
            .filter(policies::deleting_at.is_null())
            .order(policies::due_at)
            .limit(limit)
            .select(SystemBackupPolicy::as_select())
            .for_update()
            .skip_locked(),
    )
    .await
}

/// Notes when a policy is due next, and, where it begins now, that it does.
pub async fn begin_due(
    tx: &mut Tx,
    policy: SystemBackupPolicyId,
    next: Option<DateTime<Utc>>,
    begun: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    let row = || policies::table.find(policy.uuid());
    tx.execute(diesel::update(row()).set(policies::due_at.eq(next)))
        .await?;
    if let Some(now) = begun {
        tx.execute(diesel::update(row()).set(policies::triggered_at.eq(now)))
            .await?;
    }
    Ok(())
}

/// Puts every server that a policy covers into the queue, unless it waits there already, and gives how many. Those that are being made or
/// deleted are left out, and so are those on nodes in maintenance.
pub async fn fill_queue(
    tx: &mut Tx,
    policy: SystemBackupPolicyId,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    tx.execute(
        Sql::new(
            "INSERT INTO system_backup_queue (policy_id, server_id, created_at) SELECT p.id, s.id, ",
        )
        .bind::<Timestamptz, _>(now)
        .sql(
            " FROM system_backup_policies p CROSS JOIN servers s JOIN nodes n ON n.id = s.node_id \
             WHERE s.deleting_at IS NULL AND s.status IS NULL AND NOT n.maintenance_enabled AND ( \
             EXISTS (SELECT FROM system_backup_policy_servers x WHERE x.policy_id = p.id AND x.server_id = s.id) OR \
             EXISTS (SELECT FROM system_backup_policy_nodes x WHERE x.policy_id = p.id AND x.node_id = n.id) OR \
             EXISTS (SELECT FROM system_backup_policy_locations x WHERE x.policy_id = p.id AND x.location_id = n.location_id)) \
             AND p.id = ",
        )
        .bind::<SqlUuid, _>(policy.uuid())
        .sql(" ON CONFLICT DO NOTHING"),
    )
    .await
}

/// A server whose turn has come.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Turn {
    #[diesel(sql_type = SqlUuid)]
    pub policy_id: Uuid,
    #[diesel(sql_type = Text)]
    pub policy_name: String,
    #[diesel(sql_type = SqlNullable<SqlUuid>)]
    pub backup_configuration_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pub server_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub node_id: Uuid,
}

/// Up to `limit` servers whose turn has come: as many on each node as a policy wants at the same time, less those that are being made.
pub async fn next_turns(conn: &mut impl Readable, limit: i64) -> Result<Vec<Turn>, Error> {
    conn.load(
        ReadSql::select(
            "policy_id, policy_name, backup_configuration_id, server_id, node_id FROM ( \
             SELECT p.id AS policy_id, p.name AS policy_name, p.backup_configuration_id, p.parallelism, s.id AS server_id, s.node_id, \
             q.created_at, row_number() OVER (PARTITION BY p.id, s.node_id ORDER BY q.created_at, s.id) AS place, \
             (SELECT count(*) FROM backups b WHERE b.system_backup_policy_id = p.id AND b.node_id = s.node_id \
              AND b.state IN ('creating', 'verifying') AND b.deleting_at IS NULL AND b.deleted_at IS NULL) AS running \
             FROM system_backup_queue q JOIN system_backup_policies p ON p.id = q.policy_id JOIN servers s ON s.id = q.server_id \
             WHERE p.deleting_at IS NULL) waiting WHERE place + running <= parallelism ORDER BY created_at, server_id LIMIT ",
        )
        .bind::<BigInt, _>(limit),
    )
    .await
}

/// Takes a server from the queue. `false`: somebody else has.
pub async fn leave_queue(
    tx: &mut Tx,
    policy: SystemBackupPolicyId,
    server: ServerId,
) -> Result<bool, Error> {
    let row = queue::table.find((policy.uuid(), server.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Up to `limit` backups of a policy that are not being deleted.
pub async fn remaining(
    conn: &mut impl Readable,
    policy: SystemBackupPolicyId,
    limit: i64,
) -> Result<Vec<BackupId>, Error> {
    let ids: Vec<Uuid> = conn
        .load(
            backups::table
                .filter(backups::system_backup_policy_id.eq(policy.uuid()))
                .filter(backups::deleted_at.is_null())
                .filter(backups::deleting_at.is_null())
                .order((backups::created_at, backups::id))
                .limit(limit)
                .select(backups::id),
        )
        .await?;
    Ok(ids.into_iter().map(BackupId::from).collect())
}

#[derive(QueryableByName)]
struct Outdated {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Up to `limit` backups that their policies do not keep: of each server beyond the policy's count, youngest first, or older than its
/// days. What is locked, being made, or being deleted is neither counted nor given; of one policy only when asked for one.
pub async fn outdated(
    conn: &mut impl Readable,
    policy: Option<SystemBackupPolicyId>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<BackupId>, Error> {
    let policy = policy.map(SystemBackupPolicyId::uuid);
    let found: Vec<Outdated> = conn
        .load(
            ReadSql::select(
                "id FROM (SELECT b.id, b.created_at, p.retention_count, p.retention_days, \
                 row_number() OVER (PARTITION BY p.id, b.made_of ORDER BY b.created_at DESC, b.id DESC) AS place \
                 FROM system_backup_policies p JOIN backups b ON b.system_backup_policy_id = p.id \
                 WHERE (p.retention_count IS NOT NULL OR p.retention_days IS NOT NULL) AND b.deleted_at IS NULL \
                 AND b.deleting_at IS NULL AND b.state = 'successful' AND NOT b.locked AND (",
            )
            .bind::<SqlNullable<SqlUuid>, _>(policy)
            .sql(" IS NULL OR p.id = ")
            .bind::<SqlNullable<SqlUuid>, _>(policy)
            .sql(")) kept WHERE place > retention_count OR created_at < ")
            .bind::<Timestamptz, _>(now)
            .sql(" - make_interval(days => retention_days) ORDER BY created_at, id LIMIT ")
            .bind::<BigInt, _>(limit),
        )
        .await?;
    Ok(found.into_iter().map(|row| row.id.into()).collect())
}
