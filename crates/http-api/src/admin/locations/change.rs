//! Making, changing and deleting locations.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::location::{CreateLocation, DuplicateLocation, LocationBody, UpdateLocation};
use panel_domain::id::LocationId;
use panel_service::locations::{self, LocationChanges, NewLocation};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Make a location
#[utoipa::path(
    request_body = CreateLocation,
    responses((status = 200, description = "The location.", body = LocationBody))
)]
#[post("/locations")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateLocation>,
) -> Answer<web::Json<LocationBody>> {
    let input = NewLocation {
        name: body.name,
        description: body.description,
        flag: body.flag,
        backup_configuration: body.backup_configuration_uuid.map(Into::into),
    };
    let made = caller
        .change(async move |cx| locations::create(&cx, input).await)
        .await?;
    Ok(web::Json(LocationBody {
        location: present::locations::location(made),
    }))
}

/// Change a location
#[utoipa::path(
    request_body = UpdateLocation,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/locations/{location}")]
pub(crate) async fn update(
    caller: Caller,
    Path(location): Path<LocationId>,
    Json(body): Json<UpdateLocation>,
) -> Answer<web::Json<Empty>> {
    let changes = LocationChanges {
        name: body.name,
        description: body.description,
        flag: body.flag,
        backup_configuration_id: body.backup_configuration_uuid,
    };
    caller
        .change(async move |cx| locations::update(&cx, location, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a location without nodes
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/locations/{location}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(location): Path<LocationId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| locations::delete(&cx, location).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make a location like another one
#[utoipa::path(
    request_body = DuplicateLocation,
    responses((status = 200, description = "The new location.", body = LocationBody))
)]
#[post("/locations/{location}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(location): Path<LocationId>,
    Json(body): Json<DuplicateLocation>,
) -> Answer<web::Json<LocationBody>> {
    let made = caller
        .change(async move |cx| locations::duplicate(&cx, location, body.name).await)
        .await?;
    Ok(web::Json(LocationBody {
        location: present::locations::location(made),
    }))
}
