//! Eggs: what servers are made from.

mod model;

pub(crate) use model::{from_model, to_model, to_variable};
