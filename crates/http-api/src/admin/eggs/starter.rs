//! `/api/admin/eggs/starter`.

use actix_web::{get, post, web};
use panel_api_types::egg::{InstallStarterEggs, InstalledStarterEggs, StarterEgg, StarterEggs};
use panel_service::eggs;

use crate::error::Answer;
use crate::extract::{Caller, Json};

/// List the eggs that come with the panel
#[utoipa::path(responses((status = 200, description = "The eggs.", body = StarterEggs)))]
#[get("/eggs/starter")]
pub(crate) async fn list(caller: Caller) -> Answer<web::Json<StarterEggs>> {
    let starter_eggs = eggs::starter(&caller)
        .await?
        .into_iter()
        .map(|egg| StarterEgg {
            slug: egg.slug.to_owned(),
            nest: egg.nest.to_owned(),
            name: egg.name,
            description: egg.description,
            installed: egg.installed,
        })
        .collect();
    Ok(web::Json(StarterEggs { starter_eggs }))
}

/// Install eggs that come with the panel
///
/// Nests are made as needed. Those that are installed already are left as they are.
#[utoipa::path(
    request_body = InstallStarterEggs,
    responses((status = 200, description = "Which are new.", body = InstalledStarterEggs))
)]
#[post("/eggs/starter")]
pub(crate) async fn install(
    caller: Caller,
    Json(body): Json<InstallStarterEggs>,
) -> Answer<web::Json<InstalledStarterEggs>> {
    let installed = caller
        .change(async move |cx| eggs::install_starter(&cx, body.slugs).await)
        .await?;
    Ok(web::Json(InstalledStarterEggs { installed }))
}
