//! Reading nodes.

use actix_web::{get, web};
use panel_api_types::node::{NodeBody, NodeCapacity, Nodes};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::NodeId;
use panel_service::nodes;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the nodes
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nodes.", body = Nodes))
)]
#[get("/nodes")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Nodes>> {
    let found = nodes::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Nodes {
        nodes: Page::of(found, present::nodes::node),
    }))
}

/// Read a node
#[utoipa::path(responses((status = 200, description = "The node.", body = NodeBody)))]
#[get("/nodes/{node}")]
pub(crate) async fn get(caller: Caller, Path(node): Path<NodeId>) -> Answer<web::Json<NodeBody>> {
    let found = nodes::get(&caller, node).await?;
    Ok(web::Json(NodeBody {
        node: present::nodes::node(found),
    }))
}

/// Read how much of a node is given to servers
#[utoipa::path(responses((status = 200, description = "The sums.", body = NodeCapacity)))]
#[get("/nodes/{node}/capacity")]
pub(crate) async fn capacity(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeCapacity>> {
    let allocated = nodes::capacity(&caller, node).await?;
    Ok(web::Json(present::nodes::capacity(allocated)))
}
