//! `POST /api/admin/servers`.

use actix_web::{post, web};
use panel_api_types::server::{AdminLimits, AdminServerBody, CreateServer, FeatureLimits};
use panel_domain::id::AllocationId;
use panel_domain::server as domain;
use panel_service::servers;

use crate::client::servers::values;
use crate::error::Answer;
use crate::extract::{Caller, Json};
use crate::present;

/// Make a server
///
/// The node installs it; the server's status tells when that is done.
#[utoipa::path(
    request_body = CreateServer,
    responses((status = 200, description = "The server.", body = AdminServerBody))
)]
#[post("/servers")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateServer>,
) -> Answer<web::Json<AdminServerBody>> {
    let input = servers::CreateServer {
        node: body.node_uuid.into(),
        owner: body.owner_uuid.into(),
        egg: body.egg_uuid.into(),
        primary: body.allocation_uuid.map(AllocationId::from),
        additional: body
            .allocation_uuids
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
        .change(async move |cx| servers::create(&cx, input).await)
        .await?;
    Ok(web::Json(AdminServerBody {
        server: present::servers::admin_server(view)?,
    }))
}

/// The domain's form of limits.
pub(crate) const fn limits(limits: &AdminLimits) -> domain::ServerLimits {
    domain::ServerLimits {
        memory: limits.memory,
        memory_overhead: limits.memory_overhead,
        swap: limits.swap,
        disk: limits.disk,
        io_weight: limits.io_weight,
        cpu: limits.cpu,
    }
}

/// The domain's form of limits of what users make.
pub(crate) const fn feature_limits(limits: &FeatureLimits) -> domain::FeatureLimits {
    domain::FeatureLimits {
        allocations: limits.allocations,
        databases: limits.databases,
        backups: limits.backups,
        schedules: limits.schedules,
    }
}
