//! Asking for a backup.

use panel_cache::Client;
use panel_domain::activity::Event;
use panel_domain::backup;
use panel_domain::id::{BackupGroupId, NodeId, ServerId, ServerRef};
use panel_domain::operation::OperationKind;
use panel_domain::permission::ServerPermission;
use panel_domain::server::{Conflict, ServerAction};
use panel_domain::validate::Invalid;
use panel_jobs::payload::MakeBackup;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::operations;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{Backup, NewBackup, reserve};
use crate::activity::Entry;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;
use crate::node_calls;
use crate::servers::{lock_server, operation};

/// A backup that is to be made.
#[derive(Debug, Clone, Default)]
pub struct CreateBackup {
    /// Its name; the time when it is asked for when there is none.
    pub name: Option<String>,
    /// Patterns of files that are left out. Without any, the server's own list of them counts.
    pub ignored_files: Vec<String>,
    /// Into which group it goes.
    pub group: Option<BackupGroupId>,
}

impl CreateBackup {
    /// Everything that is wrong with it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut invalid = Invalid::new();
        if let Some(name) = &self.name {
            backup::check_name("name", name, &mut invalid);
        }
        backup::check_ignored_files("ignored_files", &self.ignored_files, &mut invalid);
        Ok(invalid.finish()?)
    }
}

/// Has the server's node make a backup. It is there when the node says so.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::RateLimited`]; [`Error::Conflict`] when the server has as many
/// as it may have; [`Error::NodeLacksCapability`] when its node cannot keep backups where they are to go.
pub async fn create(cx: &Cx, server: ServerRef, input: CreateBackup) -> Result<Backup, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsCreate, ServerAction::Use)
        .await?;
    input.check()?;
    let id = allowed.resource().id;
    let client = Client::Number(id.uuid().as_u128());
    cx.limit(Bucket::ClientServersBackupsCreate, client).await?;
    let mut new = NewBackup::new(cx, input.name, input.ignored_files);
    new.group = input.group;
    let entry = cx
        .entry(
            Event::BackupCreate,
            json!({ "backup": new.id, "name": new.name }),
        )
        .on(id);
    write(cx, id, allowed.resource().node, &new, entry).await
}

/// Writes a backup with the order to make it.
pub(crate) async fn write(
    cx: &Cx,
    server: ServerId,
    node: NodeId,
    new: &NewBackup,
    entry: Entry,
) -> Result<Backup, Error> {
    let mut operation = operation(cx, OperationKind::Backup, server, node, json!({}));
    let node = node_calls::node(cx, node).await?;
    operation.backup_id = Some(new.id);
    let job = MakeBackup {
        operation: operation.id,
    };
    let (node, operation, job, entry) = (&node, &operation, &job, &entry);
    cx.write(|tx| {
        async move {
            let row = lock_server(tx, server).await?;
            if row.node_id != operation.node_id {
                return Err(Conflict::Transferring.into());
            }
            state_of(&row, false).allows(ServerAction::Use, true)?;
            let backup = reserve(cx, tx, &row, node, new).await?;
            operations::record(tx, operation);
            enqueue(tx, job, new.now, EnqueueOptions::default())?;
            entry.record(tx);
            Ok(backup)
        }
        .scope_boxed()
    })
    .await
}
