//! `panel-server openapi`.

use panel_http_api::openapi::embedded;

use crate::output::{self, Outcome};

/// Prints the document that the server publishes. Needs no configuration and no service.
pub(crate) fn run() -> Outcome {
    output::line(&embedded::text()?)?;
    Ok(())
}
