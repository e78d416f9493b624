//! What daemons ask the panel and tell it. Everything here is scoped to the node that asks: of a server elsewhere it does not
//! even learn that it exists.

mod activity;
pub mod backups;
mod document;
mod final_reports;
mod install;
mod reset;
mod schedule_reports;
mod schedules;
mod servers;
mod sftp;
mod startup;
mod state;
mod transfers;

pub use activity::{ActivityBatch, record_activity};
pub use document::{ServerDocument, server_document};
pub(crate) use final_reports::Came;
pub use final_reports::{FinalReport, take_final_report};
pub use install::{InstallResult, install_script};
pub(crate) use install::{end_install, touched};
pub use reset::reset_servers;
pub use schedule_reports::{ScheduleReports, record_schedules};
pub use servers::{BootPage, boot_page};
pub use sftp::{SftpAuth, SftpGrant, authenticate_sftp};
pub use startup::{
    ChangeCommand, ChangeImage, ChangeVariable, change_command, change_image, change_variable,
};
pub use state::{StateReport, report_state};
pub use transfers::TransferResult;

use panel_domain::actor::Actor;
use panel_domain::id::NodeId;
use serde_json::Value;

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

/// A document of a daemon as the database takes it: PostgreSQL refuses a NUL in any text of it, and a report that is refused is lost,
/// or sent again for ever with all that stands beside it.
fn storable(document: Value) -> Value {
    let without_nul = |text: String| match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}"),
        false => text,
    };
    match document {
        Value::String(text) => Value::String(without_nul(text)),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (without_nul(key), storable(value)))
            .collect(),
        other => other,
    }
}
