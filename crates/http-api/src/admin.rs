//! `/api/admin`: what administrators do.

mod servers;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    servers::configure(config);
}
