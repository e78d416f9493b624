//! How a server starts: its variables, its command, its image.

use actix_web::{get, put, web};
use panel_api_types::Empty;
use panel_api_types::server::{ServerVariables, SetImage, SetServerVariables, SetStartup};
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// List the startup variables of a server
#[utoipa::path(responses((status = 200, description = "The variables.", body = ServerVariables)))]
#[get("/servers/{server}/startup/variables")]
pub(crate) async fn variables(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<ServerVariables>> {
    let variables = servers::variables(&caller, server).await?;
    Ok(web::Json(ServerVariables {
        variables: variables
            .into_iter()
            .map(present::servers::server_variable)
            .collect(),
    }))
}

/// Change startup variables of a server
///
/// Variables that are not named keep their values. They are used from the next start on.
#[utoipa::path(
    request_body = SetServerVariables,
    responses((status = 200, description = "The values are kept.", body = Empty))
)]
#[put("/servers/{server}/startup/variables")]
pub(crate) async fn set_variables(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetServerVariables>,
) -> Answer<web::Json<Empty>> {
    let values = super::values(body.variables);
    caller
        .change(async move |cx| servers::set_variables(&cx, server, values).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Choose the command that a server starts with
#[utoipa::path(
    request_body = SetStartup,
    responses((status = 200, description = "The command is used from the next start on.", body = Empty))
)]
#[put("/servers/{server}/startup/command")]
pub(crate) async fn set_command(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetStartup>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::set_command(&cx, server, body.command).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Choose the container image of a server
#[utoipa::path(
    request_body = SetImage,
    responses((status = 200, description = "The image is used from the next start on.", body = Empty))
)]
#[put("/servers/{server}/startup/docker-image")]
pub(crate) async fn set_image(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetImage>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::set_image(&cx, server, body.image).await)
        .await?;
    Ok(web::Json(Empty {}))
}
