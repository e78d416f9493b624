//! What daemons report of backups, and ask about them.

mod access;
mod ordered;
mod upload;

pub use access::{kopia, pbs, restic};
pub use ordered::{
    BackupReservation, BackupSelector, MoveBackup, ReserveBackup, RestoreSelected, RestoreTold,
    delete_selected, move_selected, reserve_backup, restore_selected,
};
pub use upload::{UploadParts, upload_by_number, upload_by_size};

use panel_domain::activity::Event;
use panel_domain::backup::{BackupDisk, MAX_PARTS};
use panel_domain::id::{BackupId, NodeId, ServerId};
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::server::Report;
use panel_jobs::payload::MakeBackup;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::backups::{self as rows, Backup, Completion, Scope};
use panel_storage::{Readable, Tx, operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
pub use wings_client::wire::remote::{BackupResult, DeletionResult, RestoreResult};

use super::final_reports::Came;
use super::this_node;
use crate::backups::{Uploading, disk_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::operations::{Ending, end_failed, end_restore, end_successful};

/// The most characters of a checksum with its kind.
const MAX_CHECKSUM: usize = 255;

/// The backup of this id that this very node makes or has.
async fn of_node(conn: &mut impl Readable, node: NodeId, id: BackupId) -> Result<Backup, Error> {
    rows::find(conn, Scope::Node(node), id)
        .await?
        .filter(|backup| backup.node_id == Some(node))
        .ok_or(Error::not_found("backup"))
}

/// How the node says the making of a backup ended. Late and repeated reports are accepted: a success counts whenever it comes, and what
/// was found to be there is never given up for a word. An archive in a bucket counts when its store has confirmed it.
///
/// # Errors
/// [`Error::NotFound`] for a backup that is not the node's; the daemons in Go then delete the archive.
/// [`Error::Invalid`] for a report that no daemon makes.
pub(super) async fn report_backup(
    cx: &Cx,
    id: BackupId,
    result: BackupResult,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let completion = completion_of(&result)?;
    let event = if result.successful {
        Event::BackupComplete
    } else {
        Event::BackupFail
    };
    let ending = Ending::new(cx, event);
    // An operation for what is reported after its own has ended.
    let late = crate::servers::operation(
        cx,
        OperationKind::Backup,
        ServerId::from_uuid(id.uuid()),
        node,
        json!({}),
    );
    let (completion, ending, late, result) = (&completion, &ending, &late, &result);
    cx.write(|tx| {
        async move {
            let row = rows::lock(tx, Scope::Node(node), id)
                .await?
                .filter(|row| row.node_id == Some(node))
                .ok_or(Error::not_found("backup"))?;
            let in_bucket = disk_of(&row)? == BackupDisk::S3;
            if !result.successful {
                // It has said that it was there: now the store is asked.
                if in_bucket && row.state == "verifying" {
                    return Ok(());
                }
                let error = "the node could not make it";
                end_failed(tx, &row, error, ending).await?;
                if row.upload.is_some() {
                    wake(tx, &row, late).await?;
                }
                return Ok(());
            }
            if !in_bucket {
                end_successful(tx, &row, completion, ending).await?;
                return Ok(());
            }
            if row.state == "successful" && row.checksum.is_some() {
                return Ok(());
            }
            let upload = uploaded(&row, result)?;
            if rows::begin_verifying(tx, id, completion, upload.as_ref()).await? {
                wake(tx, &row, late).await?;
            } else {
                // It was found before; now it is known what it is. How large it is, the store has said.
                let completion = Completion {
                    bytes: row.bytes,
                    ..completion.clone()
                };
                end_successful(tx, &row, &completion, ending).await?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

fn completion_of(result: &BackupResult) -> Result<Completion, Error> {
    let number = |field: &str, number: u64| {
        i64::try_from(number).map_err(|_| Error::invalid(field, "must be a plausible number"))
    };
    let most = usize::try_from(MAX_PARTS).unwrap_or(usize::MAX);
    if result
        .parts
        .as_ref()
        .is_some_and(|parts| parts.len() > most)
    {
        return Err(Error::invalid("parts", format!("must be at most {most}")));
    }
    let checksum = format!("{}:{}", result.checksum_type, result.checksum);
    let printable = checksum.chars().all(|c| c.is_ascii_graphic());
    if result.successful && (checksum.len() > MAX_CHECKSUM || !printable) {
        return Err(Error::invalid("checksum", "must be short and printable"));
    }
    Ok(Completion {
        checksum: Some(checksum),
        bytes: number("size", result.size)?,
        files: number("files", result.files)?,
        browsable: result.browsable,
        streaming: result.streaming,
    })
}

/// What is noted of an upload whose daemon is done with it.
fn uploaded(row: &Backup, result: &BackupResult) -> Result<Option<serde_json::Value>, Error> {
    let Some(mut uploading) = Uploading::of(row)? else {
        return Ok(None);
    };
    let mut parts = result.parts.clone().unwrap_or_default();
    parts.sort_by_key(|part| part.part_number);
    let in_order = parts
        .iter()
        .zip(1..)
        .all(|(part, number)| part.part_number == number);
    // Parts that make no sense are left to the store, which knows what it has.
    uploading.etags = if in_order {
        parts.into_iter().map(|part| part.etag).collect()
    } else {
        Vec::new()
    };
    Ok(Some(uploading.noted()?))
}

/// Has the worker look at a backup, under a new operation where the old one has ended.
async fn wake(tx: &mut Tx, row: &Backup, late: &operations::Operation) -> Result<(), Error> {
    let open = operations::open_of_backup(tx, row.id).await?;
    let operation = match open {
        Some(open) if open.kind == "backup" => open.id,
        // It is being deleted: that clears up whatever there is.
        Some(_) => return Ok(()),
        None => {
            let mut late = late.clone();
            late.server_id = row.made_of;
            late.backup_id = Some(row.id);
            operations::record(tx, &late);
            late.id
        }
    };
    let job = MakeBackup { operation };
    enqueue(tx, &job, late.created_at, EnqueueOptions::default())?;
    Ok(())
}

/// How the node says that putting a backup back ended. Only what it was last asked for on that server is taken for an answer.
///
/// # Errors
/// [`Error::NotFound`] for a backup or server that is not the node's.
pub(super) async fn report_restore(
    cx: &Cx,
    id: BackupId,
    result: RestoreResult,
    came: Came,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let (event, report) = if result.successful {
        (Event::BackupRestoreComplete, Report::RestoreSucceeded)
    } else {
        (Event::BackupRestoreFail, Report::RestoreFailed)
    };
    let entry = cx.entry(event, json!({}));
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let server = match result.server_uuid {
                Some(server) => Some(ServerId::from_uuid(server)),
                // The daemons in Go do not say which: an administrator may have chosen another than the backup was made of.
                None => rows::restored_on(tx, node, id).await?,
            };
            let row = match server {
                Some(server) => servers::lock(tx, server).await?,
                None => None,
            };
            let row = row
                .filter(|row| row.node_id == node)
                .ok_or(Error::not_found("backup"))?;
            let Some(asked) = operations::last_restore(tx, row.id).await? else {
                return Ok(());
            };
            let is_asked = asked.backup_id == Some(id) && asked.node_id == node;
            if !is_asked || !came.can_be_about(asked.created_at) {
                return Ok(());
            }
            if asked.finished_at.is_some() && report == Report::RestoreFailed {
                return Ok(());
            }
            let error = (!result.successful).then_some("the node could not put it back");
            end_restore(tx, &row, &asked, report, error, entry, now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// How the node says that deleting a backup ended, where it answered before it was done.
///
/// # Errors
/// [`Error::NotFound`] for a backup that is not the node's, [`Error::Conflict`] for one that nobody wants deleted.
pub(super) async fn report_deletion(
    cx: &Cx,
    id: BackupId,
    result: DeletionResult,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    cx.write(|tx| {
        async move {
            let row = rows::lock(tx, Scope::Node(node), id).await?;
            let Some(row) = row.filter(|row| row.node_id == Some(node)) else {
                // The panel may have noticed itself that it is gone.
                let asked = operations::last_deletion(tx, id).await?;
                return match asked {
                    Some(asked) if asked.node_id == node => Ok(()),
                    _ => Err(Error::not_found("backup")),
                };
            };
            if row.deleting_at.is_none() {
                return Err(Error::conflict(
                    "backup_not_deleting",
                    "nobody has asked for this backup to be deleted",
                ));
            }
            // What lies in a bucket the panel deletes itself, and that is over when the store says so.
            if disk_of(&row)? == BackupDisk::S3 {
                return Ok(());
            }
            // A failure is tried again by the job of the operation that is open.
            if result.successful {
                rows::discard(tx, id, now).await?;
                if let Some(open) = operations::open_of_backup(tx, id).await? {
                    let state = OperationState::Succeeded.as_str();
                    operations::finish(tx, open.id, state, None, now).await?;
                }
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
