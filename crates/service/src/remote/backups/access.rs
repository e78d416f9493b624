//! Access to stores that daemons speak to themselves. What is handed out opens the whole store: who shares one between nodes trusts all of them.

use panel_domain::backup::{BackupDisk, Stores};
use panel_domain::id::{BackupId, NodeId};
use panel_storage::backups::{self as rows, Backup, Scope};
use panel_storage::{Readable, operations};
use wings_client::wire::remote::{KopiaCredentials, PbsCredentials, ResticCredentials};

use crate::backups::{disk_of, stores_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::remote::this_node;

/// The backup of this id, if the node has to do with where it is kept: it made it, or has the server that it is of while every node reaches it,
/// or is to put it back.
async fn needed(conn: &mut impl Readable, node: NodeId, id: BackupId) -> Result<Backup, Error> {
    let backup = rows::find(conn, Scope::All, id)
        .await?
        .ok_or(Error::not_found("backup"))?;
    if backup.node_id == Some(node) {
        return Ok(backup);
    }
    if !backup.shared {
        return Err(Error::not_found("backup"));
    }
    let restored = operations::open_of_backup(conn, id)
        .await?
        .is_some_and(|open| open.kind == "restore" && open.node_id == node);
    if restored || rows::find(conn, Scope::Node(node), id).await?.is_some() {
        return Ok(backup);
    }
    Err(Error::not_found("backup"))
}

/// The stores of a backup that the node needs and that is kept on `disk`.
async fn stores(cx: &Cx, id: BackupId, disk: BackupDisk) -> Result<(Backup, Stores), Error> {
    let node = this_node(cx)?;
    let backup = needed(&mut cx.read_primary().await?, node, id).await?;
    if disk_of(&backup)? != disk {
        return Err(not_there(disk));
    }
    let stores = stores_of(cx, &backup)
        .await?
        .ok_or_else(|| not_there(disk))?;
    Ok((backup, stores))
}

fn not_there(disk: BackupDisk) -> Error {
    Error::conflict(
        "backup_kept_elsewhere",
        format!("there is no access to {disk} for this backup"),
    )
}

/// Access to the restic repository of a backup.
///
/// # Errors
/// [`Error::NotFound`] for a backup that the node does not need, [`Error::Conflict`] for one that is kept elsewhere.
pub async fn restic(cx: &Cx, id: BackupId) -> Result<ResticCredentials, Error> {
    let disk = BackupDisk::Restic;
    let (_, stores) = stores(cx, id, disk).await?;
    let restic = stores.restic.ok_or_else(|| not_there(disk))?;
    Ok(ResticCredentials {
        repository: restic.repository,
        retry_lock_seconds: restic.retry_lock_seconds,
        environment: restic.environment,
    })
}

/// Access to the Proxmox Backup Server of a backup.
///
/// # Errors
/// As for [`restic`].
pub async fn pbs(cx: &Cx, id: BackupId) -> Result<PbsCredentials, Error> {
    let disk = BackupDisk::ProxmoxBackupServer;
    let (backup, stores) = stores(cx, id, disk).await?;
    let pbs = stores.pbs.ok_or_else(|| not_there(disk))?;
    Ok(PbsCredentials {
        url: pbs.url,
        datastore: pbs.datastore,
        namespace: pbs.namespace,
        token_id: pbs.token_id,
        token_secret: pbs.token_secret,
        fingerprint: pbs.fingerprint,
        backup_id_prefix: pbs.backup_id_prefix,
        server_uuid: Some(backup.made_of.uuid()),
        backup_created: backup.created_at,
    })
}

/// Access to the Kopia server of a backup.
///
/// # Errors
/// As for [`restic`].
pub async fn kopia(cx: &Cx, id: BackupId) -> Result<KopiaCredentials, Error> {
    let disk = BackupDisk::Kopia;
    let (_, stores) = stores(cx, id, disk).await?;
    let kopia = stores.kopia.ok_or_else(|| not_there(disk))?;
    Ok(KopiaCredentials {
        url: kopia.url,
        username: kopia.username,
        password: kopia.password,
        fingerprint: kopia.fingerprint,
        tags: kopia.tags,
    })
}
