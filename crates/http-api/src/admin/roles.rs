//! `/api/admin/roles`: named sets of permissions.

mod change;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(read::list)
        .service(read::get)
        .service(read::users)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate);
}
