//! `/api/admin/nodes`: machines that run Wings.

mod allocations;
mod backups;
mod change;
mod daemon;
mod mounts;
mod read;
mod servers;
mod system;
mod token;
mod transfers;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        // Before what takes this word for a node.
        .service(daemon::configure_many)
        .service(read::get)
        .service(read::capacity)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate)
        .service(token::read)
        .service(token::reset)
        .service(token::configuration)
        .service(system::status)
        .service(system::overview)
        .service(system::stats)
        .service(daemon::configuration)
        .service(daemon::configure)
        .service(daemon::logs)
        .service(daemon::log)
        .service(servers::list)
        .service(servers::resources)
        .service(servers::power)
        .service(transfers::transfer)
        .service(transfers::servers)
        .service(transfers::progress)
        .service(allocations::available)
        .service(allocations::ips)
        .service(allocations::list)
        .service(allocations::create)
        .service(allocations::update)
        .service(allocations::delete)
        .service(mounts::list)
        .service(mounts::attach)
        .service(mounts::detach)
        .service(backups::list)
        .service(backups::get)
        .service(backups::remove)
        .service(backups::download)
        .service(backups::archive)
        .service(backups::export)
        .service(backups::detach)
        .service(backups::reattach)
        .service(backups::restore);
}
