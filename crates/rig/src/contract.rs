//! How much of a contract a server fulfils, measured by what it answered in tests.
//!
//! An operation matches when it was answered at least once with a 2xx status and every such answer has a status, a content type and
//! a body that the *contract* allows for it. More fields than the contract has are no difference unless it forbids them.

mod operations;
mod report;
mod traffic;

use std::path::Path;

use operations::Operations;
use report::Report;

/// Compares and prints; writes the JSON file if one is named.
pub(crate) fn run(against: &Path, traffic: &Path, json: Option<&Path>) -> Result<(), String> {
    let document = std::fs::read_to_string(against)
        .map_err(|error| format!("{}: {error}", against.display()))?;
    let document = serde_json::from_str(&document)
        .map_err(|error| format!("{}: {error}", against.display()))?;
    let mut operations = Operations::read(document)?;
    traffic::each(traffic, |exchange| operations.see(exchange))?;
    let report = Report::of(&operations);
    for name in &operations.undescribed {
        eprintln!(
            "the contract refers to the schema {name} and does not have it: anything but null passes for it"
        );
    }
    print!("{report}");
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        std::fs::write(file, text + "\n")
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}
