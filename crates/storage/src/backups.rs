//! Backups of servers.

mod groups;
mod list;
mod progress;
mod stats;

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable as SqlNullable, Text, Uuid as SqlUuid};
use panel_domain::id::{
    BackupConfigurationId, BackupGroupId, BackupId, NodeId, ScheduleId, ServerId,
    SystemBackupPolicyId,
};
use serde_json::Value;
use uuid::Uuid;

pub use groups::{
    BackupGroup, BackupGroupChanges, GROUP_NAME_KEY, GroupUse, count_groups, delete_group,
    find_group, groups, insert_group, lock_all, outdated, update_group,
};
pub use list::{BackupFilter, BackupSelection, all_of, evictable, list, of_servers, select};
pub use progress::{
    Completion, begin_deletion, begin_verifying, change_upload, complete, discard, discard_local,
    fail, fail_deletion, forget_interrupted, forget_upload, record_upload,
};
pub use stats::{BackupStats, stats};

use crate::db::{LateSql, ReadSql, Readable, Tx};
use crate::error::Error;
use crate::schema::backups;
use crate::types::Nullable;

/// A backup.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = backups, check_for_backend(Pg))]
pub struct Backup {
    #[diesel(deserialize_as = Uuid)]
    pub id: BackupId,
    #[diesel(deserialize_as = Nullable<ServerId>)]
    pub server_id: Option<ServerId>,
    #[diesel(deserialize_as = Uuid)]
    pub made_of: ServerId,
    #[diesel(deserialize_as = Nullable<NodeId>)]
    pub node_id: Option<NodeId>,
    #[diesel(deserialize_as = Nullable<BackupConfigurationId>)]
    pub backup_configuration_id: Option<BackupConfigurationId>,
    #[diesel(deserialize_as = Nullable<BackupGroupId>)]
    pub backup_group_id: Option<BackupGroupId>,
    #[diesel(deserialize_as = Nullable<ScheduleId>)]
    pub schedule_id: Option<ScheduleId>,
    #[diesel(deserialize_as = Nullable<SystemBackupPolicyId>)]
    pub system_backup_policy_id: Option<SystemBackupPolicyId>,
    pub name: String,
    pub ignored_files: Vec<String>,
    pub disk: String,
    pub shared: bool,
    pub state: String,
    pub locked: bool,
    pub browsable: bool,
    pub streaming: bool,
    pub checksum: Option<String>,
    pub bytes: i64,
    pub files: i64,
    pub metadata: Value,
    pub upload: Option<Value>,
    pub error: Option<String>,
    pub completed_at: Option<DateTime<Utc>>,
    pub deleting_at: Option<DateTime<Utc>>,
    pub deletion_error: Option<String>,
    pub deleted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Which backups a query may see. Those that were deleted are seen by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every backup: for administrators and for the panel itself.
    All,
    /// What a server can use: its backups on the node that it is on, and those that every node reaches.
    Server(ServerId),
    /// Those that this node has or makes, and those of servers on it.
    Node(NodeId),
}

/// The backups of a scope, as a query to filter further.
fn scoped(scope: Scope) -> backups::BoxedQuery<'static, Pg> {
    use crate::schema::servers;
    let query = backups::table
        .filter(backups::deleted_at.is_null())
        .into_boxed();
    let here = || {
        servers::table
            .filter(servers::id.nullable().eq(backups::server_id))
            .filter(servers::node_id.nullable().eq(backups::node_id))
    };
    match scope {
        Scope::All => query,
        Scope::Server(server) => query
            .filter(backups::server_id.eq(server.uuid()))
            .filter(backups::shared.or(diesel::dsl::exists(here()))),
        Scope::Node(node) => query.filter(
            backups::node_id
                .is_not_distinct_from(node.uuid())
                .or(diesel::dsl::exists(
                    servers::table
                        .filter(servers::id.nullable().eq(backups::server_id))
                        .filter(servers::node_id.eq(node.uuid())),
                )),
        ),
    }
}

/// The backup of this id within the scope.
pub async fn find(
    conn: &mut impl Readable,
    scope: Scope,
    id: BackupId,
) -> Result<Option<Backup>, Error> {
    conn.optional(
        scoped(scope)
            .filter(backups::id.eq(id.uuid()))
            .select(Backup::as_select()),
    )
    .await
}

/// The server on which a node may say that it has put a backup back: the one on which it was last to do that, else the one whose backup it
/// is. `None`: the node has nothing to do with it.
pub async fn restored_on(
    conn: &mut impl Readable,
    node: NodeId,
    id: BackupId,
) -> Result<Option<ServerId>, Error> {
    use crate::schema::operations;
    let asked = operations::table
        .filter(operations::backup_id.eq(id.uuid()))
        .filter(operations::kind.eq("restore"))
        .filter(operations::node_id.eq(node.uuid()))
        .order(operations::created_at.desc())
        .limit(1)
        .select(operations::server_id);
    let owned = scoped(Scope::Node(node))
        .filter(backups::id.eq(id.uuid()))
        .select(backups::server_id);
    let (asked, owned): (Vec<Uuid>, Vec<Option<Uuid>>) = conn.pair(asked, owned).await?;
    let server = asked.first().copied();
    Ok(server
        .or_else(|| owned.first().copied().flatten())
        .map(ServerId::from))
}

/// The backup of this id within the scope, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: Scope, id: BackupId) -> Result<Option<Backup>, Error> {
    tx.optional(
        backups::table
            .filter(backups::id.eq_any(scoped(scope).select(backups::id)))
            .filter(backups::id.eq(id.uuid()))
            .select(Backup::as_select())
            .for_update(),
    )
    .await
}

/// Where the backups of a server go, and how many count against its limit.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct Destination {
    #[diesel(sql_type = SqlNullable<SqlUuid>)]
    pub backup_configuration_id: Option<Uuid>,
    #[diesel(sql_type = SqlNullable<Text>)]
    pub disk: Option<String>,
    #[diesel(sql_type = SqlNullable<diesel::sql_types::Bool>)]
    pub shared: Option<bool>,
    #[diesel(sql_type = SqlNullable<diesel::sql_types::Bool>)]
    pub maintenance_enabled: Option<bool>,
    /// Those that are there or being made: what failed or is being deleted takes no room, and neither does what the panel made by itself.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    #[diesel(sql_type = BigInt)]
    pub in_group: i64,
    /// The values that the server gives variables, by their ids.
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub variables: Value,
}

/// Where the backups of a server go, and how many it has; `group`: and whether that group is the server's (`in_group` is 1 then). They go
/// to `instead` where that is named.
pub async fn destination(
    conn: &mut impl Readable,
    server: ServerId,
    group: Option<BackupGroupId>,
    instead: Option<BackupConfigurationId>,
) -> Result<Option<Destination>, Error> {
    conn.optional(
        ReadSql::select(
            "c.id AS backup_configuration_id, c.disk, c.shared, c.maintenance_enabled, \
             (SELECT count(*) FROM backups b WHERE b.server_id = s.id AND b.deleted_at IS NULL AND b.deleting_at IS NULL \
              AND b.system_backup_policy_id IS NULL AND b.state <> 'failed') AS count, \
             (SELECT count(*) FROM backup_groups g WHERE g.server_id = s.id AND g.id = ",
        )
        .bind::<SqlNullable<SqlUuid>, _>(group.map(BackupGroupId::uuid))
        .sql(
            ") AS in_group, \
             (SELECT coalesce(jsonb_object_agg(v.variable_id, v.value), '{}') FROM server_variables v WHERE v.server_id = s.id) AS variables \
             FROM servers s JOIN nodes n ON n.id = s.node_id JOIN locations l ON l.id = n.location_id \
             LEFT JOIN backup_configurations c ON c.id = coalesce(",
        )
        .bind::<SqlNullable<SqlUuid>, _>(instead.map(BackupConfigurationId::uuid))
        .sql(
            ", s.backup_configuration_id, n.backup_configuration_id, l.backup_configuration_id) \
             WHERE s.id = ",
        )
        .bind::<SqlUuid, _>(server.uuid()),
    )
    .await
}

/// Adds a backup that is yet to be made, with COMMIT.
pub fn record(tx: &mut Tx, backup: &Backup) {
    tx.at_commit(
        LateSql::new(
            "INSERT INTO backups (id, server_id, made_of, node_id, backup_configuration_id, backup_group_id, schedule_id, \
             system_backup_policy_id, name, ignored_files, disk, shared, state, metadata, created_at) VALUES (",
        )
        .value(backup.id.uuid())
        .sql(",")
        .value(backup.server_id.map(ServerId::uuid))
        .sql(",")
        .value(backup.made_of.uuid())
        .sql(",")
        .value(backup.node_id.map(NodeId::uuid))
        .sql(",")
        .value(backup.backup_configuration_id.map(BackupConfigurationId::uuid))
        .sql(",")
        .value(backup.backup_group_id.map(BackupGroupId::uuid))
        .sql(",")
        .value(backup.schedule_id.map(ScheduleId::uuid))
        .sql(",")
        .value(backup.system_backup_policy_id.map(SystemBackupPolicyId::uuid))
        .sql(",")
        .value(&backup.name)
        .sql(",ARRAY[")
        .values(&backup.ignored_files)
        .sql("]::text[],")
        .value(&backup.disk)
        .sql(",")
        .value(backup.shared)
        .sql(",")
        .value(&backup.state)
        .sql(",")
        .value(&backup.metadata)
        .sql(",")
        .value(backup.created_at)
        .sql(")"),
    );
}

/// What people change of a backup; `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = backups, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct BackupChanges {
    pub name: Option<String>,
    pub locked: Option<bool>,
    pub backup_group_id: Option<Option<Uuid>>,
    pub server_id: Option<Option<Uuid>>,
}

/// Changes a backup. `false`: there is none of this id.
///
/// # Errors
/// [`Error::ForeignKey`] on a group or server that is not there.
pub async fn update(tx: &mut Tx, id: BackupId, changes: &BackupChanges) -> Result<bool, Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::deleted_at.is_null());
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}
