//! Every test on private servers: the workspace's, then the browser's against a running panel.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::services::TemporaryPostgres;
use crate::shell::{self, cargo, root, watch};
use crate::stack::{self, Build};
use crate::{browser, web};

/// How many tests there were of each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// `cargo xtask test`. With arguments, only `cargo test` with these.
pub(crate) fn run(cargo_arguments: &[String]) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis, Need::Balancer])?;
    let whole = cargo_arguments.is_empty();
    if whole {
        build_for_the_browser()?;
    }
    let postgres = TemporaryPostgres::start()?;
    let mut counts = Counts::default();
    let mut tests = cargo();
    // Failures of one binary must not hide those of the next.
    tests
        .args(["test", "--no-fail-fast"])
        .env("ROOST_TEST_POSTGRES_URL", postgres.url("postgres"));
    if whole {
        tests.arg("--workspace")
    } else {
        tests.args(cargo_arguments)
    };
    let mut succeeded = watch(&mut tests, |line| counts.add_line(line))?;
    if whole && succeeded {
        let browser = browser::run(&postgres, paper_egg().as_deref())?;
        succeeded = browser.failed == 0;
        counts.add(browser);
    }
    if whole {
        counts.skipped += skipped_without_shared()?;
    }
    println!("{counts}");
    if succeeded {
        Ok(())
    } else {
        Err("there are failed tests".into())
    }
}

/// `cargo xtask browser`.
pub(crate) fn run_browser() -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    build_for_the_browser()?;
    let mut counts = browser::run(&TemporaryPostgres::start()?, paper_egg().as_deref())?;
    counts.skipped += skipped_without_shared()?;
    println!("{counts}");
    if counts.failed == 0 {
        Ok(())
    } else {
        Err("there are failed tests".into())
    }
}

fn build_for_the_browser() -> Outcome {
    packages::ensure(&[Need::Chromium, Need::Node])?;
    web::build()?;
    stack::build(Build::Everything)
}

/// Says so when tests have to do without the files beside the project.
fn skipped_without_shared() -> Outcome<u64> {
    if shared_eggs().is_some() {
        return Ok(0);
    }
    println!("skipped: what needs ../shared, which is not there");
    if shell::in_ci() {
        return Err("../shared must be there in continuous integration".into());
    }
    Ok(1)
}

/// Real eggs to test with, kept beside the project and not in it.
fn shared_eggs() -> Option<PathBuf> {
    Some(root().join("../shared/eggs")).filter(|folder| folder.is_dir())
}

/// The real egg that the browser imports.
pub(crate) fn paper_egg() -> Option<PathBuf> {
    Some(shared_eggs()?.join("pelican-eggs-minecraft/pterodactyl-egg-paper.json"))
        .filter(|file| file.is_file())
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Adds what a summary line of `cargo test` says; other lines say nothing.
    fn add_line(&mut self, line: &str) {
        let Some(summary) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        let Some((_, numbers)) = summary.split_once(". ") else {
            return;
        };
        for part in numbers.split("; ") {
            let Some((number, what)) = part.split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl Display for Counts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_cargo_are_counted() {
        let mut counts = Counts::default();
        counts.add_line("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s");
        counts.add_line("test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s");
        counts.add_line("test something ... ok");
        assert_eq!(counts.to_string(), "14 passed, 1 failed, 1 skipped");
    }
}
