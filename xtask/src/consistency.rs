//! `cargo xtask consistency`: readings of own writes in three regions whose replicas lag, through `panel-rig`.

use std::os::unix::process::CommandExt as _;
use std::path::Path;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::shell::{built, built_for_release, command, root};
use crate::stack::{self, Build};

/// Builds what is needed, then runs the loops on a topology of their own.
pub(crate) fn run(loops: u64, lag: &str, release: bool, json: Option<&Path>) -> Outcome {
    let seconds: u64 = lag
        .trim_end_matches('s')
        .parse()
        .map_err(|_| format!("--lag {lag}: give seconds, such as 5s"))?;
    packages::ensure(&[Need::Postgres, Need::Redis, Need::Balancer])?;
    let rig = if release {
        stack::build(Build::RigForRelease)?;
        built_for_release("panel-rig")
    } else {
        stack::build(Build::Rig)?;
        built("panel-rig")
    };
    let mut rig = command(&rig.to_string_lossy());
    rig.args(["consistency", "--folder"])
        .arg(root().join(".roost/consistency"))
        .args(["--loops", &loops.to_string()])
        .args(["--lag", &seconds.to_string()]);
    if let Some(json) = json {
        rig.arg("--json").arg(json);
    }
    // In our place, so that nothing stands between its end and that of whoever called us.
    Err(rig.exec().into())
}
