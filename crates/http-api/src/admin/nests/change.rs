//! Making, changing and deleting nests.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::nest::{CreateNest, DeleteNest, NestBody, UpdateNest};
use panel_domain::id::NestId;
use panel_service::nests::{self, NestChanges, NewNest};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Make a nest
#[utoipa::path(
    request_body = CreateNest,
    responses((status = 200, description = "The nest.", body = NestBody))
)]
#[post("/nests")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateNest>,
) -> Answer<web::Json<NestBody>> {
    let input = NewNest {
        name: body.name,
        author: body.author,
        description: body.description,
    };
    let made = caller
        .change(async move |cx| nests::create(&cx, input).await)
        .await?;
    Ok(web::Json(NestBody {
        nest: present::eggs::nest(made),
    }))
}

/// Change a nest
#[utoipa::path(
    request_body = UpdateNest,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/nests/{nest}")]
pub(crate) async fn update(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<UpdateNest>,
) -> Answer<web::Json<Empty>> {
    let changes = NestChanges {
        name: body.name,
        author: body.author,
        description: body.description,
    };
    caller
        .change(async move |cx| nests::update(&cx, nest, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a nest
///
/// It must be empty, unless `delete_eggs` says that its eggs go with it. No server may run one of them.
#[utoipa::path(
    request_body = DeleteNest,
    responses((status = 200, description = "It is gone.", body = Empty))
)]
#[delete("/nests/{nest}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<DeleteNest>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| nests::delete(&cx, nest, body.delete_eggs).await)
        .await?;
    Ok(web::Json(Empty {}))
}
