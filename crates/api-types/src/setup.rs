//! The first steps in a new panel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the setup is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupState {
    /// Whether there is no administrator yet or a step is open.
    pub needed: bool,
    /// What comes next.
    pub step: SetupStep,
}

/// A step of the setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupStep {
    /// The administrator's account.
    Account,
    /// The first location.
    Location,
    /// The first node.
    Node,
    /// Addresses and ports of the node.
    Allocations,
    /// Eggs to make servers from.
    Eggs,
    /// The first server.
    Server,
    /// Nothing.
    Finished,
}

/// The administrator of a new panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFirstUser {
    /// The one-time token that the server printed at its start.
    pub setup_token: String,
    /// Sign-in name, unique.
    pub username: String,
    /// E-mail address, unique.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    /// The password.
    pub password: String,
}
