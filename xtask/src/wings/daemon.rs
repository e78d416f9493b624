//! A daemon: a real one's program, or the simulator.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Flavour;
use crate::Outcome;
use crate::guard::{Guarded, Program};
use crate::shell::built;

/// Between two lines of a simulated console.
const PACE_MS: &str = "20";

/// What runs as a node's daemon.
#[derive(Debug)]
pub(crate) enum Daemon {
    /// The simulator, told this besides.
    Simulated(Vec<String>),
    /// This program.
    Real(PathBuf),
}

/// Where a daemon runs.
#[derive(Debug)]
pub(super) struct Place {
    name: &'static str,
    port: u16,
    folder: PathBuf,
    log: PathBuf,
}

impl Place {
    /// An empty folder of the daemon, in `parent`.
    pub(super) fn new(parent: &Path, name: &'static str, port: u16) -> Outcome<Self> {
        let folder = parent.join(name);
        std::fs::create_dir(&folder)?;
        Ok(Self {
            log: parent.join(format!("{name}.log")),
            name,
            port,
            folder,
        })
    }
}

impl Daemon {
    /// The simulator as it is.
    pub(super) const fn simulated() -> Self {
        Self::Simulated(Vec::new())
    }

    /// Starts it with a configuration that the panel made.
    pub(super) fn start(&self, flavour: Flavour, place: &Place, config: &str) -> Outcome<Guarded> {
        let file = place.folder.join("config.yml");
        let config = match self {
            Self::Simulated(_) => config.to_owned(),
            Self::Real(_) => with_folders(config, flavour, &place.folder)
                .ok_or_else(|| format!("{}'s configuration has no `system`", place.name))?,
        };
        std::fs::write(&file, config)?;
        let file = file.to_string_lossy().into_owned();
        let command = match self {
            Self::Simulated(more) => [
                built("wings-sim").to_string_lossy().into_owned(),
                "--config".to_owned(),
                file,
                "--flavour".to_owned(),
                flavour.name().to_owned(),
                // The configuration has the daemon listen everywhere, as a real one must.
                "--bind".to_owned(),
                format!("127.0.0.1:{}", place.port),
                "--pace-ms".to_owned(),
                PACE_MS.to_owned(),
            ]
            .into_iter()
            .chain(more.iter().cloned())
            .collect(),
            Self::Real(program) => vec![
                program.to_string_lossy().into_owned(),
                "--config".to_owned(),
                file,
            ],
        };
        Ok(Guarded::start(&Program {
            command: &command,
            environment: &[],
            stop_signal: "TERM",
            log: place.log.clone(),
            directory: Some(&place.folder),
            user: None,
        })?)
    }
}

/// The panel's configuration with every folder in `folder`, so that two daemons do not meet and nothing stays behind.
fn with_folders(config: &str, flavour: Flavour, folder: &Path) -> Option<String> {
    let (before, after) = config.split_once("\nsystem:\n")?;
    // Those of the panel would be read a second time.
    let after: Vec<&str> = after
        .lines()
        .filter(|line| !line.starts_with("  data:"))
        .collect();
    let place = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut added = vec![
        ("root_directory", json!(folder.to_string_lossy())),
        ("log_directory", json!(place("log"))),
        ("data", json!(place("volumes"))),
        ("archive_directory", json!(place("archives"))),
        ("backup_directory", json!(place("backups"))),
        ("tmp_directory", json!(place("tmp"))),
    ];
    if flavour == Flavour::Pelican {
        let passwd = json!({ "enable": true, "directory": place("etc") });
        added.push(("user", json!({ "passwd": passwd })));
        let machine = json!({ "enable": true, "directory": place("machine-id") });
        added.push(("machine_id", machine));
    }
    // JSON is YAML too, whatever is in a path.
    let added: Vec<String> = added
        .iter()
        .map(|(key, value)| format!("  {key}: {value}"))
        .collect();
    Some(format!(
        "{before}\nsystem:\n{}\n{}\n",
        added.join("\n"),
        after.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "uuid: a\nsystem:\n  data: /var/lib/elsewhere\n  sftp:\n    bind_port: 2022\nremote: http://panel\n";

    #[test]
    fn a_daemon_keeps_all_in_its_folder() {
        let config = with_folders(CONFIG, Flavour::Pterodactyl, Path::new("/walk here")).unwrap();
        assert!(config.starts_with("uuid: a\nsystem:\n  root_directory: \"/walk here\"\n"));
        assert!(config.contains("\n  data: \"/walk here/volumes\"\n"));
        assert!(!config.contains("elsewhere"));
        assert!(config.ends_with("\n  sftp:\n    bind_port: 2022\nremote: http://panel\n"));
        assert!(!config.contains("machine_id"));
    }

    #[test]
    fn pelican_writes_to_etc_unless_it_is_told_otherwise() {
        let config = with_folders(CONFIG, Flavour::Pelican, Path::new("/walk")).unwrap();
        assert!(config.contains("\n  user: {\"passwd\":"));
        assert!(config.contains("\"directory\":\"/walk/machine-id\""));
    }

    #[test]
    fn a_configuration_without_a_system_is_refused() {
        assert_eq!(
            with_folders("uuid: a\n", Flavour::Calagopus, Path::new("/walk")),
            None
        );
    }
}
