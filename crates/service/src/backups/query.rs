//! Asking a node about a backup, and having it written among the server's files.

use panel_domain::activity::Event;
use panel_domain::id::{BackupId, NodeId, ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;
pub use wings_client::wire::backups::BackupQuery as Archive;
use wings_client::wire::backups::ExportBackup;
use wings_client::wire::files::{ArchiveFormat, Entry};
use wings_client::{Capability, Work};

use super::{Backup, disk_of, of_server, usable};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// How a backup is packed and how large it is there.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] for one that is not there, [`Error::NodeLacksCapability`],
/// [`Error::NodeUnreachable`].
pub async fn query(cx: &Cx, server: ServerRef, id: BackupId) -> Result<Archive, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsRead, ServerAction::Use)
        .await?;
    let backup = of_server(&mut cx.read_primary().await?, allowed.resource().id, id).await?;
    query_of(cx, &backup, allowed.resource().node).await
}

/// As [`query`], for somebody who was asked already whether they may.
pub(crate) async fn query_of(cx: &Cx, backup: &Backup, node: NodeId) -> Result<Archive, Error> {
    usable(backup)?;
    let client = node_calls::client(cx, node).await?;
    let adapter = disk_of(backup)?.adapter();
    client
        .backup(backup.id, adapter)
        .await?
        .ok_or(Error::not_found("backup"))
}

/// Where and how a backup is written among a server's files.
#[derive(Debug, Clone)]
pub struct Export {
    /// Under which path.
    pub path: String,
    /// How it is packed.
    pub archive_format: ArchiveFormat,
    /// Whether the answer waits for the end.
    pub foreground: bool,
}

/// What became of an export.
#[derive(Debug)]
pub enum Exported {
    /// It is done.
    Done(Box<Entry>),
    /// The node is at it, and calls it this.
    Started(Uuid),
}

/// Writes a backup as an archive among its server's files.
///
/// # Errors
/// As for [`query`], and [`Error::Invalid`].
pub async fn export(
    cx: &Cx,
    server: ServerRef,
    id: BackupId,
    input: Export,
) -> Result<Exported, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsDownload, ServerAction::Use)
        .await?;
    if !allowed
        .permissions()
        .contains(ServerPermission::FilesCreate)
    {
        use panel_domain::permission::Permission as _;
        use panel_domain::policy::Denial;
        return Err(Denial::Missing(ServerPermission::FilesCreate.key()).into());
    }
    let server = allowed.resource().id;
    let backup = of_server(&mut cx.read_primary().await?, server, id).await?;
    export_of(cx, &backup, server, allowed.resource().node, input).await
}

/// As [`export`], for somebody who was asked already whether they may.
pub(crate) async fn export_of(
    cx: &Cx,
    backup: &Backup,
    server: ServerId,
    node: NodeId,
    input: Export,
) -> Result<Exported, Error> {
    usable(backup)?;
    let mut invalid = Invalid::new();
    invalid.text("path", &input.path, 1..=4096);
    invalid.finish()?;
    let place = node_calls::node(cx, node).await?;
    if !place.capabilities().has(Capability::BackupExport) {
        return Err(Error::NodeLacksCapability {
            capability: Capability::BackupExport.to_string(),
        });
    }
    let order = ExportBackup {
        adapter: disk_of(backup)?.adapter().to_owned(),
        server: server.uuid(),
        path: input.path.clone(),
        archive_format: input.archive_format,
        foreground: input.foreground,
    };
    let entry = cx
        .entry(
            Event::BackupExport,
            json!({ "backup": backup.id, "name": backup.name, "path": input.path }),
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
    let client = node_calls::client(cx, node).await?;
    let (client, order) = (&client, &order);
    let answer = node_calls::at_most_once(cx, || client.export_backup(backup.id, order)).await??;
    match answer {
        Work::Started(id) => Ok(Exported::Started(id)),
        Work::Done(Some(entry)) => Ok(Exported::Done(entry)),
        Work::Done(None) => Err(Error::internal(
            "the node wrote a backup and does not say what it wrote",
        )),
    }
}
