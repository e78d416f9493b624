//! Handing a backup out.

use std::time::Duration;

use panel_domain::activity::Event;
use panel_domain::backup::BackupDisk;
use panel_domain::id::{BackupId, NodeId, ServerRef, UserId};
use panel_domain::permission::ServerPermission;
use panel_domain::policy;
use panel_domain::server::ServerAction;
use scoped_futures::ScopedFutureExt;
use serde::Deserialize;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, link_url};
use wings_client::wire::files::ArchiveFormat;
use wings_client::{Capability, Link};

use super::{Backup, disk_of, key_of, of_server, open_store, usable};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// How long the address of an object in a bucket holds.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How a backup is to be handed out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Download {
    /// How it is packed where it is no archive yet.
    pub archive_format: Option<ArchiveFormat>,
}

/// The format of this name.
#[must_use]
pub fn archive_format(name: &serde_json::Value) -> Option<ArchiveFormat> {
    ArchiveFormat::deserialize(name).ok()
}

/// From where a browser fetches a backup of a server, for a quarter of an hour.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] for one that is not there.
pub async fn download(
    cx: &Cx,
    server: ServerRef,
    id: BackupId,
    how: Download,
) -> Result<Url, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsDownload, ServerAction::Use)
        .await?;
    let server = allowed.resource().id;
    let backup = of_server(&mut cx.read_primary().await?, server, id).await?;
    let url = link(cx, &backup, allowed.resource().node, how).await?;
    let entry = cx
        .entry(
            Event::BackupDownload,
            json!({ "backup": id, "name": backup.name }),
        )
        .on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(url)
}

/// The address of a backup that can be used. `node` hands it out where its store cannot.
pub(crate) async fn link(
    cx: &Cx,
    backup: &Backup,
    node: NodeId,
    how: Download,
) -> Result<Url, Error> {
    usable(backup)?;
    let disk = disk_of(backup)?;
    if disk == BackupDisk::S3 {
        let (store, _) = open_store(cx, backup).await?;
        let name = format!("{}.tar.gz", backup.id);
        return Ok(store.download_url(&key_of(backup), Some(&name), cx.now(), LIFETIME));
    }
    let user = policy::active(cx.actor())?.id;
    let node = node_calls::node(cx, node).await?;
    let token = sign(cx, &node, backup, user)?;
    let mut url = link_url(&node.public_url, Link::Backup.path(), &token);
    if let Some(format) = how.archive_format
        && node.capabilities().has(Capability::DirectoryDownload)
    {
        url.query_pairs_mut()
            .append_pair("archive_format", format.as_str());
    }
    Ok(url)
}

/// What a node hands a backup out for.
pub(crate) fn sign(
    cx: &Cx,
    node: &node_calls::Node,
    backup: &Backup,
    user: UserId,
) -> Result<String, Error> {
    Signer {
        node: &node.target,
        issuer: &cx.app().options().url,
        user,
        server: backup.made_of,
    }
    // Only tells tokens apart: what makes one valid is its signature.
    .backup_download(backup.id, cx.now(), Uuid::new_v4())
    .map_err(Error::internal)
}
