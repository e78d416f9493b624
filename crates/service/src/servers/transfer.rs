//! Moving servers to another node.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::activity::Event;
use panel_domain::backup::{BackupDisk, BackupState};
use panel_domain::id::{AllocationId, BackupId, NodeId, ServerId, ServerRef};
use panel_domain::node::Flavour;
use panel_domain::operation::{OperationKind, OperationState};
use panel_domain::permission::AdminPermission;
use panel_domain::server::ServerAction;
use panel_domain::transfer::{AllocationMode, MAX_BACKUPS, MAX_CHANNELS, NoWay, way};
use panel_domain::validate::Invalid;
use panel_jobs::payload::TransferServer as TransferJob;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::backups::{self, Backup};
use panel_storage::operations::{self, Operation};
use panel_storage::servers::Server;
use panel_storage::transfers as rows;
use panel_storage::{Readable, Tx, allocations, nodes};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use wings_client::Capability;
use wings_client::wire::files::{ArchiveFormat, CompressionLevel};

use super::change::{self, Missing};
use super::lookup;
use crate::activity::Entry;
use crate::authorize::state_of;
use crate::backups::{disk_of, state_of as backup_state};
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::node_calls;
use crate::operations::{TransferEnding, give_up};

/// How servers are sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    /// Whether the copies of backups that went along are removed where they were.
    pub delete_source_backups: bool,
    /// How the files are packed.
    pub archive_format: ArchiveFormat,
    /// How hard.
    pub compression_level: Option<CompressionLevel>,
    /// Further streams beside the first.
    pub channels: u64,
}

/// Where a server goes.
#[derive(Debug, Clone)]
pub struct TransferServer {
    /// To this node.
    pub node: NodeId,
    /// Its primary address there.
    pub primary: Option<AllocationId>,
    /// More addresses there.
    pub additional: Vec<AllocationId>,
    /// Backups on its node that go along.
    pub backups: Vec<BackupId>,
    /// How it is sent.
    pub sending: Sending,
}

/// Sends a server to another node. It can be used again when it has arrived, or has stayed.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for an address that another server has; [`Error::Conflict`] when its
/// state does not allow it, or there is no way from the one node to the other; [`Error::NodeLacksCapability`].
pub async fn transfer(cx: &Cx, server: ServerRef, input: TransferServer) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersTransfer)?;
    let mut invalid = Invalid::new();
    input.sending.check(&mut invalid);
    invalid.require(
        input.additional.len() <= 100,
        "allocation_uuids",
        "must be at most 100",
    );
    invalid.require(
        input.backups.len() <= MAX_BACKUPS,
        "backups",
        format!("must be at most {MAX_BACKUPS}"),
    );
    invalid.finish()?;
    let mut conn = cx.read_primary().await?;
    let row = lookup::current(&mut conn, server).await?;
    let flavour = way_between(&mut conn, row.node_id, input.node).await?;
    let kept = backups::all_of(&mut conn, row.id).await?;
    drop(conn);
    let way = Way::check(cx, row.node_id, input.node, flavour, input.sending).await?;
    let along = way.along(&kept, Some(&input.backups))?;
    let addresses: BTreeSet<AllocationId> = input
        .primary
        .into_iter()
        .chain(input.additional.iter().copied())
        .collect();
    let departure = Departure::new(
        cx,
        &row,
        &way,
        &along,
        Addresses::These(input.primary, addresses.into_iter().collect()),
    );
    let departure = &departure;
    cx.write(|tx| async move { depart(tx, departure).await }.scope_boxed())
        .await
}

impl Sending {
    /// What is wrong with it.
    pub(crate) fn check(self, invalid: &mut Invalid) {
        invalid.require(
            self.channels <= MAX_CHANNELS,
            "multiplex_channels",
            format!("must be at most {MAX_CHANNELS}"),
        );
        invalid.require(
            !matches!(
                self.archive_format,
                ArchiveFormat::Zip | ArchiveFormat::SevenZip
            ),
            "archive_format",
            "must be one that can be read while it arrives",
        );
    }
}

/// What both nodes run, when a server can go from one to the other.
pub(crate) async fn way_between(
    conn: &mut impl Readable,
    source: NodeId,
    destination: NodeId,
) -> Result<Flavour, Error> {
    if source == destination {
        return Err(NoWay::SameNode.into());
    }
    let found = nodes::load_many(conn, &[source, destination]).await?;
    let flavour = |id: NodeId| {
        let row = found.iter().find(|row| row.id == id)?;
        Some(row.flavour.as_deref().and_then(|name| name.parse().ok()))
    };
    let to = flavour(destination)
        .ok_or_else(|| Error::invalid("node_uuid", "must be an existing node"))?;
    Ok(way(flavour(source).flatten(), to)?)
}

impl From<NoWay> for Error {
    fn from(no_way: NoWay) -> Self {
        Self::conflict(no_way.code(), no_way.to_string())
    }
}

/// A way that servers can be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Way {
    source: NodeId,
    destination: NodeId,
    flavour: Flavour,
    moves_backups: bool,
    sending: Sending,
}

impl Way {
    /// The way from one node to another, if both can do what is asked of them.
    ///
    /// # Errors
    /// [`Error::NodeLacksCapability`].
    pub(crate) async fn check(
        cx: &Cx,
        source: NodeId,
        destination: NodeId,
        flavour: Flavour,
        sending: Sending,
    ) -> Result<Self, Error> {
        let from = node_calls::node(cx, source).await?.capabilities();
        let to = node_calls::node(cx, destination).await?.capabilities();
        // The daemons in Go do not look at it.
        let needs_new = !flavour.is_go() && is_new(sending.archive_format);
        let new = Capability::TransferFormats;
        if needs_new && !(from.has(new) && to.has(new)) {
            return Err(lacks(new));
        }
        Ok(Self {
            source,
            destination,
            flavour,
            moves_backups: from.has(Capability::TransferBackups),
            sending,
        })
    }

    /// That backups can go along.
    ///
    /// # Errors
    /// [`Error::NodeLacksCapability`].
    pub(crate) fn require_backups(&self) -> Result<(), Error> {
        match self.moves_backups {
            true => Ok(()),
            false => Err(lacks(Capability::TransferBackups)),
        }
    }

    /// The backups that go along: these, or all that can (`None`). Those that every node reaches need not.
    ///
    /// # Errors
    /// [`Error::Invalid`] for one that is not a finished backup on the node; [`Error::NodeLacksCapability`] when its daemon sends none;
    /// [`Error::Conflict`] when others would be lost.
    pub(crate) fn along(
        &self,
        kept: &[Backup],
        wanted: Option<&[BackupId]>,
    ) -> Result<Vec<BackupId>, Error> {
        let mut movable = BTreeSet::new();
        for backup in kept {
            let disk = disk_of(backup)?;
            let sent = if self.flavour.is_go() {
                disk == BackupDisk::Local
            } else {
                disk.is_on_node()
            };
            let there = backup.node_id == Some(self.source) && backup.deleting_at.is_none();
            if sent && there && backup_state(backup)? == BackupState::Successful {
                movable.insert(backup.id);
            }
        }
        let along: BTreeSet<BackupId> = match wanted {
            Some(wanted) => wanted.iter().copied().collect(),
            None => movable.clone(),
        };
        if !along.is_empty() {
            self.require_backups()?;
        }
        if !along.is_subset(&movable) {
            return Err(Error::invalid(
                "backups",
                "must be finished backups of this server that are on its node",
            ));
        }
        let left = movable.difference(&along).count();
        if self.flavour == Flavour::Pelican && left > 0 && !self.sending.delete_source_backups {
            return Err(Error::conflict(
                "backups_would_be_lost",
                format!(
                    "the daemon deletes a server's backups with it: {left} more would have to go along, or may be deleted with `delete_source_backups`"
                ),
            ));
        }
        Ok(along.into_iter().collect())
    }
}

/// Whether only the newest daemons know this format.
const fn is_new(format: ArchiveFormat) -> bool {
    !matches!(
        format,
        ArchiveFormat::Tar
            | ArchiveFormat::TarGz
            | ArchiveFormat::TarXz
            | ArchiveFormat::TarBz2
            | ArchiveFormat::TarLz4
            | ArchiveFormat::TarZstd
    )
}

fn lacks(capability: Capability) -> Error {
    Error::NodeLacksCapability {
        capability: capability.to_string(),
    }
}

/// The addresses that are kept for a server where it goes.
#[derive(Debug, Clone)]
pub(crate) enum Addresses {
    /// These, the primary one among them.
    These(Option<AllocationId>, Vec<AllocationId>),
    /// Free ones.
    Chosen(AllocationMode),
}

/// A server that is to be sent on its way. Made outside of the transaction.
pub(crate) struct Departure {
    server: ServerId,
    operation: Operation,
    destination: NodeId,
    addresses: Addresses,
    entry: Entry,
    now: DateTime<Utc>,
}

impl Departure {
    pub(crate) fn new(
        cx: &Cx,
        server: &Server,
        way: &Way,
        backups: &[BackupId],
        addresses: Addresses,
    ) -> Self {
        let sending = way.sending;
        let details = json!({
            "flavour": way.flavour, "backups": backups, "delete_source_backups": sending.delete_source_backups,
            "archive_format": sending.archive_format, "compression_level": sending.compression_level,
            "multiplex_channels": sending.channels,
        });
        let kind = OperationKind::Transfer;
        let mut operation = change::operation(cx, kind, server.id, way.source, details);
        operation.destination_node_id = Some(way.destination);
        let entry = cx.entry(
            Event::AdminServerTransfer,
            json!({
                "server": server.id, "name": server.name, "source": way.source, "destination": way.destination,
                "backups": backups.len(),
            }),
        );
        Self {
            server: server.id,
            operation,
            destination: way.destination,
            addresses,
            entry,
            now: cx.now(),
        }
    }
}

/// Writes down that a server is on its way. A refusal comes before anything is written, except that of named addresses.
///
/// # Errors
/// [`Error::Conflict`], [`Error::Invalid`], [`Error::Taken`].
pub(crate) async fn depart(tx: &mut Tx, departure: &Departure) -> Result<(), Error> {
    let (id, operation) = (departure.server, &departure.operation);
    let row = change::lock(tx, id).await?;
    state_of(&row, false).allows(ServerAction::Transfer, true)?;
    if row.node_id != operation.node_id {
        return Err(Error::conflict(
            "server_moved",
            "the server has just moved to another node",
        ));
    }
    let obstacles = rows::obstacles(tx, id, departure.destination).await?;
    if obstacles.backups > 0 {
        return Err(Error::conflict(
            "backup_in_progress",
            "a backup of the server is being made or deleted; try again when that has ended",
        ));
    }
    if obstacles.copies > 0 {
        return Err(Error::conflict(
            "server_copy_left",
            "what an earlier transfer has left is still being removed; try again when that has ended",
        ));
    }
    let (primary, addresses) = match &departure.addresses {
        Addresses::These(primary, addresses) => (*primary, addresses.clone()),
        Addresses::Chosen(mode) => choose(tx, &row, departure.destination, *mode).await?,
    };
    let (destination, now) = (departure.destination, departure.now);
    let begun = rows::begin(tx, id, destination, primary, &addresses, now).await;
    let field = "allocation_uuids";
    match begun {
        Err(error) if error.is_conflict_on("server_allocations_pkey") => Err(error).taken(
            "server_allocations_pkey",
            field,
            "is used by a server already",
        ),
        other => other.missing(
            "server_allocations_allocation_id_node_id_fkey",
            field,
            "must be allocations of the node that the server goes to",
        ),
    }?;
    operations::record(tx, operation);
    let job = TransferJob {
        operation: operation.id,
    };
    enqueue(tx, &job, now, EnqueueOptions::default())?;
    departure.entry.record(tx);
    change::invalidate(tx, id);
    Ok(())
}

/// Free addresses of a node for a server that goes there, the primary one of them first.
async fn choose(
    tx: &mut Tx,
    server: &Server,
    node: NodeId,
    mode: AllocationMode,
) -> Result<(Option<AllocationId>, Vec<AllocationId>), Error> {
    let too_few = || {
        Error::conflict(
            "no_free_allocation",
            "the node has too few free allocations for the server",
        )
    };
    match mode {
        AllocationMode::None => Ok((None, Vec::new())),
        AllocationMode::RandomPrimary => {
            let free = allocations::pick_many(tx, node, 1).await?;
            let primary = *free.first().ok_or_else(too_few)?;
            Ok((Some(primary), free))
        }
        AllocationMode::RandomAll => {
            let count = allocations::count_of_server(tx, server.id).await?;
            let free = allocations::pick_many(tx, node, count).await?;
            if i64::try_from(free.len()).unwrap_or(0) < count {
                return Err(too_few());
            }
            let primary = server.allocation_id.and(free.first().copied());
            Ok((primary, free))
        }
        AllocationMode::PreservePorts => {
            let all = allocations::of_servers(tx, &[server.id]).await?;
            let is_primary = |id: AllocationId| Some(id) == server.allocation_id;
            let (mut ports, mut primary) = (Vec::new(), None);
            for (assignment, allocation) in all {
                if !assignment.destination {
                    if is_primary(allocation.id) {
                        primary = Some(ports.len());
                    }
                    ports.push(allocation.port);
                }
            }
            let picked = allocations::pick_ports(tx, node, &ports).await?;
            if picked.len() < ports.len() {
                return Err(too_few());
            }
            let picked: Vec<AllocationId> = picked.into_iter().map(|(_, id)| id).collect();
            let primary = primary.and_then(|position| picked.get(position).copied());
            Ok((primary, picked))
        }
    }
}

/// How long it is said of a server that it has arrived when somebody wants to stop it on its way.
const JUST_ARRIVED: TimeDelta = TimeDelta::days(1);

/// Has a server stay where it is that is on its way. What its new node has of it is removed.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] when it is not on its way, or has arrived.
pub async fn cancel_transfer(cx: &Cx, server: ServerRef) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersTransfer)?;
    let row = lookup::current(&mut cx.read_primary().await?, server).await?;
    let id = row.id;
    let entry = cx.entry(
        Event::AdminServerTransferCancel,
        json!({ "server": id, "name": row.name, "destination": row.destination_node_id }),
    );
    let ending = TransferEnding::new(cx, id, Event::TransferFail);
    let (entry, ending, now) = (&entry, &ending, cx.now());
    cx.write(|tx| {
        async move {
            let row = change::lock(tx, id).await?;
            let last = rows::last(tx, id).await?;
            let arrived = |last: &Operation| {
                last.state == OperationState::Succeeded.as_str()
                    && last.finished_at.is_some_and(|at| at + JUST_ARRIVED > now)
            };
            if row.destination_node_id.is_none() && last.as_ref().is_some_and(arrived) {
                return Err(Error::conflict(
                    "server_arrived",
                    "the server has arrived at its new node already; move it back instead",
                ));
            }
            state_of(&row, false).allows(ServerAction::CancelTransfer, true)?;
            entry.record(tx);
            call_off(tx, &row, last, ending).await
        }
        .scope_boxed()
    })
    .await
}

/// Ends the transfer of a server, whose row is locked, because somebody wants that.
///
/// # Errors
/// Those of the database.
pub(crate) async fn call_off(
    tx: &mut Tx,
    server: &Server,
    last: Option<Operation>,
    ending: &TransferEnding,
) -> Result<(), Error> {
    match last.filter(|last| last.finished_at.is_none()) {
        Some(open) => {
            let state = OperationState::Cancelled;
            give_up(tx, server, &open, state, "it was called off", ending).await
        }
        // Nobody works on it, whatever its row says.
        None => Ok(rows::give_up(tx, server.id).await?),
    }
}
