//! How much of a contract the recorded test traffic answers.

use std::path::Path;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::services::{Scratch, TemporaryPostgres};
use crate::shell::{self, cargo};

/// `cargo xtask contract`: runs the tests that speak HTTP with recording on, then lets `panel-rig` compare.
pub(crate) fn run(against: &Path, json: Option<&Path>) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    let against = std::path::absolute(against)?;
    if !against.is_file() {
        return Err(format!("there is no contract at {}", against.display()).into());
    }
    let json = json.map(std::path::absolute).transpose()?;
    let postgres = TemporaryPostgres::start()?;
    let traffic = Scratch::new("traffic", None)?;
    let mut tests = cargo();
    tests
        .args([
            "test",
            "--quiet",
            "--package",
            "panel-http-api",
            "--package",
            "panel-server",
            "--no-fail-fast",
        ])
        .env("ROOST_TEST_POSTGRES_URL", postgres.url("postgres"))
        .env("ROOST_RECORD_TRAFFIC", &traffic.0);
    shell::run(&mut tests)?;
    let mut rig = cargo();
    rig.args([
        "run",
        "--quiet",
        "--package",
        "panel-rig",
        "--",
        "contract",
        "--against",
    ])
    .arg(against)
    .arg("--traffic")
    .arg(&traffic.0);
    if let Some(json) = json {
        rig.arg("--json").arg(json);
    }
    shell::run(&mut rig)
}
