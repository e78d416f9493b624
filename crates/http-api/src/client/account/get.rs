//! `GET /api/client/account`.

use actix_web::get;
use actix_web::web::Json;
use panel_api_types::account::Account;
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::Caller;
use crate::present;

/// Read the own account
#[utoipa::path(responses((status = 200, description = "The account.", body = Account)))]
#[get("/account")]
pub(crate) async fn get(caller: Caller) -> Answer<Json<Account>> {
    let found = accounts::get(&caller).await?;
    Ok(Json(Account {
        user: present::users::full_user(&found.user, found.role.as_ref()),
    }))
}
