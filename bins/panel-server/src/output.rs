//! What commands print.

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command failed, to be printed with its causes.
pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// `Result` of a command.
pub(crate) type Outcome = Result<(), Failed>;

/// Prints a line to standard output.
///
/// # Errors
///
/// Nobody reads it.
pub(crate) fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// The code that the process ends with; a failure is printed first.
pub(crate) fn exit_code(outcome: Outcome) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str("\n  because: ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    // Nothing is left to tell it to when nobody reads the errors either.
    writeln!(io::stderr(), "{text}").ok();
    ExitCode::FAILURE
}
