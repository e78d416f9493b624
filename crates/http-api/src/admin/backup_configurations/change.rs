//! Making, changing and removing places for backups.

use actix_web::{delete, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::backup_configuration::{
    BackupConfigurationBody, CreateBackupConfiguration, DuplicateBackupConfiguration,
    UpdateBackupConfiguration,
};
use panel_domain::id::BackupConfigurationId;
use panel_service::backup_configurations::{
    self, ChangeBackupConfiguration, NewBackupConfiguration,
};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present::backup_configurations as present;

/// Make a place for backups
#[utoipa::path(
    request_body = CreateBackupConfiguration,
    responses((status = 200, description = "The place.", body = BackupConfigurationBody))
)]
#[post("/backup-configurations")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateBackupConfiguration>,
) -> Answer<web::Json<BackupConfigurationBody>> {
    let input = NewBackupConfiguration {
        name: body.name,
        description: body.description,
        maintenance_enabled: body.maintenance_enabled,
        shared: body.shared,
        disk: present::disk(body.backup_disk),
        stores: body.backup_configs,
    };
    let made = caller
        .change(async move |cx| backup_configurations::create(&cx, input).await)
        .await?;
    Ok(web::Json(BackupConfigurationBody {
        backup_configuration: present::backup_configuration(made),
    }))
}

/// Change a place for backups
///
/// Backups that are there stay; the access to them is the new one.
#[utoipa::path(
    request_body = UpdateBackupConfiguration,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/backup-configurations/{backup_configuration}")]
pub(crate) async fn update(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Json(body): Json<UpdateBackupConfiguration>,
) -> Answer<web::Json<Empty>> {
    let input = ChangeBackupConfiguration {
        name: body.name,
        description: body.description,
        maintenance_enabled: body.maintenance_enabled,
        shared: body.shared,
        disk: body.backup_disk.map(present::disk),
        stores: body.backup_configs,
    };
    caller
        .change(async move |cx| backup_configurations::update(&cx, id, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Remove a place for backups that has none
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/backup-configurations/{backup_configuration}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| backup_configurations::delete(&cx, id).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Make a place for backups like another one
#[utoipa::path(
    request_body = DuplicateBackupConfiguration,
    responses((status = 200, description = "The copy.", body = BackupConfigurationBody))
)]
#[post("/backup-configurations/{backup_configuration}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Json(body): Json<DuplicateBackupConfiguration>,
) -> Answer<web::Json<BackupConfigurationBody>> {
    let made = caller
        .change(async move |cx| backup_configurations::duplicate(&cx, id, body.name).await)
        .await?;
    Ok(web::Json(BackupConfigurationBody {
        backup_configuration: present::backup_configuration(made),
    }))
}
