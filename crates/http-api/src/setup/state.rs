//! `GET /api/setup`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::setup::{SetupState, SetupStep};
use panel_service::auth::setup::{self, Step};

use crate::error::Answer;
use crate::extract::Caller;

/// Tell how far the setup is
#[utoipa::path(responses((status = 200, description = "The next step.", body = SetupState)))]
#[get("/setup")]
pub(crate) async fn get(caller: Caller) -> Answer<Json<SetupState>> {
    let step = match setup::step(&caller).await? {
        Step::Account => SetupStep::Account,
        Step::Location => SetupStep::Location,
        Step::Node => SetupStep::Node,
        Step::Allocations => SetupStep::Allocations,
        Step::Eggs => SetupStep::Eggs,
        Step::Server => SetupStep::Server,
        Step::Finished => SetupStep::Finished,
    };
    Ok(Json(SetupState {
        needed: setup::is_open(&caller).await?,
        step,
    }))
}
