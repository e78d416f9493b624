//! What every request passes, outermost first: its id, the log and the metrics, the bodies of errors, the headers that
//! protect browsers, the client's address, and the check that a page of this panel sent it.

pub(crate) mod access_log;
pub(crate) mod authenticate;
pub(crate) mod client_address;
pub(crate) mod csrf;
pub(crate) mod drain;
pub(crate) mod errors;
pub(crate) mod idempotency;
pub(crate) mod request_id;
pub(crate) mod security_headers;
