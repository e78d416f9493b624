//! A simulated Wings daemon as a program.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand};
use panel_domain::clock::SystemClock;
use panel_domain::id::NodeId;
use uuid::Uuid;
use wings_client::wire::config::{ApiConfig, NodeConfig, SystemConfig};
use wings_client::{NodeTarget, Nodes, Settings};
use wings_sim::{Dialect, EmptyPanel, Fleet, Mode, Replay, SimOptions, Slow, WingsSim};

/// A simulated Wings daemon: boots against a panel and behaves like a node, but runs nothing.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer recorded requests with their recorded answers instead.
    Replay {
        /// Recording, one JSON object a line.
        recording: PathBuf,
        /// Address to answer on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        bind: SocketAddr,
    },
    /// Hold many nodes in this process, against a panel that knows no servers, and print how much memory they take.
    Crowd {
        /// How many.
        #[arg(long, default_value_t = 1000)]
        nodes: usize,
        /// Which daemon to play.
        #[arg(long, value_enum, default_value_t)]
        flavour: Dialect,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// Which daemon to play.
    #[arg(
        long,
        visible_alias = "dialect",
        value_enum,
        default_value_t,
        env = "WINGS_SIM_FLAVOUR"
    )]
    flavour: Dialect,
    /// The node's config.yml, as the panel shows it.
    #[arg(long, env = "WINGS_SIM_CONFIG")]
    config: Option<PathBuf>,
    /// The panel's address, when there is no config.yml.
    #[arg(long, env = "WINGS_SIM_REMOTE")]
    remote: Option<String>,
    /// Public half of the node's credential, when there is no config.yml.
    #[arg(long, env = "WINGS_SIM_TOKEN_ID")]
    token_id: Option<String>,
    /// Secret half of the node's credential, when there is no config.yml.
    #[arg(long, env = "WINGS_SIM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Address to answer on, instead of the one in the configuration.
    #[arg(long, env = "WINGS_SIM_BIND")]
    bind: Option<SocketAddr>,
    /// Further origin that browsers may come from; `*` for any. May be given several times.
    #[arg(long)]
    allow_origin: Vec<String>,
    /// File that keeps servers, files and ledger over the end of the process.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Installations, starts and stops wait until told by /sim/servers/{server}/finish-install and /advance.
    #[arg(long)]
    stepped: bool,
    /// Milliseconds between two simulated lines.
    #[arg(long, default_value_t = 200)]
    pace_ms: u64,
    /// Seconds between two looks at the token of a socket.
    #[arg(long, default_value_t = 30)]
    token_interval: u64,
    /// Seconds between two batches of activity.
    #[arg(long, default_value_t = 60)]
    activity_interval: u64,
    /// Seconds that the daemon claims to have been up at its start; tokens issued before are refused.
    #[arg(long, default_value_t = 60)]
    uptime: i64,
    /// Do not tell the panel the changes of a server's state.
    #[arg(long)]
    no_state_reports: bool,
    /// Fetch files from this machine and private networks too.
    #[arg(long)]
    allow_private_pulls: bool,
    /// Bytes a second at which a vast upload is taken at first.
    #[arg(long, requires = "slow_seconds", value_parser = clap::value_parser!(u64).range(1..))]
    slow_rate: Option<u64>,
    /// For how many seconds it is.
    #[arg(long, requires = "slow_rate")]
    slow_seconds: Option<u64>,
    /// Seconds to wait for the panel at the start.
    #[arg(long, default_value_t = 300)]
    patience: u64,
    /// Varies the load figures.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Run {
    fn config(&self) -> Result<NodeConfig, Box<dyn std::error::Error>> {
        let mut config = match &self.config {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                NodeConfig::from_yaml(&text)?
            }
            None => NodeConfig {
                debug: false,
                uuid: Uuid::nil(),
                token_id: self.token_id.clone().unwrap_or_default(),
                token: self.token.clone().unwrap_or_default(),
                api: ApiConfig::default(),
                system: SystemConfig::default(),
                allowed_mounts: Vec::new(),
                remote: self.remote.clone().unwrap_or_default(),
                allowed_origins: Vec::new(),
            },
        };
        if config.token_id.is_empty() || config.token.is_empty() || config.remote.is_empty() {
            return Err("give --config, or all of --remote, --token-id and --token".into());
        }
        if let Some(bind) = self.bind {
            config.api.host = bind.ip().to_string();
            config.api.port = bind.port();
        }
        config
            .allowed_origins
            .extend(self.allow_origin.iter().cloned());
        Ok(config)
    }

    fn options(&self) -> Result<SimOptions, Box<dyn std::error::Error>> {
        let mut options = SimOptions::new(self.config()?).speaking(self.flavour);
        if self.stepped {
            options.mode = Mode::Stepped;
        }
        options.pace = Duration::from_millis(self.pace_ms);
        options.token_interval = Duration::from_secs(self.token_interval.max(1));
        options.activity_interval = Duration::from_secs(self.activity_interval.max(1));
        options.uptime = TimeDelta::try_seconds(self.uptime).unwrap_or_default();
        options.report_states &= !self.no_state_reports;
        options.refuse_private_pulls = !self.allow_private_pulls;
        options.slow = self
            .slow_rate
            .zip(self.slow_seconds)
            .map(|(rate, seconds)| Slow {
                rate,
                first: Duration::from_secs(seconds),
            });
        options.patience = Duration::from_secs(self.patience);
        options.state.clone_from(&self.state);
        options.seed = self.seed;
        Ok(options)
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(Command::Crowd { nodes, flavour }) = cli.command {
        return crowd(nodes, flavour).await;
    }
    if let Some(Command::Replay { recording, bind }) = cli.command {
        let text = std::fs::read_to_string(&recording)
            .map_err(|error| format!("{}: {error}", recording.display()))?;
        let replay = Replay::start(&text, bind)?;
        tracing::info!(url = %replay.url(), "wings-sim replays a recording");
        ended().await;
        replay.stop().await;
        return Ok(());
    }
    let sim = WingsSim::start(cli.run.options()?).await?;
    tracing::info!(url = %sim.url(), "wings-sim answers: SIMULATED Wings daemon, nothing really runs");
    sim.run_until(ended()).await;
    Ok(())
}

/// Boots nodes, asks each of them once, and says what that took.
async fn crowd(count: usize, flavour: Dialect) -> Result<(), Box<dyn std::error::Error>> {
    let panel = EmptyPanel::start()?;
    let before = resident_kib()?;
    let port = Fleet::bind()?;
    let options = (0..count)
        .map(|_| SimOptions::stepped(panel.config()).speaking(flavour))
        .collect();
    let fleet = port.start(options).await?;
    let booted = resident_kib()?;
    let nodes = Nodes::new(Arc::new(SystemClock), Settings::default())?;
    let mut answered = 0;
    for sim in fleet.nodes() {
        let config = panel.config();
        let node = nodes.node(NodeTarget {
            id: NodeId::new_v4(),
            url: sim.url(),
            token_id: config.token_id,
            token: config.token.into(),
        });
        answered += usize::from(node.information().await?.profile.flavour == flavour.flavour());
    }
    let asked = resident_kib()?;
    tracing::info!(
        nodes = count,
        answered,
        rss_before_kib = before,
        rss_booted_kib = booted,
        rss_asked_kib = asked,
        kib_per_node = (booted.saturating_sub(before)) / (count.max(1) as u64),
        "a crowd of simulated nodes"
    );
    fleet.stop().await;
    Ok(())
}

/// Memory of this process, as Linux counts it.
fn resident_kib() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .ok_or("no VmRSS in /proc/self/status")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Ctrl-C or SIGTERM.
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
