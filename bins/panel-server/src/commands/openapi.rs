//! `panel-server openapi`.

use panel_http_api::openapi;

use crate::output::{self, Outcome};

/// Prints the document. Needs no configuration and no service.
pub(crate) fn run() -> Outcome {
    output::line(&openapi::document().to_pretty_json()?)?;
    Ok(())
}
