//! `PATCH /api/admin/servers/{server}`.

use actix_web::{patch, web};
use panel_api_types::Empty;
use panel_api_types::server::UpdateServer;
use panel_domain::id::{EggId, ServerRef, UserId};
use panel_domain::server::AutoKill;
use panel_service::servers;

use super::create::{feature_limits, limits};
use crate::client::servers::settings::behavior;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Change a server
#[utoipa::path(
    request_body = UpdateServer,
    responses((status = 200, description = "It is kept, and the node is told.", body = Empty))
)]
#[patch("/servers/{server}")]
pub(crate) async fn update(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<UpdateServer>,
) -> Answer<web::Json<Empty>> {
    let input = servers::UpdateServer {
        owner: body.owner_uuid.map(UserId::from),
        egg: body.egg_uuid.map(EggId::from),
        backup_configuration: body.backup_configuration_uuid.map(|id| id.map(Into::into)),
        suspended: body.suspended,
        external_id: body.external_id,
        name: body.name,
        description: body.description,
        limits: body.limits.as_ref().map(limits),
        pinned_cpus: body.pinned_cpus,
        startup: body.startup,
        image: body.image,
        auto_kill: body.auto_kill.map(|auto_kill| AutoKill {
            enabled: auto_kill.enabled,
            seconds: auto_kill.seconds,
        }),
        auto_start: body.auto_start_behavior.map(behavior),
        timezone: body.timezone,
        hugepages_passthrough: body.hugepages_passthrough_enabled,
        kvm_passthrough: body.kvm_passthrough_enabled,
        feature_limits: body.feature_limits.as_ref().map(feature_limits),
    };
    caller
        .change(async move |cx| servers::update(&cx, server, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}
