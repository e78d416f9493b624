//! How nodes say that the moving of a server ended.

use panel_domain::activity::Event;
use panel_domain::backup::BackupDisk;
use panel_domain::id::{BackupId, NodeId, ServerId};
use panel_domain::node::Flavour;
use panel_domain::operation::OperationState;
use panel_domain::server::Conflict;
use panel_domain::transfer::MAX_BACKUPS;
use panel_storage::Tx;
use panel_storage::operations::Operation;
use panel_storage::servers::{self, Server};
use panel_storage::transfers::{self as rows, MovedBackup};
use scoped_futures::ScopedFutureExt;
use serde::Deserialize as _;
use uuid::Uuid;
use wings_client::wire::remote::BackupMigration;
pub use wings_client::wire::remote::TransferResult;

use super::final_reports::Came;
use super::this_node;
use crate::cx::Cx;
use crate::error::Error;
use crate::operations::{TransferEnding, arrive, discard_again, give_up};

/// The most characters of a checksum with its kind.
const MAX_CHECKSUM: usize = 255;

/// What becomes of a report of success.
enum Arrival {
    /// The server is the node's, or was already.
    Counts,
    /// Nobody waits for it any more.
    Late,
}

/// The destination of a transfer has the server: from now on it is there. Repeated reports are accepted.
///
/// # Errors
/// [`Error::NotFound`] for a server that the node has nothing to do with; [`Error::Conflict`] when it is not on its way there, and for its source,
/// which does not know; [`Error::Invalid`] for a report that no daemon makes.
pub(super) async fn report_arrival(
    cx: &Cx,
    server: ServerId,
    result: Option<TransferResult>,
    came: Came,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let result = result.unwrap_or_default();
    let told = told_backups(&result)?;
    let ending = TransferEnding::new(cx, server, Event::TransferComplete);
    let (told, ending) = (&told, &ending);
    let arrival = cx
        .write(|tx| {
            async move {
                let (row, transfer) = transfer_of(tx, node, server).await?;
                if transfer.destination_node_id != Some(node) {
                    return Err(Error::conflict(
                        "not_the_destination",
                        "only the node that a server is moving to can say that it has arrived",
                    ));
                }
                if transfer.finished_at.is_some() {
                    let known =
                        transfer.state == OperationState::Succeeded.as_str() && row.node_id == node;
                    if known {
                        return Ok(Arrival::Counts);
                    }
                    discard_again(tx, &row, node, ending).await?;
                    return Ok(Arrival::Late);
                }
                // Before its source was asked to send it, nothing can have arrived.
                if !is_about(came, &transfer) {
                    return Err(Conflict::NotTransferring.into());
                }
                let moved = moved_backups(&transfer, told)?;
                arrive(tx, &row, &transfer, &moved, ending).await?;
                Ok(Arrival::Counts)
            }
            .scope_boxed()
        })
        .await?;
    match arrival {
        Arrival::Counts => Ok(()),
        // The daemons in Go keep the files when they are refused; the worker removes them.
        Arrival::Late => Err(Conflict::NotTransferring.into()),
    }
}

/// One of the two nodes of a transfer could not do its part: the server stays where it is. Late and repeated reports change nothing.
///
/// # Errors
/// [`Error::NotFound`] for a server that the node has nothing to do with; [`Error::Conflict`] when it has arrived, or is not on its way.
pub(super) async fn report_transfer_failure(
    cx: &Cx,
    server: ServerId,
    came: Came,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let ending = TransferEnding::new(cx, server, Event::TransferFail);
    let ending = &ending;
    cx.write(|tx| {
        async move {
            let (row, transfer) = transfer_of(tx, node, server).await?;
            if transfer.finished_at.is_some() {
                return if transfer.state == OperationState::Succeeded.as_str() {
                    Err(Conflict::NotTransferring.into())
                } else {
                    Ok(())
                };
            }
            // Its source was not asked yet: this is about an earlier time.
            if !is_about(came, &transfer) {
                return Ok(());
            }
            let reason = if transfer.node_id == node {
                "the source could not send it"
            } else {
                "the destination could not take it in"
            };
            let state = OperationState::Failed;
            give_up(tx, &row, &transfer, state, reason, ending).await
        }
        .scope_boxed()
    })
    .await
}

/// Whether a report can be about this transfer: its source was asked before the report came.
fn is_about(came: Came, transfer: &Operation) -> bool {
    transfer.called_at.is_some_and(|at| came.can_be_about(at))
}

/// The server, locked, and its last transfer, if this node is one of the two.
async fn transfer_of(
    tx: &mut Tx,
    node: NodeId,
    server: ServerId,
) -> Result<(Server, Operation), Error> {
    let row = servers::lock(tx, server)
        .await?
        .ok_or(Error::not_found("server"))?;
    let last = rows::last(tx, server)
        .await?
        .filter(|transfer| transfer.node_id == node || transfer.destination_node_id == Some(node));
    match last {
        Some(transfer) => Ok((row, transfer)),
        None if row.node_id == node => Err(Conflict::NotTransferring.into()),
        None => Err(Error::not_found("server")),
    }
}

/// What a report says of backups, as it can be stored.
fn told_backups(result: &TransferResult) -> Result<Vec<MovedBackup>, Error> {
    if result.backups.len() > MAX_BACKUPS {
        return Err(Error::invalid(
            "backups",
            format!("must be at most {MAX_BACKUPS}"),
        ));
    }
    // From Calagopus 1 on those with news are listed there only.
    let listed = result.backups.iter();
    let others = result
        .backup_migrations
        .keys()
        .take(MAX_BACKUPS)
        .filter(|id| !result.backups.contains(id));
    listed
        .chain(others)
        .map(|id| told_backup(*id, result.backup_migrations.get(id)))
        .collect()
}

fn told_backup(id: Uuid, migration: Option<&BackupMigration>) -> Result<MovedBackup, Error> {
    let adapter = migration.and_then(|migration| migration.adapter.as_deref());
    Ok(MovedBackup {
        id: BackupId::from_uuid(id),
        checksum: migration.map(checksum_of).transpose()?,
        browsable: migration.map(|migration| migration.browsable),
        streaming: migration.map(|migration| migration.streaming),
        disk: adapter.map(disk_of).transpose()?,
    })
}

fn checksum_of(migration: &BackupMigration) -> Result<String, Error> {
    let checksum = format!("{}:{}", migration.checksum_type, migration.checksum);
    if checksum.len() > MAX_CHECKSUM || !checksum.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Error::invalid(
            "backup_migrations",
            "must have checksums that are short and printable",
        ));
    }
    Ok(checksum)
}

fn disk_of(adapter: &str) -> Result<String, Error> {
    let known = BackupDisk::ALL
        .into_iter()
        .find(|disk| disk.adapter() == adapter && disk.is_on_node());
    known
        .map(|disk| disk.as_str().to_owned())
        .ok_or_else(|| Error::invalid("backup_migrations", "must name how nodes keep backups"))
}

/// The backups that have come along: of those that were to, all on the daemons in Go, which do not say and take all or nothing.
fn moved_backups(transfer: &Operation, told: &[MovedBackup]) -> Result<Vec<MovedBackup>, Error> {
    let ordered =
        Vec::<Uuid>::deserialize(&transfer.details["backups"]).map_err(Error::internal)?;
    let flavour = transfer.details["flavour"]
        .as_str()
        .map(str::parse::<Flavour>);
    if matches!(flavour, Some(Ok(flavour)) if flavour.is_go()) {
        let moved = |id: Uuid| MovedBackup {
            id: id.into(),
            checksum: None,
            browsable: None,
            streaming: None,
            disk: None,
        };
        return Ok(ordered.into_iter().map(moved).collect());
    }
    // What was not asked for is nobody's to move.
    let wanted = told
        .iter()
        .filter(|backup| ordered.contains(&backup.id.uuid()));
    Ok(wanted.cloned().collect())
}
