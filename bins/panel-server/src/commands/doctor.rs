//! `panel-server doctor`.

use panel_bootstrap::config::{Config, ConfigArgs, Process};
use panel_bootstrap::doctor::{self, Verdict};
use tokio::runtime::Runtime;

use crate::output::{self, Outcome};

/// Prints what was checked and how it is; fails when something keeps the panel from working.
pub(crate) fn run(args: &ConfigArgs) -> Outcome {
    let config = Config::load(Process::Server, args)?;
    output::line("ok    the settings are complete and well-formed")?;
    let findings = Runtime::new()?.block_on(doctor::examine(&config));
    let mut broken = 0;
    for finding in findings {
        let word = match finding.verdict {
            Verdict::Good => "ok   ",
            Verdict::Notice => "note ",
            Verdict::Broken => {
                broken += 1;
                "WRONG"
            }
        };
        output::line(&format!("{word} {}: {}", finding.subject, finding.what))?;
        if let Some(mend) = finding.mend {
            output::line(&format!("      -> {mend}"))?;
        }
    }
    match broken {
        0 => Ok(()),
        1 => Err("one thing keeps the panel from working".into()),
        n => Err(format!("{n} things keep the panel from working").into()),
    }
}
