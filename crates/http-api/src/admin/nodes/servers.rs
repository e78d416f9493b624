//! The servers of a node, all at once.

use actix_web::{get, post, web};
use panel_api_types::node::{AffectedServers, PowerServers, ServerSelector};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::{AdminServers, NodeResources, PowerAction};
use panel_domain::id::{NodeId, ServerId};
use panel_domain::server as domain;
use panel_service::nodes;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the servers on a node
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/nodes/{node}/servers")]
pub(crate) async fn list(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminServers>> {
    let found = nodes::servers(&caller, node, query.page(), query.search()).await?;
    Ok(web::Json(AdminServers {
        servers: Page::try_of(found, present::servers::admin_server)?,
    }))
}

/// Read what the servers of a node use now
#[utoipa::path(responses((status = 200, description = "The usage by server.", body = NodeResources)))]
#[get("/nodes/{node}/servers/resources")]
pub(crate) async fn resources(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeResources>> {
    let usages = nodes::resources(&caller, node).await?;
    Ok(web::Json(NodeResources {
        resources: usages
            .into_iter()
            .map(|(server, usage)| (server.uuid(), present::servers::resource_usage(usage)))
            .collect(),
    }))
}

/// Start, stop, restart or kill many servers of a node
///
/// Servers that are suspended or busy are left alone. It is never repeated by the panel.
#[utoipa::path(
    request_body = PowerServers,
    responses((status = 200, description = "How many servers it reached.", body = AffectedServers))
)]
#[post("/nodes/{node}/servers/power")]
pub(crate) async fn power(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<PowerServers>,
) -> Answer<web::Json<AffectedServers>> {
    let action = match body.action {
        PowerAction::Start => domain::PowerAction::Start,
        PowerAction::Stop => domain::PowerAction::Stop,
        PowerAction::Restart => domain::PowerAction::Restart,
        PowerAction::Kill => domain::PowerAction::Kill,
    };
    let selector = match body.servers {
        ServerSelector::All => nodes::ServerSelector::All,
        ServerSelector::Uuids { uuids } => {
            nodes::ServerSelector::Ids(uuids.into_iter().map(ServerId::from).collect())
        }
    };
    let affected = caller
        .change(async move |cx| nodes::power(&cx, node, selector, action).await)
        .await?;
    Ok(web::Json(AffectedServers { affected }))
}
