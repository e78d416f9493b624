//! `/api/remote`: what daemons ask and report. Bodies are those of the daemons' protocol, not DTOs of ours.

mod activity;
mod backups;
mod install;
mod schedule;
mod servers;
mod sftp;
mod startup;
mod state;
mod transfers;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config.service(servers::list);
    config.service(servers::reset);
    config.service(servers::get);
    config.service(install::script);
    config.service(install::report);
    config.service(transfers::success);
    config.service(transfers::failure);
    config.service(state::report);
    config.service(sftp::authenticate);
    config.service(activity::record);
    config.service(schedule::record);
    config.service(startup::variable);
    config.service(startup::command);
    config.service(startup::image);
    backups::configure(config);
}
