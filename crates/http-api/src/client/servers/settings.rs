//! What users may set of their servers.

use actix_web::{post, put, web};
use panel_api_types::Empty;
use panel_api_types::server::{AutoStartBehavior, Rename, SetAutoKill, SetAutoStart, SetTimezone};
use panel_domain::id::ServerRef;
use panel_domain::server::AutoStart;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Change the name or description of a server
#[utoipa::path(
    request_body = Rename,
    responses((status = 200, description = "It is called so now.", body = Empty))
)]
#[post("/servers/{server}/settings/rename")]
pub(crate) async fn rename(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<Rename>,
) -> Answer<web::Json<Empty>> {
    let input = servers::Rename {
        name: body.name,
        description: body.description,
    };
    caller
        .change(async move |cx| servers::rename(&cx, server, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Choose when a server that does not stop is killed
#[utoipa::path(
    request_body = SetAutoKill,
    responses((status = 200, description = "It is kept.", body = Empty))
)]
#[put("/servers/{server}/settings/auto-kill")]
pub(crate) async fn auto_kill(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetAutoKill>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| {
            servers::set_auto_kill(&cx, server, body.enabled, body.seconds).await
        })
        .await?;
    Ok(web::Json(Empty {}))
}

/// Choose whether a server starts with its node
#[utoipa::path(
    request_body = SetAutoStart,
    responses((status = 200, description = "It is kept.", body = Empty))
)]
#[put("/servers/{server}/settings/auto-start")]
pub(crate) async fn auto_start(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetAutoStart>,
) -> Answer<web::Json<Empty>> {
    let behavior = behavior(body.behavior);
    caller
        .change(async move |cx| servers::set_auto_start(&cx, server, behavior).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Choose the time zone of a server
#[utoipa::path(
    request_body = SetTimezone,
    responses((status = 200, description = "It is used from the next start on.", body = Empty))
)]
#[put("/servers/{server}/settings/timezone")]
pub(crate) async fn timezone(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SetTimezone>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| servers::set_timezone(&cx, server, body.timezone).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// The domain's word for it.
pub(crate) const fn behavior(behavior: AutoStartBehavior) -> AutoStart {
    match behavior {
        AutoStartBehavior::Always => AutoStart::Always,
        AutoStartBehavior::UnlessStopped => AutoStart::UnlessStopped,
        AutoStartBehavior::Never => AutoStart::Never,
    }
}
