//! Adding, changing and removing nodes.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::node::{CreateNode, DuplicateNode, NodeBody, UpdateNode};
use panel_domain::id::{LocationId, NodeId};
use panel_service::nodes::{self, NewNode, NodeUpdate};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Add a node
///
/// Its daemon signs in with the token in its configuration file, which can be read afterwards.
#[utoipa::path(
    request_body = CreateNode,
    responses((status = 200, description = "The node.", body = NodeBody))
)]
#[post("/nodes")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateNode>,
) -> Answer<web::Json<NodeBody>> {
    let input = NewNode {
        location: body.location_uuid.into(),
        name: body.name,
        description: body.description,
        deployment_enabled: body.deployment_enabled,
        maintenance_enabled: body.maintenance_enabled,
        url: body.url,
        public_url: body.public_url,
        sftp_host: body.sftp_host,
        sftp_port: body.sftp_port,
        memory_mib: body.memory,
        disk_mib: body.disk,
        backup_configuration: body.backup_configuration_uuid.map(Into::into),
    };
    let made = caller
        .change(async move |cx| nodes::create(&cx, input).await)
        .await?;
    Ok(web::Json(NodeBody {
        node: present::nodes::node(made),
    }))
}

/// Change a node
#[utoipa::path(
    request_body = UpdateNode,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/nodes/{node}")]
pub(crate) async fn update(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<UpdateNode>,
) -> Answer<web::Json<Empty>> {
    let changes = NodeUpdate {
        location: body.location_uuid.map(LocationId::from),
        name: body.name,
        description: body.description,
        deployment_enabled: body.deployment_enabled,
        maintenance_enabled: body.maintenance_enabled,
        url: body.url,
        public_url: body.public_url,
        sftp_host: body.sftp_host,
        sftp_port: body.sftp_port,
        memory_mib: body.memory,
        disk_mib: body.disk,
        backup_configuration: body.backup_configuration_uuid.map(|id| id.map(Into::into)),
    };
    caller
        .change(async move |cx| nodes::update(&cx, node, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Remove a node without servers
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/nodes/{node}")]
pub(crate) async fn delete(caller: Caller, Path(node): Path<NodeId>) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| nodes::delete(&cx, node).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Add a node like another one
#[utoipa::path(
    request_body = DuplicateNode,
    responses((status = 200, description = "The new node.", body = NodeBody))
)]
#[post("/nodes/{node}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<DuplicateNode>,
) -> Answer<web::Json<NodeBody>> {
    let made = caller
        .change(async move |cx| nodes::duplicate(&cx, node, body.name).await)
        .await?;
    Ok(web::Json(NodeBody {
        node: present::nodes::node(made),
    }))
}
