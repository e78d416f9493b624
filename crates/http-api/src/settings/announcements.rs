//! `GET /api/announcements`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::announcement::Announcements;

/// List the announcements to show now
///
/// Nobody can write one yet, so there are none.
#[utoipa::path(responses((status = 200, description = "The announcements.", body = Announcements)))]
#[get("/announcements")]
pub(crate) async fn list() -> Json<Announcements> {
    Json(Announcements {
        announcements: Vec::new(),
    })
}
