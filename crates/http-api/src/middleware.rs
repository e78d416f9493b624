//! What every request passes, in one pass: its id, the client's address, the check that a page of this panel sent it, an
//! answer that is kept or the route's own, the bodies of errors, the headers that protect browsers, the log and the metrics.
//!
//! It is one service and not a chain: each link of a chain costs a future on the heap, and together they cost a request whose
//! answer is kept more than finding the answer does (`docs/operations/benchmarks.md`).

pub(crate) mod access_log;
pub(crate) mod authenticate;
pub(crate) mod client_address;
pub(crate) mod csrf;
pub(crate) mod drain;
pub(crate) mod errors;
pub(crate) mod front;
pub(crate) mod idempotency;
pub(crate) mod request_id;
pub(crate) mod security_headers;
