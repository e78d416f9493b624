//! Storage against real servers, and the model of its protocol.

mod lease;
mod log;
mod migrate;
mod model;
mod revocations;
mod support;
mod transactions;
