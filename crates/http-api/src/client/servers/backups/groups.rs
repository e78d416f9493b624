//! Groups of backups.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::backup::{
    BackupGroupBody, BackupGroups, Backups, CreateBackupGroup, DeleteBackupGroup, UpdateBackupGroup,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{BackupGroupId, ServerRef};
use panel_service::backups;

use super::super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List a server's backup groups
#[utoipa::path(responses((status = 200, description = "The groups, by name.", body = BackupGroups)))]
#[get("/servers/{server}/backups/groups")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<BackupGroups>> {
    let found = backups::groups(&caller, server).await?;
    Ok(web::Json(BackupGroups {
        backup_groups: found.into_iter().map(present::backups::group).collect(),
    }))
}

/// Make a backup group
#[utoipa::path(
    request_body = CreateBackupGroup,
    responses((status = 200, description = "The group.", body = BackupGroupBody))
)]
#[post("/servers/{server}/backups/groups")]
pub(crate) async fn create(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateBackupGroup>,
) -> Answer<web::Json<BackupGroupBody>> {
    let input = backups::NewGroup {
        name: body.name,
        retention_count: body.retention_count,
        retention_days: body.retention_days,
    };
    let made = caller
        .change(async move |cx| backups::create_group(&cx, server, input).await)
        .await?;
    Ok(web::Json(BackupGroupBody {
        backup_group: present::backups::group(made),
    }))
}

/// List the backups in a group
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = Backups))
)]
#[get("/servers/{server}/backups/groups/{backup_group}")]
pub(crate) async fn get(
    caller: Caller,
    Path((server, group)): PartOf<BackupGroupId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Backups>> {
    let search = query.search().map(str::to_owned);
    let found = backups::group_backups(&caller, server, group, search, query.page()).await?;
    Ok(web::Json(Backups {
        backups: Page::of(found, present::backups::backup),
    }))
}

/// Change a backup group
///
/// Backups that it does not keep any longer are deleted within the hour.
#[utoipa::path(
    request_body = UpdateBackupGroup,
    responses((status = 200, description = "It holds from now on.", body = Empty))
)]
#[patch("/servers/{server}/backups/groups/{backup_group}")]
pub(crate) async fn update(
    caller: Caller,
    Path((server, group)): PartOf<BackupGroupId>,
    Json(body): Json<UpdateBackupGroup>,
) -> Answer<web::Json<Empty>> {
    let input = backups::ChangeGroup {
        name: body.name,
        retention_count: body.retention_count,
        retention_days: body.retention_days,
    };
    caller
        .change(async move |cx| backups::update_group(&cx, server, group, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a backup group
///
/// Its backups stay, in no group.
#[utoipa::path(
    request_body = DeleteBackupGroup,
    responses((status = 200, description = "It is gone.", body = Empty))
)]
#[delete("/servers/{server}/backups/groups/{backup_group}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, group)): PartOf<BackupGroupId>,
    Json(body): Json<DeleteBackupGroup>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| backups::delete_group(&cx, server, group, body.lock_backups).await)
        .await?;
    Ok(web::Json(Empty {}))
}
