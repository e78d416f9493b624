//! `/api/admin/servers/{server}/transfer`.

use actix_web::{HttpResponse, post, web};
use panel_api_types::Empty;
use panel_api_types::transfer::TransferServer;
use panel_domain::id::{AllocationId, BackupId, ServerRef};
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Move a server to another node
///
/// The server cannot be used until it has arrived, or it is certain that it stays. Its node sends it directly to the other one.
#[utoipa::path(
    request_body = TransferServer,
    responses((status = 202, description = "It is on its way.", body = Empty))
)]
#[post("/servers/{server}/transfer")]
pub(crate) async fn transfer(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<TransferServer>,
) -> Answer<HttpResponse> {
    let input = servers::TransferServer {
        node: body.node_uuid.into(),
        primary: body.allocation_uuid.map(AllocationId::from),
        additional: body
            .allocation_uuids
            .into_iter()
            .map(AllocationId::from)
            .collect(),
        backups: body.backups.into_iter().map(BackupId::from).collect(),
        sending: present::transfers::sending(
            body.archive_format,
            body.compression_level,
            body.delete_source_backups,
            body.multiplex_channels,
        ),
    };
    caller
        .change(async move |cx| servers::transfer(&cx, server, input).await)
        .await?;
    Ok(HttpResponse::Accepted().json(Empty {}))
}

/// Stop the moving of a server
///
/// It stays on its node. What the other one has of it is removed.
#[utoipa::path(responses((status = 200, description = "The server stays.", body = Empty)))]
#[post("/servers/{server}/transfer/cancel")]
pub(crate) async fn cancel(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::cancel_transfer(&cx, server).await)
        .await?;
    Ok(web::Json(Empty {}))
}
