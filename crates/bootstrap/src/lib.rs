//! What both programs need before they can do their work: configuration, logs, metrics and shutdown.
//!
//! This is the only crate that reads the environment; everything below it is handed values.

pub mod config;
pub mod doctor;
pub mod leader;
pub mod metrics;
pub mod operator;
pub mod shutdown;
pub mod telemetry;
pub mod wire;
