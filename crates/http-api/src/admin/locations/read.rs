//! Reading locations.

use actix_web::{get, web};
use panel_api_types::location::{LocationBody, Locations};
use panel_api_types::node::Nodes;
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::LocationId;
use panel_service::locations;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the locations
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of locations.", body = Locations))
)]
#[get("/locations")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Locations>> {
    let found = locations::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(Locations {
        locations: Page::of(found, present::locations::location),
    }))
}

/// Read a location
#[utoipa::path(responses((status = 200, description = "The location.", body = LocationBody)))]
#[get("/locations/{location}")]
pub(crate) async fn get(
    caller: Caller,
    Path(location): Path<LocationId>,
) -> Answer<web::Json<LocationBody>> {
    let found = locations::get(&caller, location).await?;
    Ok(web::Json(LocationBody {
        location: present::locations::location(found),
    }))
}

/// List the nodes at a location
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nodes.", body = Nodes))
)]
#[get("/locations/{location}/nodes")]
pub(crate) async fn nodes(
    caller: Caller,
    Path(location): Path<LocationId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Nodes>> {
    let found = locations::nodes(&caller, location, query.page(), query.search()).await?;
    Ok(web::Json(Nodes {
        nodes: Page::of(found, present::nodes::node),
    }))
}
