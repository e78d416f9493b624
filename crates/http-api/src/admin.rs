//! `/api/admin`: what administrators do.

mod activity;
mod eggs;
mod locations;
mod mounts;
mod nests;
mod nodes;
mod roles;
mod servers;
mod settings;
mod stats;
mod users;

use panel_service::Error;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    locations::configure(config);
    nodes::configure(config);
    nests::configure(config);
    eggs::configure(config);
    servers::configure(config);
    mounts::configure(config);
    users::configure(config);
    roles::configure(config);
    config
        .service(activity::list)
        .service(stats::general)
        .service(settings::get)
        .service(settings::update);
}

/// The contract lets several things name a backup configuration, of which there is none yet.
fn no_backup_configuration(id: Option<Uuid>) -> Result<(), Error> {
    match id {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            "backup_configuration_uuid",
            "must be null: there is no backup configuration of this id",
        )),
    }
}
