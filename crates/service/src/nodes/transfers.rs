//! Servers that leave a node or come to it.

use std::collections::BTreeMap;

use panel_domain::id::{BackupId, NodeId, ServerId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_domain::server::ServerAction;
use panel_domain::transfer::{AllocationMode, MAX_SERVERS};
use panel_domain::validate::Invalid;
use panel_storage::servers as rows;
use panel_storage::{backups, transfers as moving};
use scoped_futures::ScopedFutureExt;
use serde::Deserialize as _;
use wings_client::Capability;
pub use wings_client::wire::transfers::TransferProgress as Progress;

use super::{ServerSelector, find};
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::servers::{
    self as service, Addresses, AdminServer, Departure, Sending, Way, depart, way_between,
};

/// Of how many transfers of a node it is said how far they are; more are not under way at a time.
const SHOWN: i64 = 500;

/// How far the servers are that leave a node or come to it: what the nodes say, or have last said. Most daemons say nothing.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn transfers(cx: &Cx, id: NodeId) -> Result<Vec<(ServerId, Progress)>, Error> {
    cx.require_admin(AdminPermission::NodesTransfers)?;
    find(cx, id).await?;
    let open = moving::of_node(&mut cx.read().await?, id, SHOWN).await?;
    let told = match open.is_empty() {
        true => BTreeMap::new(),
        false => told_by(cx, id).await?,
    };
    Ok(open
        .into_iter()
        .map(|operation| {
            // Of servers that are not on their way here a node may say what it likes.
            let now = told.get(&operation.server_id.uuid()).copied();
            let last = || Progress::deserialize(&operation.details["seen"]).ok();
            let progress = now.or_else(last).unwrap_or_default();
            (operation.server_id, progress)
        })
        .collect())
}

/// What the node says at this moment, if it can.
async fn told_by(cx: &Cx, id: NodeId) -> Result<BTreeMap<uuid::Uuid, Progress>, Error> {
    let place = node_calls::node(cx, id).await?;
    if !place.capabilities().has(Capability::TransferProgress) {
        return Ok(BTreeMap::new());
    }
    match node_calls::client(cx, id).await?.transfers().await {
        Ok(told) => Ok(told),
        Err(error) => {
            tracing::info!(node.id = %id, %error, "The node did not say how far its transfers are");
            Ok(BTreeMap::new())
        }
    }
}

/// One page of the servers that leave a node or come to it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn moving_servers(
    cx: &Cx,
    id: NodeId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<AdminServer>, Error> {
    cx.require_admin(AdminPermission::NodesTransfers)?;
    cx.require_admin(AdminPermission::ServersRead)?;
    find(cx, id).await?;
    let filter = rows::ServerFilter {
        search: search.map(str::to_owned),
        moving_at: Some(id),
        ..rows::ServerFilter::default()
    };
    let mut conn = cx.read().await?;
    let (found, total) = rows::list_details(
        &mut conn,
        rows::Scope::All,
        &filter,
        page.offset(),
        page.per_page(),
    )
    .await?;
    Ok(Paged::new(page, total, service::for_admin(found)))
}

/// Where many servers go.
#[derive(Debug, Clone)]
pub struct TransferMany {
    /// Which.
    pub servers: ServerSelector,
    /// To this node.
    pub node: NodeId,
    /// Which addresses they get there.
    pub allocations: AllocationMode,
    /// Whether their backups on the node go along.
    pub backups: bool,
    /// How they are sent.
    pub sending: Sending,
}

/// Sends servers of a node to another and tells how many. Those that are busy, or for which there are no addresses, stay where they are.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`]; [`Error::Conflict`] when there is no way from the one node to the other;
/// [`Error::NodeLacksCapability`].
pub async fn transfer_many(cx: &Cx, id: NodeId, input: TransferMany) -> Result<i64, Error> {
    cx.require_admin(AdminPermission::NodesTransfers)?;
    find(cx, id).await?;
    let mut invalid = Invalid::new();
    input.sending.check(&mut invalid);
    let named = match &input.servers {
        ServerSelector::Ids(ids) => ids.len(),
        ServerSelector::All => 0,
    };
    invalid.require(
        named <= MAX_SERVERS,
        "servers",
        format!("must be at most {MAX_SERVERS}"),
    );
    invalid.finish()?;
    let mut conn = cx.read_primary().await?;
    let flavour = way_between(&mut conn, id, input.node).await?;
    let (here, _) = rows::on_node(&mut conn, id, 0, i64::MAX).await?;
    drop(conn);
    let way = Way::check(cx, id, input.node, flavour, input.sending).await?;
    let wanted: Vec<rows::Server> = here
        .into_iter()
        .filter(|server| match &input.servers {
            ServerSelector::All => true,
            ServerSelector::Ids(ids) => ids.contains(&server.id),
        })
        .filter(|server| {
            state_of(server, false)
                .allows(ServerAction::Transfer, true)
                .is_ok()
        })
        .collect();
    if wanted.len() > MAX_SERVERS {
        return Err(Error::invalid(
            "servers",
            format!("must be at most {MAX_SERVERS}: name some of them"),
        ));
    }
    if input.backups {
        way.require_backups()?;
    }
    let none: &[BackupId] = &[];
    let mut sent = 0;
    for server in wanted {
        let kept = backups::all_of(&mut cx.read_primary().await?, server.id).await?;
        let along = way.along(&kept, (!input.backups).then_some(none));
        let left = match along {
            Ok(along) => {
                let addresses = Addresses::Chosen(input.allocations);
                let departure = Departure::new(cx, &server, &way, &along, addresses);
                try_departure(cx, &departure).await?
            }
            Err(Error::Conflict { message, .. }) => Some(message),
            Err(error) => return Err(error),
        };
        match left {
            None => sent += 1,
            Some(reason) => {
                tracing::info!(server.id = %server.id, reason, "A server stays on its node");
            }
        }
    }
    Ok(sent)
}

/// Sends a server on its way; gives why not, when it stays. What is refused has written nothing.
async fn try_departure(cx: &Cx, departure: &Departure) -> Result<Option<String>, Error> {
    cx.write(|tx| {
        async move {
            match depart(tx, departure).await {
                Ok(()) => Ok(None),
                Err(Error::Conflict { message, .. }) => Ok(Some(message)),
                Err(error) => Err(error),
            }
        }
        .scope_boxed()
    })
    .await
}
