//! `panel-rig walk`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use panel_rig::Outcome;
use panel_rig::walk::{self, Plan};

/// What to walk.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Which panel, and where on it.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The panel's address, such as `http://127.0.0.1:8000`.
    #[arg(long)]
    panel: String,
    /// An administrator.
    #[arg(long)]
    username: String,
    /// Their password.
    #[arg(long, env = "ROOST_WALK_PASSWORD", hide_env_values = true)]
    password: String,
    /// The node that a server is made on.
    #[arg(long, value_name = "UUID")]
    node: String,
    /// Another node of the same daemon.
    #[arg(long, value_name = "UUID")]
    other_node: String,
    /// What the report calls the daemons.
    #[arg(long)]
    flavour: String,
    /// Image in which a server is installed and run.
    #[arg(long)]
    image: String,
    /// Seconds that one step may take.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
}

impl Place {
    /// The plan of a walk there.
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            panel: self.panel.clone(),
            username: self.username.clone(),
            password: self.password.clone(),
            nodes: [self.node.clone(), self.other_node.clone()],
            flavour: self.flavour.clone(),
            image: self.image.clone(),
            patience: Duration::from_secs(self.patience),
        }
    }
}

/// Walks, prints the steps, and fails when one of them did.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let plan = arguments.place.plan();
    let report =
        tokio::runtime::Runtime::new()?.block_on(walk::run(&plan, |line| eprintln!("{line}")))?;
    print!("{report}");
    if let Some(file) = &arguments.json {
        std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    if report.passed() {
        Ok(())
    } else {
        Err(format!("not every step worked on {}", report.flavour).into())
    }
}
