//! `POST /api/admin/servers/deploy`.

use actix_web::{post, web};
use panel_api_types::server::{AdminServerBody, DeployServer};
use panel_domain::id::{AllocationId, LocationId, NodeId};
use panel_service::servers;
use uuid::Uuid;

use super::create::{feature_limits, limits};
use crate::client::servers::values;
use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::present;

/// Make a server where there is room for it
///
/// The node is chosen among those that take new servers, and so are the addresses unless some are named. The node installs it; the server's
/// status tells when that is done.
#[utoipa::path(
    request_body = DeployServer,
    responses((status = 200, description = "The server.", body = AdminServerBody))
)]
#[post("/servers/deploy")]
pub(crate) async fn deploy(
    caller: Caller,
    Json(body): Json<DeployServer>,
) -> Answer<web::Json<AdminServerBody>> {
    let deployment = servers::Deployment {
        locations: body
            .deployment
            .location_uuids
            .into_iter()
            .map(LocationId::from)
            .collect(),
        allow_overallocation: body.deployment.allow_overallocation,
        randomness: body.deployment.randomness,
        suspension_penalty: body.deployment.suspension_penalty,
        addresses: body.deployment.allocations,
    };
    let input = servers::CreateServer {
        // Chosen by the use case.
        node: NodeId::from_uuid(Uuid::nil()),
        owner: body.owner_uuid.into(),
        egg: body.egg_uuid.into(),
        primary: body.allocation_uuid.map(AllocationId::from),
        additional: body
            .allocation_uuids
            .unwrap_or_default()
            .into_iter()
            .map(AllocationId::from)
            .collect(),
        backup_configuration: body.backup_configuration_uuid.map(Into::into),
        start_on_completion: body.start_on_completion,
        skip_installer: body.skip_installer,
        external_id: body.external_id,
        name: body.name,
        description: body.description,
        limits: limits(&body.limits),
        pinned_cpus: body.pinned_cpus,
        startup: body.startup,
        image: body.image,
        timezone: body.timezone,
        hugepages_passthrough: body.hugepages_passthrough_enabled,
        kvm_passthrough: body.kvm_passthrough_enabled,
        feature_limits: feature_limits(&body.feature_limits),
        variables: values(body.variables),
    };
    let view = caller
        .change(async move |cx| servers::deploy(&cx, deployment, input).await)
        .await?;
    Ok(web::Json(AdminServerBody {
        server: present::servers::admin_server(view)?,
    }))
}
