//! Storage against real servers, and the models of its protocol.
//!
//! `cfg(test)` tells clippy that the helpers, too, may unwrap.

#[cfg(test)]
mod growth;
#[cfg(test)]
mod lease;
#[cfg(test)]
mod log;
#[cfg(test)]
mod migrate;
#[cfg(test)]
mod model;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod revocations;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transactions;
