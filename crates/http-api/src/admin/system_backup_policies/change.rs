//! Making, changing, following and removing policies.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::system_backup_policy::{
    CreateSystemBackupPolicy, DeleteSystemBackupPolicy, SystemBackupPolicyBody,
    UpdateSystemBackupPolicy,
};
use panel_domain::id::{BackupConfigurationId, SystemBackupPolicyId};
use panel_service::system_backup_policies::{
    self, ChangeSystemBackupPolicy, NewSystemBackupPolicy,
};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present::system_backup_policies as present;

/// Make a policy for backups
///
/// It covers nothing yet.
#[utoipa::path(
    request_body = CreateSystemBackupPolicy,
    responses((status = 200, description = "The policy.", body = SystemBackupPolicyBody))
)]
#[post("/system-backup-policies")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateSystemBackupPolicy>,
) -> Answer<web::Json<SystemBackupPolicyBody>> {
    let input = NewSystemBackupPolicy {
        name: body.name,
        description: body.description,
        backup_configuration: body.backup_configuration_uuid.map(Into::into),
        enabled: body.enabled,
        cron: body.cron,
        parallelism: body.parallelism,
        retention_count: body.retention_count,
        retention_days: body.retention_days,
    };
    let made = caller
        .change(async move |cx| system_backup_policies::create(&cx, input).await)
        .await?;
    Ok(web::Json(present::body(made)))
}

/// Change a policy for backups
#[utoipa::path(
    request_body = UpdateSystemBackupPolicy,
    responses((status = 200, description = "It holds from now on.", body = Empty))
)]
#[patch("/system-backup-policies/{system_backup_policy}")]
pub(crate) async fn update(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Json(body): Json<UpdateSystemBackupPolicy>,
) -> Answer<web::Json<Empty>> {
    let input = ChangeSystemBackupPolicy {
        name: body.name,
        description: body.description,
        backup_configuration: body
            .backup_configuration_uuid
            .map(|configuration| configuration.map(BackupConfigurationId::from)),
        enabled: body.enabled,
        cron: body.cron,
        parallelism: body.parallelism,
        retention_count: body.retention_count,
        retention_days: body.retention_days,
    };
    caller
        .change(async move |cx| system_backup_policies::update(&cx, id, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Remove a policy for backups
///
/// Its backups are deleted with it, or become backups like any other of their servers.
#[utoipa::path(
    request_body = DeleteSystemBackupPolicy,
    responses((status = 200, description = "It is gone.", body = Empty))
)]
#[delete("/system-backup-policies/{system_backup_policy}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Json(body): Json<DeleteSystemBackupPolicy>,
) -> Answer<web::Json<Empty>> {
    let with_backups = body.delete_backups;
    caller
        .change(async move |cx| system_backup_policies::delete(&cx, id, with_backups).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make the backups of a policy now
///
/// A few at a time on each node, also while the policy is disabled.
#[utoipa::path(responses((status = 200, description = "Its servers wait for their turn.", body = Empty)))]
#[post("/system-backup-policies/{system_backup_policy}/trigger")]
pub(crate) async fn trigger(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| system_backup_policies::trigger(&cx, id).await)
        .await?;
    Ok(web::Json(Empty {}))
}
