//! The durable queue: a table of the primary database.
//!
//! A use case enqueues a [`Job`] in the transaction that makes it necessary, so the two commit together or not at all.
//! A worker claims it with a lease and a fence ([`queue`]), runs the handler that `job-handlers` registered for its name
//! ([`Runner`]), and deletes it, puts it back with a delay, or gives it up for people to look at.
//!
//! A job may run more than once: when a worker dies, its lease runs out and another takes the job. What a handler does to a
//! node is therefore one of the three classes of `docs/ARCHITECTURE.md` (repeatable, probe first, at most once).

mod job;
pub mod payload;
pub mod queue;
mod runner;

pub use job::{EnqueueOptions, Job, enqueue};
pub use runner::{JobError, Periodic, Run, Runner, RunnerBuilder, RunnerOptions};
