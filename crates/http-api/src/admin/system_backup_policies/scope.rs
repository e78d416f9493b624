//! What a policy covers.

use actix_web::{delete, post, web};
use panel_api_types::Empty;
use panel_api_types::system_backup_policy::{CoverLocation, CoverNode, CoverServer};
use panel_domain::id::{LocationId, NodeId, ServerId, SystemBackupPolicyId};
use panel_service::system_backup_policies::{self, Covered};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// The path of something that a policy covers.
type PartOf<T> = Path<(SystemBackupPolicyId, T)>;

async fn attach(
    caller: Caller,
    policy: SystemBackupPolicyId,
    covered: Covered,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| system_backup_policies::attach(&cx, policy, covered).await)
        .await?;
    Ok(web::Json(Empty {}))
}

async fn detach(
    caller: Caller,
    policy: SystemBackupPolicyId,
    covered: Covered,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| system_backup_policies::detach(&cx, policy, covered).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Have a policy cover a location
///
/// Every server of its nodes.
#[utoipa::path(
    request_body = CoverLocation,
    responses((status = 200, description = "It is covered.", body = Empty))
)]
#[post("/system-backup-policies/{system_backup_policy}/locations")]
pub(crate) async fn attach_location(
    caller: Caller,
    Path(policy): Path<SystemBackupPolicyId>,
    Json(body): Json<CoverLocation>,
) -> Answer<web::Json<Empty>> {
    attach(caller, policy, Covered::Location(body.location_uuid.into())).await
}

/// Have a policy no longer cover a location
#[utoipa::path(responses((status = 200, description = "It is no longer covered by itself.", body = Empty)))]
#[delete("/system-backup-policies/{system_backup_policy}/locations/{location}")]
pub(crate) async fn detach_location(
    caller: Caller,
    Path((policy, location)): PartOf<LocationId>,
) -> Answer<web::Json<Empty>> {
    detach(caller, policy, Covered::Location(location)).await
}

/// Have a policy cover a node
///
/// Every server of it.
#[utoipa::path(
    request_body = CoverNode,
    responses((status = 200, description = "It is covered.", body = Empty))
)]
#[post("/system-backup-policies/{system_backup_policy}/nodes")]
pub(crate) async fn attach_node(
    caller: Caller,
    Path(policy): Path<SystemBackupPolicyId>,
    Json(body): Json<CoverNode>,
) -> Answer<web::Json<Empty>> {
    attach(caller, policy, Covered::Node(body.node_uuid.into())).await
}

/// Have a policy no longer cover a node
#[utoipa::path(responses((status = 200, description = "It is no longer covered by itself.", body = Empty)))]
#[delete("/system-backup-policies/{system_backup_policy}/nodes/{node}")]
pub(crate) async fn detach_node(
    caller: Caller,
    Path((policy, node)): PartOf<NodeId>,
) -> Answer<web::Json<Empty>> {
    detach(caller, policy, Covered::Node(node)).await
}

/// Have a policy cover a server
///
/// Wherever it is.
#[utoipa::path(
    request_body = CoverServer,
    responses((status = 200, description = "It is covered.", body = Empty))
)]
#[post("/system-backup-policies/{system_backup_policy}/servers")]
pub(crate) async fn attach_server(
    caller: Caller,
    Path(policy): Path<SystemBackupPolicyId>,
    Json(body): Json<CoverServer>,
) -> Answer<web::Json<Empty>> {
    attach(caller, policy, Covered::Server(body.server_uuid.into())).await
}

/// Have a policy no longer cover a server
#[utoipa::path(responses((status = 200, description = "It is no longer covered by itself.", body = Empty)))]
#[delete("/system-backup-policies/{system_backup_policy}/servers/{server}")]
pub(crate) async fn detach_server(
    caller: Caller,
    Path((policy, server)): PartOf<ServerId>,
) -> Answer<web::Json<Empty>> {
    detach(caller, policy, Covered::Server(server)).await
}
