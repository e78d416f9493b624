//! All backups of a server, wherever they are.

use actix_web::{get, web};
use panel_api_types::backup::{AdminBackups, ServerBackupsQuery};
use panel_api_types::page::Page;
use panel_domain::id::ServerRef;
use panel_service::backups;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List all backups of a server
#[utoipa::path(
    params(ServerBackupsQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = AdminBackups))
)]
#[get("/servers/{server}/backups")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<ServerBackupsQuery>,
) -> Answer<web::Json<AdminBackups>> {
    let asked = query.search_query();
    let search = asked.search().map(str::to_owned);
    let found = backups::of_any_server(
        &caller,
        server,
        search,
        query.partially_detached,
        asked.page(),
    )
    .await?;
    Ok(web::Json(AdminBackups {
        backups: Page::try_of(found, present::backups::admin_backup)?,
    }))
}
