//! `GET /api/languages`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::settings::Languages;

/// List the languages of the interface
#[utoipa::path(responses((status = 200, description = "The languages.", body = Languages)))]
#[get("/languages")]
pub(crate) async fn list() -> Json<Languages> {
    Json(Languages {
        languages: vec!["en".to_owned()],
    })
}
