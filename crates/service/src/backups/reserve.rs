//! Writing down a backup that is to be made.

use chrono::{DateTime, Utc};
use panel_domain::backup::{BackupDisk, BackupState};
use panel_domain::id::{
    BackupConfigurationId, BackupGroupId, BackupId, ScheduleId, SystemBackupPolicyId,
};
use panel_domain::server::{FeatureLimit, FeatureLimits};
use panel_storage::Tx;
use panel_storage::backups::{self as rows, Backup};
use panel_storage::servers::Server;
use serde_json::json;

use super::{Doomed, condemn};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::Node;

/// A backup that is yet to be made. Made outside of the transaction.
pub(crate) struct NewBackup {
    pub(crate) id: BackupId,
    pub(crate) name: String,
    pub(crate) ignored_files: Vec<String>,
    pub(crate) group: Option<BackupGroupId>,
    pub(crate) schedule: Option<ScheduleId>,
    /// The policy that it is made by. It counts against no limit then.
    pub(crate) policy: Option<SystemBackupPolicyId>,
    /// Where it goes, if not where the server's go.
    pub(crate) place: Option<BackupConfigurationId>,
    /// What is to be deleted where another backup has to make room. Nothing makes room without it.
    pub(crate) makes_room: Option<Doomed>,
    pub(crate) now: DateTime<Utc>,
}

impl NewBackup {
    /// A backup with this name, or one that says when it was made.
    pub(crate) fn new(cx: &Cx, name: Option<String>, ignored_files: Vec<String>) -> Self {
        let now = cx.now();
        Self {
            id: BackupId::new_v4(),
            name: name.unwrap_or_else(|| now.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
            ignored_files,
            group: None,
            schedule: None,
            policy: None,
            place: None,
            makes_room: None,
            now,
        }
    }
}

/// Writes a backup of a server whose row is locked: where it goes, and whether there is room, is decided here.
///
/// # Errors
/// [`Error::Conflict`] when there is no room or the place is in maintenance; [`Error::Invalid`] for a group that is not the server's;
/// [`Error::NodeLacksCapability`] when the node's daemon does not know such a place.
pub(crate) async fn reserve(
    cx: &Cx,
    tx: &mut Tx,
    server: &Server,
    node: &Node,
    new: &NewBackup,
) -> Result<Backup, Error> {
    let place = rows::destination(tx, server.id, new.group, new.place)
        .await?
        .ok_or(Error::not_found("server"))?;
    if new.group.is_some() && place.in_group == 0 {
        return Err(Error::invalid(
            "backup_group_uuid",
            "must be a backup group of this server",
        ));
    }
    if place.maintenance_enabled == Some(true) {
        return Err(Error::conflict(
            "backup_configuration_in_maintenance",
            "the place for this server's backups is in maintenance; try again later",
        ));
    }
    let disk: BackupDisk = match &place.disk {
        Some(disk) => disk.parse().map_err(Error::internal)?,
        None => BackupDisk::Local,
    };
    if !node
        .capabilities()
        .backup_adapters()
        .contains(&disk.adapter())
    {
        return Err(Error::NodeLacksCapability {
            capability: format!("backups on {disk}"),
        });
    }
    let limits = FeatureLimits {
        backups: server.backup_limit,
        ..FeatureLimits::default()
    };
    if new.policy.is_none() && !limits.has_room(FeatureLimit::Backups, place.count) {
        make_room(cx, tx, server, &limits, place.count, new).await?;
    }
    let backup = Backup {
        id: new.id,
        server_id: Some(server.id),
        made_of: server.id,
        node_id: Some(server.node_id),
        backup_configuration_id: place
            .backup_configuration_id
            .map(BackupConfigurationId::from),
        backup_group_id: new.group,
        schedule_id: new.schedule,
        system_backup_policy_id: new.policy,
        name: new.name.clone(),
        ignored_files: new.ignored_files.clone(),
        disk: disk.as_str().to_owned(),
        // Whatever is in a bucket is reached from every node.
        shared: disk == BackupDisk::S3 || (!disk.is_on_node() && place.shared == Some(true)),
        state: BackupState::Creating.as_str().to_owned(),
        locked: false,
        browsable: false,
        streaming: false,
        checksum: None,
        bytes: 0,
        files: 0,
        metadata: json!({
            "startup": server.startup, "image": server.image, "variables": place.variables,
        }),
        upload: None,
        error: None,
        completed_at: None,
        deleting_at: None,
        deletion_error: None,
        deleted_at: None,
        created_at: new.now,
    };
    rows::record(tx, &backup);
    Ok(backup)
}

/// Has the oldest backup deleted that nobody locked, where a schedule needs its place.
async fn make_room(
    cx: &Cx,
    tx: &mut Tx,
    server: &Server,
    limits: &FeatureLimits,
    count: i64,
    new: &NewBackup,
) -> Result<(), Error> {
    if let Some(doomed) = &new.makes_room
        && limits.has_room(FeatureLimit::Backups, count - 1)
        && let Some(oldest) = rows::evictable(tx, server.id).await?
    {
        return condemn(cx, tx, &oldest, doomed).await;
    }
    Err(Error::conflict(
        "backup_limit_reached",
        format!(
            "the server may have {} backups; delete one, or ask an administrator to raise that",
            server.backup_limit
        ),
    ))
}
