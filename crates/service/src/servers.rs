//! Game servers: what their users do with them, and what administrators do.

mod activity;
mod allocations;
mod change;
mod clear_state;
mod command;
mod create;
mod delete;
mod deploy;
mod get;
mod install;
mod list;
mod logs;
mod lookup;
mod mounts;
mod power;
mod resources;
mod settings;
mod startup;
mod subusers;
mod transfer;
mod update;
mod variables;
mod view;
mod websocket;

pub use activity::{Activity, activity};
pub use allocations::{
    Address, AllocationChange, add_allocation, allocations, allocations_for_admin,
    assign_allocation, remove_allocation, remove_allocation_for_admin, update_allocation,
    update_allocation_for_admin,
};
pub(crate) use change::{
    invalidate as invalidate_server, lock as lock_server, operation, sync as sync_node,
};
pub use clear_state::clear_state;
pub(crate) use command::OFFLINE;
pub use command::command;
pub use create::{CreateServer, create};
pub use delete::{DeleteServer, delete};
pub use deploy::{Deployment, deploy};
pub use get::{get, get_admin, get_external};
pub use install::{CancelledInstall, acknowledge_install, cancel_install, reinstall};
pub use list::{ListAdminServers, list, list_admin};
pub use logs::{console_log, console_log_for_admin, install_log};
pub use mounts::{
    attach_mount, attach_mount_for_admin, detach_mount, detach_mount_for_admin, mounts,
    mounts_for_admin,
};
pub use panel_storage::servers::ServerDetails;
pub use power::power;
pub(crate) use power::wire as wire_power;
pub use resources::{Usage, node_resources, resources};
pub use settings::{Rename, rename, set_auto_kill, set_auto_start, set_timezone};
pub(crate) use startup::{choose_command, choose_image, offers};
pub use startup::{set_command, set_image};
pub use subusers::{
    ChangeSubuser, InviteSubuser, Subuser, change_subuser, invite_subuser, remove_subuser, subusers,
};
pub(crate) use transfer::{Addresses, Departure, Way, depart, way_between};
pub use transfer::{Sending, TransferServer, cancel_transfer, transfer};
pub use update::{UpdateServer, update};
pub(crate) use variables::choose_value;
pub use variables::{
    Variable, VariableValue, set_variables, set_variables_for_admin, variables, variables_for_admin,
};
pub use view::{AdminServer, Server};
pub(crate) use view::{for_admin, for_user};
pub use websocket::{Websocket, websocket};
pub use wings_client::wire::files::CompressionLevel;

/// What forms send for an empty field is no text at all.
pub(crate) fn blank_is_none(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
