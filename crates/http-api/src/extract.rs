//! What handlers take out of a request.

pub(crate) mod caller;
pub(crate) mod content;
pub(crate) mod json;
pub(crate) mod path;
pub(crate) mod query;

pub(crate) use caller::Caller;
pub(crate) use json::Json;
pub(crate) use path::Path;
pub(crate) use query::Query;
