//! `GET /api/admin/users/{user}/servers`.

use actix_web::{get, web};
use panel_api_types::page::Page;
use panel_api_types::server::AdminServers;
use panel_api_types::user::UserServersQuery;
use panel_domain::id::UserId;
use panel_domain::page::{Page as Wanted, Paged};
use panel_service::users;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the servers of a user
#[utoipa::path(
    params(UserServersQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/users/{user}/servers")]
pub(crate) async fn list(
    caller: Caller,
    Path(user): Path<UserId>,
    Query(query): Query<UserServersQuery>,
) -> Answer<web::Json<AdminServers>> {
    let page = Wanted::new(query.page, query.per_page);
    let search = query.search.as_deref().map(str::trim);
    let search = search.filter(|search| !search.is_empty());
    let found = users::servers(&caller, user, page, search, query.owned).await?;
    let rows: Result<Vec<_>, _> = found
        .data
        .into_iter()
        .map(present::servers::admin_server)
        .collect();
    let shown = Paged::new(page, found.total, rows?);
    Ok(web::Json(AdminServers {
        servers: Page::of(shown, |server| server),
    }))
}
