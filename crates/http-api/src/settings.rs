//! `/api/settings`, `/api/languages`, `/api/announcements`: what everybody may know.

use utoipa_actix_web::service_config::ServiceConfig;

mod languages;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(languages::list);
}
