//! `/api/client`: what users do with their account and their servers.

mod account;
mod permissions;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    account::configure(config);
    config.service(permissions::list);
}
