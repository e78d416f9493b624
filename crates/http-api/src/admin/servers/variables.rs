//! The startup variables of any server.

use actix_web::{get, put, web};
use panel_api_types::Empty;
use panel_api_types::server::{ServerVariables, SetServerVariables};
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::client::servers::values;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// List the startup variables of any server
#[utoipa::path(responses((status = 200, description = "The variables.", body = ServerVariables)))]
#[get("/servers/{server}/variables")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<ServerVariables>> {
    let variables = servers::variables_for_admin(&caller, server).await?;
    Ok(web::Json(ServerVariables {
        variables: variables
            .into_iter()
            .map(present::servers::server_variable)
            .collect(),
    }))
}

/// Change startup variables of any server
///
/// Variables that are not named keep their values.
#[utoipa::path(
    request_body = SetServerVariables,
    responses((status = 200, description = "The values are kept.", body = Empty))
)]
#[put("/servers/{server}/variables")]
pub(crate) async fn set(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetServerVariables>,
) -> Answer<web::Json<Empty>> {
    let values = values(body.variables);
    caller
        .change(async move |cx| servers::set_variables_for_admin(&cx, server, values).await)
        .await?;
    Ok(web::Json(Empty {}))
}
