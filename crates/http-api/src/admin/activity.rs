//! `GET /api/admin/activity`.

use actix_web::{get, web};
use panel_api_types::activity::{AdminActivities, AdminActivityQuery};
use panel_api_types::page::Page;
use panel_domain::id::UserId;
use panel_domain::page::Page as Wanted;
use panel_service::activity;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::present;

/// List what administrators did
#[utoipa::path(
    params(AdminActivityQuery),
    responses((status = 200, description = "A page of entries, newest first.", body = AdminActivities))
)]
#[get("/activity")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<AdminActivityQuery>,
) -> Answer<web::Json<AdminActivities>> {
    let page = Wanted::new(query.page, query.per_page);
    let search = query.search.as_deref().map(str::trim);
    let search = search.filter(|search| !search.is_empty());
    let by = query.user.map(UserId::from);
    let found = activity::list(&caller, page, search, by).await?;
    Ok(web::Json(AdminActivities {
        activities: Page::of(found, present::users::admin_activity),
    }))
}
