//! Judges running panels from outside: the whole topology as real processes, faults, and what may be said of it afterwards.
//!
//! [`topology::Topology`] starts three regions on the loopback address; its parts can be killed, hung and started again by name, and
//! every connection between regions goes through a [`relay::Relay`] that can delay, cut or swallow it. [`client::Client`] asks a panel
//! the way a browser or a program does. [`chaos::run`] breaks a working topology and judges it. [`growth::run`] measures one panel as
//! its database grows. [`walk::run`] takes one server through its life on a daemon, and
//! [`proxy::run`] measures what passing files on takes.

pub mod chaos;
pub mod client;
pub mod growth;
#[path = "../../test-db/src/guard.rs"]
mod guard;
#[path = "../../test-db/src/private.rs"]
mod private;
pub mod proxy;
pub mod reads;
pub mod relay;
pub mod topology;
pub mod walk;

use std::error::Error;

/// What an action of the rig gives: nothing, or the sentence that says what went wrong.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;
