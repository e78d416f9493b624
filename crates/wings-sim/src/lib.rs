//! A simulated Wings daemon: the same wire as a Pterodactyl, Pelican or Calagopus Wings ([`Dialect`]), nothing behind it.
//!
//! It boots against a panel like a real one, installs, starts and stops servers that do not exist, has a console, load figures and files, and
//! keeps a ledger of what was really done, so that a test can ask whether something happened once, twice or never. Every answer
//! carries the header `X-Simulator: wings-sim`, the version ends in `:simulated`, and the console says so too.
//!
//! [`Fleet`] holds many of them in one process. [`WingsSim`] is the handle for tests; the program `wings-sim` is the same with `/sim/..` for its controls. [`Replay`] answers recorded
//! requests with their recorded answers instead.

mod archive;
mod backups;
mod boot;
mod core;
mod dialect;
mod empty_panel;
mod faults;
mod files;
mod fleet;
mod http;
mod install;
mod ledger;
mod options;
mod power;
mod pulls;
mod remote;
mod replay;
mod script;
mod sim;
mod stats;
mod token;
mod transfers;
mod world;

pub use dialect::{Dialect, NOT_PLAYED, ROUTES, Route};
pub use empty_panel::EmptyPanel;
pub use faults::{Fault, PlannedFault};
pub use fleet::{Fleet, FleetPort};
pub use ledger::{Effect, LedgerEntry};
pub use options::{Mode, SimError, SimOptions, Slow};
pub use remote::RemoteFailure;
pub use replay::Replay;
pub use sim::{Bound, ServerSummary, WingsSim};

/// Header of every answer and every request to the panel.
pub const SIMULATOR_HEADER: &str = "X-Simulator";
/// The version a simulated Calagopus daemon names by default: the one whose wire it has, marked.
pub const VERSION: &str = "0.22.12:simulated";
