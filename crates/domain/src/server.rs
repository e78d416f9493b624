//! Game servers: what they are given, and what can be done with them when.

mod addresses;
mod limits;
mod power;
mod settings;
mod state;

pub use addresses::{AdditionalRule, AddressRules, Chosen, FreeAddress, PortRule, PrimaryRule};
pub use limits::{FeatureLimit, FeatureLimits, MAX_MIB, ServerLimits, check_pinned_cpus};
pub use power::{PowerAction, PowerState, UnknownPower};
pub use settings::{AutoKill, AutoStart, ServerTexts, UnknownAutoStart, check_command};
pub use state::{Conflict, Report, ServerAction, ServerState, ServerStatus, Step, UnknownStatus};
