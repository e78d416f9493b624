//! `/api/client/servers`: what users do with their servers.

mod activity;
mod allocations;
mod announcements;
mod backups;
mod command;
mod eggs;
mod files;
mod get;
mod groups;
mod install;
mod list;
mod logs;
mod mounts;
mod power;
mod resources;
mod schedules;
pub(crate) mod settings;
mod startup;
mod subusers;
mod websocket;

use panel_api_types::server::VariableValue;
use panel_domain::id::ServerRef;
use panel_service::servers;

use crate::extract::Path;
use crate::routes::Routes;

/// The path of something that belongs to a server. Its own name keeps the document's macro from asking for schemas of
/// what `openapi.rs` describes for all operations.
pub(crate) type PartOf<T> = Path<(ServerRef, T)>;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(list::list)
        // Before what takes `eggs` for a server.
        .service(eggs::list)
        .service(eggs::command_snippets)
        // Before what takes `groups` for a server.
        .service(groups::list)
        .service(groups::create)
        .service(groups::reorder)
        .service(groups::servers)
        .service(groups::update)
        .service(groups::delete)
        // Before what takes `nodes` for a server.
        .service(resources::of_node)
        .service(get::get)
        .service(websocket::websocket)
        .service(power::power)
        .service(command::command)
        .service(resources::get)
        .service(logs::console)
        .service(activity::list)
        .service(startup::variables)
        .service(startup::set_variables)
        .service(startup::set_command)
        .service(startup::set_image)
        .service(settings::rename)
        .service(settings::auto_kill)
        .service(settings::auto_start)
        .service(settings::timezone)
        .service(install::reinstall)
        .service(install::cancel)
        .service(install::unlock)
        .service(allocations::list)
        .service(allocations::add)
        .service(allocations::update)
        .service(allocations::remove)
        .service(subusers::list)
        .service(subusers::invite)
        .service(subusers::change)
        .service(subusers::remove)
        .service(mounts::list)
        .service(mounts::attach)
        .service(mounts::detach)
        .service(announcements::list);
    files::configure(config);
    backups::configure(config);
    schedules::configure(config);
}

/// The use case's form of values of variables.
pub(crate) fn values(values: Vec<VariableValue>) -> Vec<servers::VariableValue> {
    values
        .into_iter()
        .map(|value| servers::VariableValue {
            env_variable: value.env_variable,
            value: value.value,
        })
        .collect()
}
