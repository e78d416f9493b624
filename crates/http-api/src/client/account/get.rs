//! `GET /api/client/account`.

use actix_web::{HttpResponse, get};
use panel_api_types::account::Account;
use panel_service::accounts;

use crate::error::Answer;
use crate::extract::Caller;
use crate::{kept, present};

/// Read the own account
#[utoipa::path(responses((status = 200, description = "The account.", body = Account)))]
#[get("/account")]
pub(crate) async fn get(caller: Caller) -> Answer<HttpResponse> {
    let account = async || {
        let found = accounts::get(&caller).await?;
        kept::serialized(&Account {
            user: present::users::full_user(&found.user, found.role.as_ref()),
        })
    };
    Ok(kept::json(caller.kept(kept::ACCOUNT, account).await?))
}
