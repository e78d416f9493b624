//! What has to happen on nodes: the half of use cases that the worker does, again and again until it is done.
//!
//! Each function takes the id of what was asked for and may run any number of times. Before a call to a node is made, that it is
//! about to be is written down; a run that finds this written first asks the node whether the call arrived.

mod backups;
mod check_nodes;
mod cleanup;
mod delete;
mod failpoint;
mod install;
mod plan_schedules;
mod reconcile;
mod revoke;
mod run_schedule;
mod sync;
mod transfers;

pub(crate) use backups::{Ending, end_failed, end_restore, end_successful};
pub use backups::{delete_backup, make_backup, make_system_backups, prune_backups, restore_backup};
pub(crate) use check_nodes::check_node;
pub use check_nodes::check_nodes;
pub use cleanup::{delete_expired_sessions, delete_old_records};
pub use delete::delete_server;
pub use failpoint::Failpoints;
pub(crate) use failpoint::Rule;
pub use install::install_server;
pub use plan_schedules::plan_schedules;
pub use reconcile::{reconcile_node, reconcile_operations};
pub use revoke::revoke_connections;
pub(crate) use run_schedule::RunProgress;
pub use run_schedule::run_schedule;
pub use sync::sync_server;
pub(crate) use transfers::{TransferEnding, arrive, discard_again, give_up};
pub use transfers::{discard_copy, transfer_server};

use std::time::Duration;

use panel_domain::operation::Outcome;
use wings_client::Error as WingsError;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is nothing more to do for this job.
    Done,
    /// Run again after this long.
    Again(Duration),
}

/// What a failed call says about its effect, in the terms operations are decided by.
pub(crate) fn outcome_of(error: &WingsError) -> Outcome {
    match error {
        WingsError::Unreachable { .. } if error.may_have_happened() => Outcome::Unknown,
        WingsError::Unreachable { .. } => Outcome::NotSent,
        WingsError::Interrupted { .. } => Outcome::Unknown,
        // A node that has another token is mended by its operator; what was asked for still stands.
        _ if error.is_unauthorized() => Outcome::TryLater,
        WingsError::Refused { status, .. } if *status >= 500 || *status == 429 => Outcome::TryLater,
        WingsError::Unexpected { .. } => Outcome::TryLater,
        WingsError::Refused { .. } | WingsError::LacksCapability { .. } => Outcome::Refused,
    }
}
