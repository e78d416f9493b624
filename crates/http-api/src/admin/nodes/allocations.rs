//! The addresses and ports of a node.

use std::net::IpAddr;

use actix_web::{delete, get, patch, post, web};
use ipnet::IpNet;
use panel_api_types::allocation::{
    AllocationFilter, AllocationSelector, AllocationsQuery, CreateAllocations, CreatedAllocations,
    DeleteAllocations, DeletedAllocations, NodeAllocations, NodeIps, UpdateAllocations,
    UpdatedAllocations,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{AllocationId, NodeId};
use panel_service::Error;
use panel_service::allocations::{self, AllocationsUpdate, NewAllocations, Selection};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the addresses and ports of a node
#[utoipa::path(
    params(AllocationsQuery),
    responses((status = 200, description = "A page of addresses.", body = NodeAllocations))
)]
#[get("/nodes/{node}/allocations")]
pub(crate) async fn list(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<AllocationsQuery>,
) -> Answer<web::Json<NodeAllocations>> {
    let page = query.page();
    let filter = filter_of(AllocationFilter {
        search: query.search,
        assigned: query.assigned,
        ip: query.ip,
        port_from: query.port_from,
        port_to: query.port_to,
    })?;
    let found = allocations::list(&caller, node, filter, page).await?;
    Ok(web::Json(NodeAllocations {
        allocations: Page::try_of(found, present::nodes::allocation)?,
    }))
}

/// List the addresses and ports of a node that no server uses
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of addresses.", body = NodeAllocations))
)]
#[get("/nodes/{node}/allocations/available")]
pub(crate) async fn available(
    caller: Caller,
    Path(node): Path<NodeId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<NodeAllocations>> {
    let filter = allocations::AllocationFilter {
        search: query.search().map(str::to_owned),
        assigned: Some(false),
        ..allocations::AllocationFilter::default()
    };
    let found = allocations::list(&caller, node, filter, query.page()).await?;
    Ok(web::Json(NodeAllocations {
        allocations: Page::try_of(found, present::nodes::allocation)?,
    }))
}

/// List the distinct addresses of a node
#[utoipa::path(responses((status = 200, description = "The addresses, without ports.", body = NodeIps)))]
#[get("/nodes/{node}/allocations/ips")]
pub(crate) async fn ips(caller: Caller, Path(node): Path<NodeId>) -> Answer<web::Json<NodeIps>> {
    let ips = allocations::ips(&caller, node).await?;
    Ok(web::Json(NodeIps { ips }))
}

/// Give a node addresses and ports
///
/// Those it has already stay as they are.
#[utoipa::path(
    request_body = CreateAllocations,
    responses((status = 200, description = "How many are new.", body = CreatedAllocations))
)]
#[post("/nodes/{node}/allocations")]
pub(crate) async fn create(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<CreateAllocations, MANY>,
) -> Answer<web::Json<CreatedAllocations>> {
    let input = NewAllocations {
        ip: body.ip,
        ip_alias: body.ip_alias,
        ports: body.ports,
        port_ranges: body.port_ranges,
    };
    let created = caller
        .change(async move |cx| allocations::create(&cx, node, input).await)
        .await?;
    Ok(web::Json(CreatedAllocations { created }))
}

/// Give chosen ports of a node another address
#[utoipa::path(
    request_body = UpdateAllocations,
    responses((status = 200, description = "How many were changed.", body = UpdatedAllocations))
)]
#[patch("/nodes/{node}/allocations")]
pub(crate) async fn update(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<UpdateAllocations, MANY>,
) -> Answer<web::Json<UpdatedAllocations>> {
    let input = AllocationsUpdate {
        selection: selection_of(body.selector)?,
        ip: body.ip,
        ip_alias: body.ip_alias,
    };
    let done = caller
        .change(async move |cx| allocations::update(&cx, node, input).await)
        .await?;
    Ok(web::Json(UpdatedAllocations {
        updated: done.updated,
        skipped: done.skipped,
    }))
}

/// Take chosen addresses from a node
///
/// Those that servers use stay, unless `force` takes them from the servers.
#[utoipa::path(
    request_body = DeleteAllocations,
    responses((status = 200, description = "How many are gone.", body = DeletedAllocations))
)]
#[delete("/nodes/{node}/allocations")]
pub(crate) async fn delete(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<DeleteAllocations, MANY>,
) -> Answer<web::Json<DeletedAllocations>> {
    let selection = selection_of(body.selector)?;
    let done = caller
        .change(async move |cx| allocations::delete(&cx, node, selection, body.force).await)
        .await?;
    Ok(web::Json(DeletedAllocations {
        deleted: done.deleted,
        skipped: done.skipped,
    }))
}

/// Bytes of a request that names every port of an address, by number or by identifier.
const MANY: usize = 3 * 1024 * 1024;

fn selection_of(selector: AllocationSelector) -> Result<Selection, Error> {
    Ok(match selector {
        AllocationSelector::All => Selection::All,
        AllocationSelector::Uuids { uuids } => {
            Selection::Ids(uuids.into_iter().map(AllocationId::from).collect())
        }
        AllocationSelector::Filter { filter } => Selection::Filter(filter_of(filter)?),
    })
}

fn filter_of(filter: AllocationFilter) -> Result<allocations::AllocationFilter, Error> {
    let given = |text: &String| !text.trim().is_empty();
    let ip = filter
        .ip
        .filter(given)
        .map(|ip| ip.trim().parse::<IpAddr>())
        .transpose()
        .map_err(|_| Error::invalid("ip", "must be an IP address like 192.0.2.1"))?;
    Ok(allocations::AllocationFilter {
        search: filter.search.filter(given),
        assigned: filter.assigned,
        ip: ip.map(IpNet::from),
        port_from: filter.port_from,
        port_to: filter.port_to,
    })
}
