//! `/api/settings`, `/api/languages`, `/api/announcements`: what everybody may know.

mod announcements;
mod languages;
pub(crate) mod public;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(public::get)
        .service(languages::list)
        .service(announcements::list);
}
