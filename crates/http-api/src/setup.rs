//! `/api/setup`: the first steps in a new panel.

mod create;
mod finish;
mod state;

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds what nobody needs to be signed in for.
pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(state::get).service(create::create);
}

/// Adds what the new administrator does.
pub(crate) fn configure_finish(config: &mut ServiceConfig<'_>) {
    config.service(finish::finish);
}
