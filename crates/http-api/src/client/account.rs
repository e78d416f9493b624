//! `/api/client/account`: the own account.

mod logout;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(logout::logout);
}
