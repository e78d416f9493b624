//! The web UI's build and checks.

use std::path::Path;
use std::time::SystemTime;

use crate::Outcome;
use crate::packages::npm;
use crate::shell::{self, web_app};

/// `cargo xtask web`.
pub(crate) fn run(budget: bool) -> Outcome {
    build()?;
    if budget { script("budget") } else { Ok(()) }
}

/// Builds the web UI if its sources are newer than its last build.
pub(crate) fn build() -> Outcome {
    install()?;
    if is_current() {
        return Ok(());
    }
    script("build")
}

/// Runs a script of the web UI's `package.json`.
pub(crate) fn script(name: &str) -> Outcome {
    shell::run(npm()?.args(["run", "--silent", name]))
}

/// Installs what `package-lock.json` lists, if that has changed since.
pub(crate) fn install() -> Outcome {
    let app = web_app();
    // npm writes this file last.
    let installed = modified(&app.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= modified(&app.join("package-lock.json")) {
        return Ok(());
    }
    // What the lock file says, and nothing written to it. `npm ci` refuses a lock that leaves out packages for platforms
    // that the registry it was made with does not carry.
    shell::run(npm()?.args(["install", "--no-save", "--no-audit", "--no-fund"]))
}

fn is_current() -> bool {
    let app = web_app();
    let Some(built) = modified(&app.join("dist/index.html")) else {
        return false;
    };
    let sources = [
        "src",
        "public",
        "scripts",
        "index.html",
        "package-lock.json",
        "vite.config.ts",
        "tsconfig.json",
    ];
    sources
        .iter()
        .filter_map(|source| newest(&app.join(source)))
        .all(|changed| changed <= built)
}

fn newest(path: &Path) -> Option<SystemTime> {
    let mut newest = modified(path);
    if let Ok(entries) = std::fs::read_dir(path) {
        for entry in entries.flatten() {
            newest = newest.max(self::newest(&entry.path()));
        }
    }
    newest
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
}
