//! Lists of backups, and picking one by what is said of it.

use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{
    BackupConfigurationId, BackupGroupId, BackupId, NodeId, ScheduleId, ServerId,
    SystemBackupPolicyId,
};
use uuid::Uuid;

use super::{Backup, Scope, scoped};
use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::schema::{backups, servers};
use crate::types::contains;

/// Which backups a list shows.
#[derive(Debug, Clone, Default)]
pub struct BackupFilter {
    /// Part of the name.
    pub search: Option<String>,
    /// Only those in this group.
    pub group: Option<BackupGroupId>,
    /// Only those in no group.
    pub ungrouped: bool,
    /// Only those that this node has.
    pub node: Option<NodeId>,
    /// Only those of this server, wherever they are.
    pub server: Option<ServerId>,
    /// Only those kept there.
    pub configuration: Option<BackupConfigurationId>,
    /// Only those that belong to no server.
    pub detached: bool,
    /// Only those that the panel made by itself, or only the others.
    pub by_policy: Option<bool>,
    /// Only those that this policy made.
    pub policy: Option<SystemBackupPolicyId>,
    /// Only those whose server is on another node than they are.
    pub partially_detached: bool,
}

fn filtered(scope: Scope, filter: &BackupFilter) -> backups::BoxedQuery<'static, Pg> {
    let mut query = scoped(scope);
    if let Some(search) = &filter.search {
        query = query.filter(backups::name.ilike(contains(search)));
    }
    if let Some(group) = filter.group {
        query = query.filter(backups::backup_group_id.eq(group.uuid()));
    }
    if filter.ungrouped {
        query = query.filter(backups::backup_group_id.is_null());
    }
    if let Some(node) = filter.node {
        query = query.filter(backups::node_id.eq(node.uuid()));
    }
    if let Some(server) = filter.server {
        query = query.filter(backups::server_id.eq(server.uuid()));
    }
    if let Some(configuration) = filter.configuration {
        query = query.filter(backups::backup_configuration_id.eq(configuration.uuid()));
    }
    match filter.by_policy {
        Some(true) => query = query.filter(backups::system_backup_policy_id.is_not_null()),
        Some(false) => query = query.filter(backups::system_backup_policy_id.is_null()),
        None => {}
    }
    if let Some(policy) = filter.policy {
        query = query.filter(backups::system_backup_policy_id.eq(policy.uuid()));
    }
    if filter.detached {
        query = query.filter(backups::server_id.is_null());
    }
    if filter.partially_detached {
        let elsewhere = servers::table
            .filter(servers::id.nullable().eq(backups::server_id))
            .filter(servers::node_id.nullable().ne(backups::node_id));
        query = query.filter(diesel::dsl::exists(elsewhere));
    }
    query
}

/// One page of backups, the youngest first, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    scope: Scope,
    filter: &BackupFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Backup>, i64), Error> {
    conn.page(
        filtered(scope, filter).count(),
        filtered(scope, filter)
            .order((backups::created_at.desc(), backups::id.desc()))
            .offset(offset)
            .limit(limit)
            .select(Backup::as_select()),
    )
    .await
}

/// The backups of these servers that each server's node has: those it made and those that every node reaches.
pub async fn of_servers(
    conn: &mut impl Readable,
    ids: &[ServerId],
) -> Result<Vec<(ServerId, BackupId)>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found: Vec<(Uuid, Uuid)> = conn
        .load(
            servers::table
                .inner_join(backups::table.on(backups::server_id.eq(servers::id.nullable())))
                .filter(servers::id.eq_any(ids))
                .filter(backups::deleted_at.is_null())
                .filter(
                    backups::node_id
                        .is_not_distinct_from(servers::node_id.nullable())
                        .or(backups::shared),
                )
                .order((backups::created_at, backups::id))
                .select((servers::id, backups::id)),
        )
        .await?;
    Ok(found
        .into_iter()
        .map(|(server, backup)| (server.into(), backup.into()))
        .collect())
}

/// The backups of a server that are not gone, whichever node has them.
pub async fn all_of(conn: &mut impl Readable, server: ServerId) -> Result<Vec<Backup>, Error> {
    conn.load(
        scoped(Scope::All)
            .filter(backups::server_id.eq(server.uuid()))
            .order(backups::id)
            .select(Backup::as_select()),
    )
    .await
}

/// Which of a server's backups is meant.
#[derive(Debug, Clone, Default)]
pub struct BackupSelection {
    /// The one of this id.
    pub id: Option<BackupId>,
    /// One of this name.
    pub name: Option<String>,
    /// One of this group.
    pub group: Option<BackupGroupId>,
    /// One made by this schedule.
    pub schedule: Option<ScheduleId>,
    /// The oldest of those that fit; else the youngest.
    pub oldest: bool,
}

/// The backup that is meant, of those of the server that are there and not being deleted.
pub async fn select(
    conn: &mut impl Readable,
    server: ServerId,
    selection: &BackupSelection,
) -> Result<Option<Backup>, Error> {
    let mut query = scoped(Scope::Server(server))
        .filter(backups::state.eq("successful"))
        .filter(backups::system_backup_policy_id.is_null())
        .filter(backups::deleting_at.is_null());
    if let Some(id) = selection.id {
        query = query.filter(backups::id.eq(id.uuid()));
    }
    if let Some(name) = &selection.name {
        query = query.filter(backups::name.eq(name.clone()));
    }
    if let Some(group) = selection.group {
        query = query.filter(backups::backup_group_id.eq(group.uuid()));
    }
    if let Some(schedule) = selection.schedule {
        query = query.filter(backups::schedule_id.eq(schedule.uuid()));
    }
    let query = if selection.oldest {
        query.order((backups::created_at.asc(), backups::id.asc()))
    } else {
        query.order((backups::created_at.desc(), backups::id.desc()))
    };
    conn.optional(query.limit(1).select(Backup::as_select()))
        .await
}

/// The backup of a server that makes room for another: the oldest that nobody keeps from being deleted, of those in no group first. Its row is
/// locked until the transaction ends.
pub async fn evictable(tx: &mut Tx, server: ServerId) -> Result<Option<Backup>, Error> {
    tx.optional(
        backups::table
            .filter(backups::server_id.eq(server.uuid()))
            .filter(backups::deleted_at.is_null())
            .filter(backups::deleting_at.is_null())
            .filter(backups::state.eq("successful"))
            .filter(backups::system_backup_policy_id.is_null())
            .filter(diesel::dsl::not(backups::locked))
            .order((
                backups::backup_group_id.is_not_null(),
                backups::created_at,
                backups::id,
            ))
            .limit(1)
            .select(Backup::as_select())
            .for_update(),
    )
    .await
}
