//! What a node's daemon signs in with.

use actix_web::{get, post, web};
use panel_api_types::node::{NodeConfiguration, NodeToken};
use panel_domain::id::NodeId;
use panel_service::nodes;

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Read a node's token
///
/// That somebody has read it is recorded.
#[utoipa::path(responses((status = 200, description = "Both halves of the token.", body = NodeToken)))]
#[get("/nodes/{node}/token")]
pub(crate) async fn read(caller: Caller, Path(node): Path<NodeId>) -> Answer<web::Json<NodeToken>> {
    let credential = caller
        .change(async move |cx| nodes::read_token(&cx, node).await)
        .await?;
    Ok(web::Json(present::nodes::token(credential)))
}

/// Give a node a new token
///
/// The daemon is not let in until it is configured with it.
#[utoipa::path(responses((status = 200, description = "Both halves of the new token.", body = NodeToken)))]
#[post("/nodes/{node}/reset-token")]
pub(crate) async fn reset(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeToken>> {
    let credential = caller
        .change(async move |cx| nodes::reset_token(&cx, node).await)
        .await?;
    Ok(web::Json(present::nodes::token(credential)))
}

/// Read the configuration file for a node's daemon
///
/// It holds the token; that somebody has read it is recorded.
#[utoipa::path(responses((status = 200, description = "The file.", body = NodeConfiguration)))]
#[get("/nodes/{node}/configuration")]
pub(crate) async fn configuration(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeConfiguration>> {
    let yaml = caller
        .change(async move |cx| nodes::configuration(&cx, node).await)
        .await?;
    Ok(web::Json(NodeConfiguration { yaml }))
}
