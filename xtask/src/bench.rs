//! How quick the panel is, measured by the rig.

use std::path::Path;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::shell::{self, built_for_release, cargo, command};

/// What of the bench is asked for.
pub(crate) struct Wanted<'a> {
    /// Fail when a bound is missed.
    pub(crate) check: bool,
    /// Fewer and shorter measurements.
    pub(crate) quick: bool,
    /// Also write the result here, as JSON.
    pub(crate) json: Option<&'a Path>,
    /// For the rig, as they are.
    pub(crate) more: &'a [String],
}

/// `cargo xtask bench`: builds both programs and the rig for release and lets the rig measure.
pub(crate) fn run(wanted: &Wanted<'_>) -> Outcome {
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    shell::run(cargo().args([
        "build",
        "--release",
        "--package",
        "panel-server",
        "--package",
        "panel-worker",
        "--package",
        "panel-rig",
    ]))?;
    let mut rig = command(&built_for_release("panel-rig").to_string_lossy());
    rig.arg("bench")
        .arg("--server")
        .arg(built_for_release("panel-server"))
        .arg("--worker")
        .arg(built_for_release("panel-worker"));
    if wanted.check {
        rig.arg("--check");
    }
    if wanted.quick {
        rig.arg("--quick");
    }
    if let Some(json) = wanted.json {
        rig.arg("--json").arg(std::path::absolute(json)?);
    }
    shell::run(rig.args(wanted.more))
}
