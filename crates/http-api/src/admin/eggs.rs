//! `/api/admin/eggs`: the eggs that come with the panel.

mod starter;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(starter::list).service(starter::install);
}
