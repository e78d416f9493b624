//! Eggs: server types as files and as behaviour.
//!
//! An egg says which container images a kind of game server runs in, how it is started, stopped and
//! installed, which of its configuration files are edited before each start, and which variables its
//! owner fills in under which rules. This crate reads the files other panels write ([`import`]),
//! writes them ([`export`]), and interprets them: it checks values against the variables' rules
//! ([`validate`]), assembles a server's environment ([`server_environment`]), fills startup commands
//! ([`render_startup`]) and prepares what a node needs ([`process_configuration`],
//! [`install_configuration`]).
//!
//! Everything here is pure: bytes and values in, values out. No clock, no randomness, no I/O.

mod environment;
mod export;
mod import;
mod model;
mod notes;
mod placeholders;
mod process;
mod rules;
mod starter;
mod startup;

pub use environment::{
    Address, ServerFacts, effective_values, install_environment, server_environment,
};
pub use export::{Encoding, Export, export};
pub use import::{Import, ImportError, LIMITS, Limits, import};
pub use model::{
    ConfigFile, Egg, EggConfig, Family, Format, InstallScript, Parser, Replacement, Source,
    StartupDetection, Stop, StopKind, Variable,
};
pub use notes::{Note, NoteKind};
pub use process::{
    InstallConfiguration, ProcessConfiguration, WireConfigFile, WireReplacement, WireStartup,
    WireStop, feature_listeners, install_configuration, process_configuration,
};
pub use rules::{RuleSet, UnsupportedRule, Violation, validate};
pub use starter::{StarterEgg, StarterError, starter};
pub use startup::{preview_startup, render_startup};
