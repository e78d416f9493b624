//! What daemons ask the panel and tell it. Everything here is scoped to the node that asks: of a server elsewhere it does not
//! even learn that it exists.

mod activity;
mod document;
mod install;
mod reset;
mod schedule_reports;
mod schedules;
mod servers;
mod sftp;
mod startup;
mod state;

pub use activity::{ActivityBatch, record_activity};
pub use document::{ServerDocument, server_document};
pub use install::{InstallResult, install_script, report_install};
pub(crate) use install::{end_install, touched};
pub use reset::reset_servers;
pub use schedule_reports::{ScheduleReports, record_schedules};
pub use servers::{BootPage, boot_page};
pub use sftp::{SftpAuth, SftpGrant, authenticate_sftp};
pub use startup::{
    ChangeCommand, ChangeImage, ChangeVariable, change_command, change_image, change_variable,
};
pub use state::{StateChange, report_state};

use panel_domain::actor::Actor;
use panel_domain::id::NodeId;

use crate::cx::Cx;
use crate::error::Error;

/// The node that asks.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
fn this_node(cx: &Cx) -> Result<NodeId, Error> {
    match cx.actor() {
        Actor::Node(node) => Ok(*node),
        _ => Err(Error::Unauthenticated),
    }
}
