//! The system packages that a command needs: installed when we may, else named with the one command that installs them.

use std::path::PathBuf;
use std::process::Command;

use crate::shell::{self, command};
use crate::{Outcome, private};

/// The oldest Node.js that the web UI's build runs on, as in its `package.json`.
const NODE: (u32, u32) = (20, 19);

/// Something the machine must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Postgres,
    Redis,
    /// HAProxy.
    Balancer,
    Chromium,
    Node,
    /// Its daemon and its command line.
    Docker,
    /// One that needs no library.
    Busybox,
}

/// A system's package manager.
struct Manager {
    program: &'static str,
    /// Run before the installation; may be empty.
    refresh: &'static [&'static str],
    install: &'static [&'static str],
    /// Homebrew refuses root and asks for no rights.
    needs_root: bool,
    packages: fn(Need) -> &'static [&'static str],
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        refresh: &["update"],
        install: &["install", "--yes", "--no-install-recommends"],
        needs_root: true,
        packages: |need| match need {
            Need::Postgres => &["postgresql"],
            Need::Redis => &["redis-server"],
            Need::Balancer => &["haproxy"],
            Need::Chromium => &["chromium"],
            Need::Node => &["nodejs", "npm"],
            Need::Docker => &["docker.io"],
            Need::Busybox => &["busybox-static"],
        },
    },
    Manager {
        program: "dnf",
        refresh: &[],
        install: &["install", "--assumeyes"],
        needs_root: true,
        packages: |need| match need {
            Need::Postgres => &["postgresql-server", "postgresql-contrib"],
            Need::Redis => &["/usr/bin/redis-server"],
            Need::Balancer => &["haproxy"],
            Need::Chromium => &["chromium"],
            Need::Node => &["nodejs", "nodejs-npm"],
            Need::Docker => &["moby-engine", "docker-cli"],
            Need::Busybox => &["busybox"],
        },
    },
    Manager {
        program: "pacman",
        refresh: &[],
        install: &["-Sy", "--noconfirm", "--needed"],
        needs_root: true,
        packages: |need| match need {
            Need::Postgres => &["postgresql"],
            Need::Redis => &["redis"],
            Need::Balancer => &["haproxy"],
            Need::Chromium => &["chromium"],
            Need::Node => &["nodejs", "npm"],
            Need::Docker => &["docker"],
            Need::Busybox => &["busybox"],
        },
    },
    Manager {
        program: "apk",
        refresh: &[],
        install: &["add", "--update-cache"],
        needs_root: true,
        packages: |need| match need {
            Need::Postgres => &["postgresql", "postgresql-contrib"],
            Need::Redis => &["redis"],
            Need::Balancer => &["haproxy"],
            Need::Chromium => &["chromium"],
            Need::Node => &["nodejs", "npm"],
            Need::Docker => &["docker"],
            Need::Busybox => &["busybox-static"],
        },
    },
    Manager {
        program: "brew",
        refresh: &[],
        install: &["install"],
        needs_root: false,
        packages: |need| match need {
            Need::Postgres => &["postgresql@17"],
            Need::Redis => &["redis"],
            Need::Balancer => &["haproxy"],
            Need::Chromium => &["chromium"],
            Need::Node => &["node"],
            Need::Docker => &["docker"],
            Need::Busybox => &["busybox"],
        },
    },
];

/// Makes sure that the machine has all of `needs`.
pub(crate) fn ensure(needs: &[Need]) -> Outcome {
    let missing: Vec<Need> = needs
        .iter()
        .copied()
        .filter(|need| !is_there(*need))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let manager = MANAGERS
        .iter()
        .find(|manager| shell::find(manager.program).is_some())
        .ok_or_else(|| {
            format!("please install {missing:?}: this system's package manager is not known")
        })?;
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|need| (manager.packages)(*need))
        .copied()
        .collect();
    if manager.needs_root && !is_root()? {
        return Err(format!(
            "packages are missing; please run: {}",
            manager.line(&packages)
        )
        .into());
    }
    println!("installing {}", packages.join(", "));
    manager.install(&packages)?;
    match missing.iter().find(|need| !is_there(**need)) {
        None => Ok(()),
        Some(need) => Err(format!(
            "{need:?} is still missing after installing {}",
            packages.join(", ")
        )
        .into()),
    }
}

/// The browser for the tests.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(shell::find)
}

/// The balancer's program, which most systems keep out of the `PATH` of users.
fn balancer() -> Option<PathBuf> {
    let places = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"];
    let place = places
        .into_iter()
        .map(PathBuf::from)
        .find(|file| file.is_file());
    place.or_else(|| shell::find("haproxy"))
}

/// Docker's daemon, which some systems keep out of the `PATH` of users.
pub(crate) fn docker_daemon() -> Option<PathBuf> {
    let place = Some(PathBuf::from("/usr/sbin/dockerd")).filter(|file| file.is_file());
    place.or_else(|| shell::find("dockerd"))
}

/// The machine's busybox.
pub(crate) fn busybox() -> Option<PathBuf> {
    ["/bin/busybox.static", "/bin/busybox"]
        .into_iter()
        .map(PathBuf::from)
        .find(|file| file.is_file())
        .or_else(|| shell::find("busybox"))
}

/// `npm`, with a Node.js that is new enough first in its `PATH`. Where the system's is too old (Debian 12 has 18), one from the npm
/// registry is kept under `.roost/`.
pub(crate) fn npm() -> Outcome<Command> {
    ensure(&[Need::Node])?;
    let mut npm = command("npm");
    npm.current_dir(shell::web_app());
    if node_version("node").is_some_and(|version| version >= NODE) {
        return Ok(npm);
    }
    let own = shell::root().join(".roost/node");
    let bin = own.join("node_modules/.bin");
    let program = bin.join("node");
    if node_version(&program.to_string_lossy()).is_none_or(|version| version < NODE) {
        println!(
            "this system's Node.js is older than {}.{}: installing one of our own under .roost/node",
            NODE.0, NODE.1
        );
        std::fs::create_dir_all(&own)?;
        shell::run(
            command("npm")
                .args(["install", "--no-audit", "--no-fund", "--prefix"])
                .arg(&own)
                .arg("node@22"),
        )?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    npm.env(
        "PATH",
        std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path)))?,
    );
    Ok(npm)
}

impl Manager {
    fn line(&self, packages: &[&str]) -> String {
        let install = format!(
            "sudo {} {} {}",
            self.program,
            self.install.join(" "),
            packages.join(" ")
        );
        match self.refresh {
            [] => install,
            refresh => format!("sudo {} {} && {install}", self.program, refresh.join(" ")),
        }
    }

    fn install(&self, packages: &[&str]) -> Outcome {
        let program = || {
            let mut program = command(self.program);
            program.env("DEBIAN_FRONTEND", "noninteractive");
            program
        };
        if !self.refresh.is_empty() {
            shell::run(program().args(self.refresh))?;
        }
        shell::run(program().args(self.install).args(packages))
    }
}

fn is_there(need: Need) -> bool {
    match need {
        Need::Postgres => private::find_postgres().is_ok(),
        Need::Redis => shell::find("redis-server").is_some(),
        Need::Balancer => balancer().is_some(),
        Need::Chromium => chromium().is_some(),
        Need::Node => shell::find("node").is_some() && shell::find("npm").is_some(),
        Need::Docker => docker_daemon().is_some() && shell::find("docker").is_some(),
        Need::Busybox => busybox().is_some(),
    }
}

fn is_root() -> Outcome<bool> {
    Ok(shell::output(command("id").arg("-u"))?.trim() == "0")
}

/// Major and minor version of a Node.js, if it runs at all.
fn node_version(program: &str) -> Option<(u32, u32)> {
    let output = command(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}
