//! Access to stores that daemons speak to themselves. What is handed out opens the whole store: who shares one between nodes trusts all of them.

use panel_domain::backup::{BackupDisk, Stores};
use panel_domain::id::BackupId;
use panel_storage::backups::Backup;
use wings_client::wire::remote::{KopiaCredentials, PbsCredentials, ResticCredentials};

use super::of_node;
use crate::backups::{disk_of, stores_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::remote::this_node;

/// The stores of a backup of the node that is kept on `disk`.
async fn stores(cx: &Cx, id: BackupId, disk: BackupDisk) -> Result<(Backup, Stores), Error> {
    let node = this_node(cx)?;
    let backup = of_node(&mut cx.read_primary().await?, node, id).await?;
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
/// [`Error::NotFound`] for a backup that is not the node's, [`Error::Conflict`] for one that is kept elsewhere.
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
