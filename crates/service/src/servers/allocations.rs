//! The addresses that a server has.

use panel_domain::activity::Event;
use panel_domain::id::{AllocationId, ServerId, ServerRef};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::{AdminPermission, ServerPermission};
use panel_domain::server::{FeatureLimit, FeatureLimits, ServerAction};
use panel_domain::validate::Invalid;
use panel_storage::allocations::{self as rows, Allocation, ServerAllocation};
use panel_storage::servers::{self, Server, ServerChanges};
use panel_storage::{Readable, Tx};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;

use super::change::{self, Missing};
use super::lookup;
use crate::activity::Entry;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// An address of a server.
#[derive(Debug, Clone)]
pub struct Address {
    /// That it is the server's.
    pub assignment: ServerAllocation,
    /// The address.
    pub allocation: Allocation,
    /// Whether the server listens here by default.
    pub is_primary: bool,
}

/// Changes of a server's address; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct AllocationChange {
    /// A remark; `Some(None)` removes it.
    pub notes: Option<Option<String>>,
    /// Whether the server listens here by default.
    pub primary: Option<bool>,
}

/// One page of a server's addresses.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn allocations(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Address>, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::AllocationsRead,
            ServerAction::View,
        )
        .await?;
    list(cx, allowed.resource().id, page, search).await
}

/// The same of any server, for administrators.
///
/// # Errors
/// As [`allocations`].
pub async fn allocations_for_admin(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Address>, Error> {
    cx.require_admin(AdminPermission::ServersAllocations)?;
    let server = lookup::details(cx, server).await?;
    list(cx, server.server.id, page, search).await
}

async fn list(
    cx: &Cx,
    id: ServerId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Address>, Error> {
    let primary = lookup::shown(cx, id).await?.allocation_id;
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::list_of_server(&mut conn, id, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found).map(|row| address(row, primary)))
}

fn address(
    (assignment, allocation): (ServerAllocation, Allocation),
    primary: Option<AllocationId>,
) -> Address {
    Address {
        is_primary: primary == Some(allocation.id),
        assignment,
        allocation,
    }
}

/// Takes a free address of the node for the server, beside its primary one if there is any, as long as its limit allows one
/// more. Of two at once, both count.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] when the limit is reached or no address is free.
pub async fn add_allocation(cx: &Cx, server: ServerRef) -> Result<Address, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::AllocationsCreate,
            ServerAction::Use,
        )
        .await?;
    let id = allowed.resource().id;
    let entry = cx.entry(Event::ServerAllocationCreate, json!({})).on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let server = change::lock(tx, id).await?;
            let limits = FeatureLimits {
                allocations: server.allocation_limit,
                ..FeatureLimits::default()
            };
            let count = rows::count_of_server(tx, id).await?;
            if !limits.has_room(FeatureLimit::Allocations, count) {
                return Err(Error::conflict(
                    "allocation_limit_reached",
                    format!(
                        "the server may have {} allocations; an administrator can raise that",
                        server.allocation_limit
                    ),
                ));
            }
            let free = rows::pick_free(tx, server.node_id, server.allocation_id)
                .await?
                .ok_or_else(|| {
                    Error::conflict(
                        "no_free_allocation",
                        "the node has no free allocation; an administrator can add some",
                    )
                })?;
            give(tx, &server, free, entry, now).await
        }
        .scope_boxed()
    })
    .await
}

/// Gives a server an address of its node, for administrators.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`] for an address of another node, [`Error::Taken`].
pub async fn assign_allocation(
    cx: &Cx,
    server: ServerRef,
    allocation: AllocationId,
) -> Result<Address, Error> {
    cx.require_admin(AdminPermission::ServersAllocations)?;
    let id = change::named(&mut cx.read_primary().await?, server).await?;
    let entry = cx.entry(Event::ServerAllocationCreate, json!({})).on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let server = change::lock(tx, id).await?;
            state_of(&server, false).allows(ServerAction::Edit, true)?;
            give(tx, &server, allocation, entry, now).await
        }
        .scope_boxed()
    })
    .await
}

/// Gives a server, whose row is locked, an address. Without a primary one it becomes that.
async fn give(
    tx: &mut Tx,
    server: &Server,
    allocation: AllocationId,
    entry: &Entry,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Address, Error> {
    assign(
        tx,
        server.node_id,
        server.id,
        &[allocation],
        now,
        "allocation_uuid",
    )
    .await?;
    let primary = match server.allocation_id {
        Some(primary) => primary,
        None => {
            set_primary(tx, server.id, Some(allocation)).await?;
            allocation
        }
    };
    let row = rows::find_of_server(tx, server.id, allocation)
        .await?
        .ok_or(Error::not_found("allocation"))?;
    let entry = entry.clone().with(json!({ "allocation": shown(&row.1) }));
    entry.record(tx);
    change::sync(tx, server.id, now)?;
    Ok(address(row, Some(primary)))
}

/// Gives addresses of `node` to a server; what is wrong with them is said at `field`.
pub(crate) async fn assign(
    tx: &mut Tx,
    node: panel_domain::id::NodeId,
    server: ServerId,
    ids: &[AllocationId],
    now: chrono::DateTime<chrono::Utc>,
    field: &str,
) -> Result<(), Error> {
    match rows::assign(tx, node, server, ids, now).await {
        Err(error) if error.is_conflict_on("server_allocations_pkey") => Err(error).taken(
            "server_allocations_pkey",
            field,
            "is used by a server already",
        ),
        other => other.missing(
            "server_allocations_allocation_id_node_id_fkey",
            field,
            "must be an allocation of the server's node",
        ),
    }
}

/// Changes an address of a server.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::Invalid`].
pub async fn update_allocation(
    cx: &Cx,
    server: ServerRef,
    allocation: AllocationId,
    input: AllocationChange,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::AllocationsUpdate,
            ServerAction::Use,
        )
        .await?;
    change_address(cx, allowed.resource().id, allocation, input).await
}

/// The same of any server, for administrators.
///
/// # Errors
/// As [`update_allocation`].
pub async fn update_allocation_for_admin(
    cx: &Cx,
    server: ServerRef,
    allocation: AllocationId,
    input: AllocationChange,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersAllocations)?;
    let id = administered(&mut cx.read_primary().await?, server).await?;
    change_address(cx, id, allocation, input).await
}

async fn administered(conn: &mut impl Readable, server: ServerRef) -> Result<ServerId, Error> {
    let row = lookup::current(conn, server).await?;
    state_of(&row, false).allows(ServerAction::Edit, true)?;
    Ok(row.id)
}

async fn change_address(
    cx: &Cx,
    id: ServerId,
    allocation: AllocationId,
    input: AllocationChange,
) -> Result<(), Error> {
    let notes = input.notes.map(super::blank_is_none);
    let mut invalid = Invalid::new();
    if let Some(notes) = notes.as_ref().and_then(Option::as_deref) {
        invalid.text("notes", notes, 1..=1024);
    }
    invalid.finish()?;
    let event = if input.primary.is_some() {
        Event::ServerAllocationPrimary
    } else {
        Event::ServerAllocationUpdate
    };
    let entry = cx.entry(event, json!({})).on(id);
    let now = cx.now();
    let (entry, notes) = (&entry, &notes);
    cx.write(|tx| {
        async move {
            let server = change::lock(tx, id).await?;
            let (_, row) = rows::find_of_server(tx, id, allocation)
                .await?
                .ok_or(Error::not_found("allocation"))?;
            if let Some(notes) = notes {
                rows::set_notes(tx, id, allocation, notes.as_deref()).await?;
            }
            let was_primary = server.allocation_id == Some(allocation);
            let primary = input.primary.filter(|primary| *primary != was_primary);
            if let Some(primary) = primary {
                set_primary(tx, id, primary.then_some(allocation)).await?;
                change::sync(tx, id, now)?;
            }
            let data =
                json!({ "allocation": shown(&row), "primary": input.primary, "notes": notes });
            entry.clone().with(data).record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Gives an address of a server back. Users keep their primary one.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`].
pub async fn remove_allocation(
    cx: &Cx,
    server: ServerRef,
    allocation: AllocationId,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::AllocationsDelete,
            ServerAction::Use,
        )
        .await?;
    remove(cx, allowed.resource().id, allocation, false).await
}

/// Takes an address from any server, for administrators. Without its primary address a server has none until it is given one.
///
/// # Errors
/// As [`remove_allocation`].
pub async fn remove_allocation_for_admin(
    cx: &Cx,
    server: ServerRef,
    allocation: AllocationId,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersAllocations)?;
    let id = administered(&mut cx.read_primary().await?, server).await?;
    remove(cx, id, allocation, true).await
}

async fn remove(
    cx: &Cx,
    id: ServerId,
    allocation: AllocationId,
    primary_too: bool,
) -> Result<(), Error> {
    let entry = cx.entry(Event::ServerAllocationDelete, json!({})).on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let server = change::lock(tx, id).await?;
            let (_, row) = rows::find_of_server(tx, id, allocation)
                .await?
                .ok_or(Error::not_found("allocation"))?;
            if server.allocation_id == Some(allocation) {
                if !primary_too {
                    return Err(Error::conflict(
                        "allocation_is_primary",
                        "this is the server's primary allocation; make another one primary first",
                    ));
                }
                set_primary(tx, id, None).await?;
            }
            rows::unassign(tx, id, allocation).await?;
            let data = json!({ "allocation": shown(&row) });
            entry.clone().with(data).record(tx);
            change::sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}

async fn set_primary(
    tx: &mut Tx,
    id: ServerId,
    allocation: Option<AllocationId>,
) -> Result<(), Error> {
    let changes = ServerChanges {
        allocation_id: Some(allocation.map(Uuid::from)),
        ..ServerChanges::default()
    };
    servers::update(tx, id, &changes).await?;
    Ok(())
}

/// An address as the log has it.
fn shown(allocation: &Allocation) -> String {
    match allocation.ip.addr() {
        std::net::IpAddr::V4(ip) => format!("{ip}:{}", allocation.port),
        std::net::IpAddr::V6(ip) => format!("[{ip}]:{}", allocation.port),
    }
}
