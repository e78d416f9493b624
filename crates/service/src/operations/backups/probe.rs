//! Asking a node whether it has a backup.

use panel_domain::backup::BackupDisk;
use panel_domain::id::UserId;
use panel_storage::backups::Backup;
use uuid::Uuid;
use wings_client::{Capability, Download, Link, NodeClient};

use crate::backups::{disk_of, sign_download};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::Node;

/// What a node has of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// So many bytes, maybe not all of them yet.
    Bytes(u64),
    /// Nothing.
    Nothing,
    /// Its daemon cannot say.
    Unknown,
}

/// What the node has of a backup. The newest daemons have a question for it; the others are asked to hand the archive out, and only
/// the head of their answer is read.
///
/// # Errors
/// Inside, those of the call.
pub(super) async fn archive_on_node(
    cx: &Cx,
    node: &Node,
    client: &NodeClient,
    backup: &Backup,
) -> Result<Result<Found, wings_client::Error>, Error> {
    let disk = disk_of(backup)?;
    if node.capabilities().has(Capability::BackupQuery) {
        let answer = client.backup(backup.id, disk.adapter()).await;
        return Ok(answer.map(|found| match found {
            Some(found) => Found::Bytes(found.size.unwrap_or(0)),
            None => Found::Nothing,
        }));
    }
    // The daemons in Go pack on their own disk what they upload afterwards.
    let on_disk = disk == BackupDisk::Local || (disk == BackupDisk::S3 && node.flavour.is_go());
    if !on_disk {
        return Ok(Ok(Found::Unknown));
    }
    // Nobody's token: the panel's own.
    let token = sign_download(cx, node, backup, UserId::from_uuid(Uuid::nil()))?;
    let how = Download::default();
    Ok(match client.download(Link::Backup, &token, &how).await {
        Ok(stream) => Ok(Found::Bytes(stream.length().unwrap_or(0))),
        Err(error) if error.is_not_found() => Ok(Found::Nothing),
        Err(error) => Err(error),
    })
}
