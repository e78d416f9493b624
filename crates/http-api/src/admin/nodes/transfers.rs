//! Servers that leave a node or come to it.

use actix_web::{HttpResponse, get, post, web};
use panel_api_types::node::{AffectedServers, ServerSelector};
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::AdminServers;
use panel_api_types::transfer::{NodeTransfers, TransferServers};
use panel_domain::id::{NodeId, ServerId};
use panel_service::nodes;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// Move many servers of a node to another
///
/// Servers that are busy stay where they are, and so do those for which there are no allocations.
#[utoipa::path(
    request_body = TransferServers,
    responses((status = 202, description = "How many servers are on their way.", body = AffectedServers))
)]
#[post("/nodes/{node}/servers/transfer")]
pub(crate) async fn transfer(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<TransferServers>,
) -> Answer<HttpResponse> {
    let input = nodes::TransferMany {
        servers: match body.servers {
            ServerSelector::All => nodes::ServerSelector::All,
            ServerSelector::Uuids { uuids } => {
                nodes::ServerSelector::Ids(uuids.into_iter().map(ServerId::from).collect())
            }
        },
        node: body.node_uuid.into(),
        allocations: present::transfers::allocation_mode(body.allocation_mode)?,
        backups: body.transfer_backups,
        sending: present::transfers::sending(
            body.archive_format,
            body.compression_level,
            body.delete_source_backups,
            body.multiplex_channels,
        ),
    };
    let affected = caller
        .change(async move |cx| nodes::transfer_many(&cx, node, input).await)
        .await?;
    Ok(HttpResponse::Accepted().json(AffectedServers { affected }))
}

/// Read how far the servers are that leave a node or come to it
///
/// What the nodes say, or have last said: most daemons say nothing.
#[utoipa::path(responses((status = 200, description = "The progress by server.", body = NodeTransfers)))]
#[get("/nodes/{node}/transfers")]
pub(crate) async fn progress(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeTransfers>> {
    let found = nodes::transfers(&caller, node).await?;
    let transfers = found
        .into_iter()
        .map(|(server, progress)| (server.uuid(), present::transfers::progress(progress)))
        .collect();
    Ok(web::Json(NodeTransfers { transfers }))
}

/// List the servers that leave a node or come to it
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/nodes/{node}/transfers/servers")]
pub(crate) async fn servers(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminServers>> {
    let found = nodes::moving_servers(&caller, node, query.page(), query.search()).await?;
    Ok(web::Json(AdminServers {
        servers: Page::try_of(found, present::servers::admin_server)?,
    }))
}
