//! `panel-server settings`.

use std::io::{self, Write as _};

use panel_bootstrap::config::docs;

use crate::output::Outcome;

/// Prints the documentation of every setting.
pub(crate) fn run() -> Outcome {
    io::stdout().write_all(docs::markdown().as_bytes())?;
    Ok(())
}
