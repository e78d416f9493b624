//! `/api/client`: what users do with their account and their servers.

mod account;
mod permissions;
pub(crate) mod servers;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    account::configure(config);
    servers::configure(config);
    config.service(permissions::list);
}
