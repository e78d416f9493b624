//! The servers of a node, all at once.

use futures_util::StreamExt;
use panel_domain::activity::Event;
use panel_domain::id::{NodeId, ServerId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_domain::server::{PowerAction, ServerAction};
use panel_storage::servers as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::find;
use crate::authorize::state_of;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::servers::{self as service, AdminServer, Usage, wire_power};

/// How many servers a node is asked about at once.
const AT_ONCE: usize = 8;

/// Which servers of a node are meant.
#[derive(Debug, Clone)]
pub enum ServerSelector {
    /// These.
    Ids(Vec<ServerId>),
    /// All.
    All,
}

/// One page of the servers on a node.
///
/// # Errors
/// [`Error::Denied`] without the permission to see servers, [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    id: NodeId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<AdminServer>, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    find(cx, id).await?;
    let filter = rows::ServerFilter {
        search: search.map(str::to_owned),
        node_id: Some(id),
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
    let found = service::for_admin(found);
    Ok(Paged::new(page, total, found))
}

/// What the servers of a node use at this moment.
///
/// # Errors
/// [`Error::Denied`] without the permission to see servers, [`Error::NotFound`], [`Error::NodeUnreachable`].
pub async fn resources(cx: &Cx, id: NodeId) -> Result<Vec<(ServerId, Usage)>, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    service::node_resources(cx, id).await
}

/// Asks the processes of servers of a node for something, each at most once, and tells how many times the node took it on. Servers that are
/// suspended, being installed or otherwise busy are left alone.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::NodeUnreachable`] when the node took on none of several because it cannot be reached.
pub async fn power(
    cx: &Cx,
    id: NodeId,
    selector: ServerSelector,
    action: PowerAction,
) -> Result<i64, Error> {
    cx.require_admin(AdminPermission::NodesPower)?;
    find(cx, id).await?;
    let (here, _) = rows::on_node(&mut cx.read_primary().await?, id, 0, i64::MAX).await?;
    let wanted: Vec<ServerId> = here
        .iter()
        .filter(|server| match &selector {
            ServerSelector::All => true,
            ServerSelector::Ids(ids) => ids.contains(&server.id),
        })
        // Maintenance of the node keeps users out, not administrators; a suspended server is not for anybody to start in passing.
        .filter(|server| {
            state_of(server, false)
                .allows(ServerAction::Use, false)
                .is_ok()
        })
        .map(|server| server.id)
        .collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let client = node_calls::client(cx, id).await?;
    let entries: Vec<_> = wanted
        .iter()
        .map(|server| {
            cx.entry(Event::from(action), json!({ "node_uuid": id }))
                .on(*server)
        })
        .collect();
    let entries = &entries;
    cx.write(|tx| {
        async move {
            crate::activity::record_all(tx, entries);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    cx.commit_before_call().await?;
    let client = &client;
    let answers: Vec<Result<(), wings_client::Error>> = futures_util::stream::iter(wanted)
        .map(|server| client.power(server, wire_power(action)))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut taken_on = 0;
    let mut failed = None;
    let maybe_done = answers
        .iter()
        .any(|answer| !matches!(answer, Err(error) if !error.may_have_happened()));
    for answer in answers {
        match answer {
            Ok(()) => taken_on += 1,
            Err(error) => {
                tracing::info!(node.id = %id, %error, "The node did not take on a power action");
                failed = Some(error);
            }
        }
    }
    if !maybe_done {
        cx.call_was_in_vain();
    }
    match failed {
        Some(error) if taken_on == 0 => Err(error.into()),
        _ => Ok(taken_on),
    }
}
