//! How much of a contract the recorded test traffic answers.

use std::path::Path;

use serde_json::Value;

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
    tests.args(["test", "--no-fail-fast"]);
    for package in packages_that_record()? {
        tests.args(["--package", &package]);
    }
    tests
        .env("ROOST_TEST_POSTGRES_URL", postgres.url("postgres"))
        .env("ROOST_RECORD_TRAFFIC", &traffic.0);
    // What was recorded is worth comparing even when a test failed; the failure is told afterwards.
    let tested = shell::run(&mut tests);
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
    shell::run(&mut rig)?;
    tested
}

/// Those whose tests use the testkit, whose client records.
fn packages_that_record() -> Outcome<Vec<String>> {
    let metadata = shell::output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let uses_testkit = |package: &&Value| {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        dependencies
            .into_iter()
            .any(|dependency| dependency["name"] == "panel-testkit")
    };
    let packages = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(uses_testkit);
    Ok(packages
        .filter_map(|package| Some(package["name"].as_str()?.to_owned()))
        .collect())
}
