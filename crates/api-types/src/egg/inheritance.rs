//! What eggs take over from other eggs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A part of an egg that another egg of its nest can inherit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EggPart {
    /// The configuration files that are edited.
    ConfigFiles,
    /// How a started server is recognised.
    ConfigStartup,
    /// How a server is stopped.
    ConfigStop,
    /// The install script.
    ConfigScript,
    /// The dialogs that the console offers.
    Features,
    /// The patterns of files that nobody may touch.
    FileDenylist,
}

/// A part and the egg it is taken over from.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InheritedPart {
    /// The part.
    pub part: EggPart,
    /// The egg that has it as its own, of the same nest.
    pub from: Uuid,
}

/// What an egg inherits, and which eggs inherit from it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggInheritance {
    /// The inherited parts.
    pub inherited: Vec<InheritedPart>,
    /// The eggs that inherit something from this one.
    pub heirs: Vec<Uuid>,
}

/// What an egg is to inherit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetEggInheritance {
    /// All parts that are to be inherited. The others are the egg's own and keep what they say.
    pub inherited: Vec<InheritedPart>,
}
