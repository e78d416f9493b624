//! Backups of a server.

mod groups;
mod hand_out;
mod restore;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::backup::{BackupBody, Backups, BackupsQuery, CreateBackup, UpdateBackup};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::{BackupGroupId, BackupId, ServerRef};
use panel_service::backups;

use super::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;
use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list)
        .service(create)
        // Before what takes these words for a backup.
        .service(groups::list)
        .service(groups::create)
        .service(groups::get)
        .service(groups::update)
        .service(groups::remove)
        .service(system)
        .service(restore::unlock)
        .service(get)
        .service(update)
        .service(remove)
        .service(hand_out::download)
        .service(hand_out::archive)
        .service(hand_out::export)
        .service(restore::restore);
}

/// List a server's backups
///
/// Those that it can use where it is now.
#[utoipa::path(
    params(BackupsQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = Backups))
)]
#[get("/servers/{server}/backups")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<BackupsQuery>,
) -> Answer<web::Json<Backups>> {
    let asked = query.search_query();
    let input = backups::ListBackups {
        search: asked.search().map(str::to_owned),
        ungrouped: query.ungrouped,
    };
    let found = backups::list(&caller, server, input, asked.page()).await?;
    Ok(web::Json(Backups {
        backups: Page::of(found, present::backups::backup),
    }))
}

/// List the backups of a server that the panel made by itself
///
/// Those that it can use where it is now. They count against no limit, and only administrators change or delete them.
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = Backups))
)]
#[get("/servers/{server}/backups/system")]
pub(crate) async fn system(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Backups>> {
    let search = query.search().map(str::to_owned);
    let found = backups::list_system(&caller, server, search, query.page()).await?;
    Ok(web::Json(Backups {
        backups: Page::of(found, present::backups::backup),
    }))
}

/// Make a backup
///
/// It is there when its node says so, and kept where the server, its node or its location says.
#[utoipa::path(
    request_body = CreateBackup,
    responses((status = 200, description = "The backup that is being made.", body = BackupBody))
)]
#[post("/servers/{server}/backups")]
pub(crate) async fn create(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<CreateBackup>,
) -> Answer<web::Json<BackupBody>> {
    let input = backups::CreateBackup {
        name: body.name,
        ignored_files: body.ignored_files,
        group: body.backup_group_uuid.map(BackupGroupId::from),
    };
    let made = caller
        .change(async move |cx| backups::create(&cx, server, input).await)
        .await?;
    Ok(web::Json(present::backups::body(made)))
}

/// Get a backup
#[utoipa::path(responses((status = 200, description = "The backup.", body = BackupBody)))]
#[get("/servers/{server}/backups/{backup}")]
pub(crate) async fn get(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
) -> Answer<web::Json<BackupBody>> {
    let found = backups::get(&caller, server, backup).await?;
    Ok(web::Json(present::backups::body(found)))
}

/// Rename, lock or move a backup
#[utoipa::path(
    request_body = UpdateBackup,
    responses((status = 200, description = "It holds from now on.", body = Empty))
)]
#[patch("/servers/{server}/backups/{backup}")]
pub(crate) async fn update(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
    Json(body): Json<UpdateBackup>,
) -> Answer<web::Json<Empty>> {
    let input = backups::ChangeBackup {
        name: body.name,
        locked: body.locked,
        group: body
            .backup_group_uuid
            .map(|group| group.map(BackupGroupId::from)),
    };
    caller
        .change(async move |cx| backups::update(&cx, server, backup, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a backup
///
/// One that is being made is called off.
#[utoipa::path(responses((status = 202, description = "It is being deleted.", body = Empty)))]
#[delete("/servers/{server}/backups/{backup}")]
pub(crate) async fn remove(
    caller: Caller,
    Path((server, backup)): PartOf<BackupId>,
) -> Answer<HttpResponse> {
    caller
        .change(async move |cx| backups::delete(&cx, server, backup).await)
        .await?;
    Ok(HttpResponse::Accepted().json(Empty {}))
}
