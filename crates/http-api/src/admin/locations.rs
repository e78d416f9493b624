//! `/api/admin/locations`: places that group nodes.

mod change;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(read::list)
        .service(read::get)
        .service(read::nodes)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate);
}
