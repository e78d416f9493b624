//! `panel-rig walk`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use panel_rig::Outcome;
use panel_rig::walk::{self, Plan};

/// Which panel, and where on it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The panel's address, such as `http://127.0.0.1:8000`.
    #[arg(long)]
    panel: String,
    /// An administrator.
    #[arg(long)]
    username: String,
    /// Their password.
    #[arg(long, env = "ROOST_WALK_PASSWORD", hide_env_values = true)]
    password: String,
    /// The node that the server is made on.
    #[arg(long, value_name = "UUID")]
    node: String,
    /// The node that it moves to.
    #[arg(long, value_name = "UUID")]
    other_node: String,
    /// What the report calls the daemons.
    #[arg(long)]
    flavour: String,
    /// Image in which the server is installed and run.
    #[arg(long)]
    image: String,
    /// Seconds that one step may take.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    patience: u64,
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Walks, prints the steps, and fails when one of them did.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let plan = Plan {
        panel: arguments.panel.clone(),
        username: arguments.username.clone(),
        password: arguments.password.clone(),
        nodes: [arguments.node.clone(), arguments.other_node.clone()],
        flavour: arguments.flavour.clone(),
        image: arguments.image.clone(),
        patience: Duration::from_secs(arguments.patience),
    };
    let report = tokio::runtime::Runtime::new()?.block_on(walk::run(&plan))?;
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
