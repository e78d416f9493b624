//! What servers use at this moment.

use actix_web::{get, web};
use panel_api_types::server::{NodeResources, Resources};
use panel_domain::id::{NodeId, ServerRef};
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Read what a server uses now
#[utoipa::path(responses((status = 200, description = "The usage.", body = Resources)))]
#[get("/servers/{server}/resources")]
pub(crate) async fn get(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Resources>> {
    let usage = servers::resources(&caller, server).await?;
    Ok(web::Json(Resources {
        resources: present::servers::resource_usage(usage),
    }))
}

/// Read what one's servers on a node use now
///
/// The node is asked at most every two seconds, whoever looks.
#[utoipa::path(responses((status = 200, description = "The usage by server.", body = NodeResources)))]
#[get("/servers/nodes/{node}/resources")]
pub(crate) async fn of_node(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeResources>> {
    let usages = servers::node_resources(&caller, node).await?;
    Ok(web::Json(NodeResources {
        resources: usages
            .into_iter()
            .map(|(server, usage)| (server.uuid(), present::servers::resource_usage(usage)))
            .collect(),
    }))
}
