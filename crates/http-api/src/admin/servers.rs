//! `/api/admin/servers`: what administrators do with servers.

mod allocations;
mod backups;
mod clear_state;
mod create;
mod delete;
mod deploy;
mod get;
mod list;
mod logs;
mod mounts;
mod transfer;
mod update;
mod variables;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list::list)
        .service(create::create)
        .service(deploy::deploy)
        // Before what takes `external` for a server.
        .service(get::get_external)
        .service(get::get)
        .service(update::update)
        .service(delete::delete)
        .service(variables::list)
        .service(variables::set)
        .service(allocations::list)
        .service(allocations::add)
        .service(allocations::update)
        .service(allocations::remove)
        .service(clear_state::clear_state)
        .service(transfer::transfer)
        .service(transfer::cancel)
        .service(logs::install)
        .service(logs::console)
        .service(mounts::list)
        // Before what takes `available` for a mount.
        .service(mounts::available)
        .service(mounts::attach)
        .service(mounts::detach)
        .service(backups::list);
}
