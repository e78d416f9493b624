//! `/api/admin`: what administrators do.

mod activity;
mod backup_configurations;
mod eggs;
mod locations;
mod mounts;
mod nests;
mod nodes;
mod roles;
mod servers;
mod settings;
mod stats;
mod system_backup_policies;
mod users;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    backup_configurations::configure(config);
    system_backup_policies::configure(config);
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
        .service(stats::of_backups)
        .service(settings::get)
        .service(settings::update);
}
