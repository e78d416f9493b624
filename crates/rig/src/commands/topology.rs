//! `panel-rig topology`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use panel_rig::Outcome;
use panel_rig::topology::{Options, Region, Topology, control};
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

/// What to run, or what to tell what runs.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Gets the logs and the configuration of all processes.
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// Milliseconds of a round trip between region a and regions b and c; one number is for both.
    #[arg(long, value_name = "MS", value_delimiter = ',', num_args = 1)]
    latency: Vec<u64>,
    /// How many simulated nodes.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Told to the topology that runs in the folder: `status`, `down`, `heal`, `kill NAME`, `hang NAME`, `resume NAME`, `start NAME`,
    /// `terminate NAME`, `relay NAME open|cut|black-hole|trickle`, `relay NAME delay MS`. Without it one is started.
    words: Vec<String>,
}

/// Runs a topology until Ctrl-C or `down`, or tells the running one what was asked.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let runtime = tokio::runtime::Runtime::new()?;
    if arguments.words.is_empty() {
        return runtime.block_on(serve(arguments));
    }
    let answer = runtime.block_on(control::tell(&arguments.folder, &arguments.words))?;
    print_answer(&answer);
    Ok(())
}

async fn serve(arguments: &Arguments) -> Outcome {
    std::fs::create_dir_all(&arguments.folder)?;
    let lock = std::fs::File::create(arguments.folder.join("lock"))?;
    lock.try_lock()
        .map_err(|_| "another topology runs here; end it with `down`")?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut options = Options::new(&arguments.folder)?;
    options.nodes = arguments.nodes;
    if let (Some(first), Some(last)) = (arguments.latency.first(), arguments.latency.last()) {
        options.round_trips = [Duration::from_millis(*first), Duration::from_millis(*last)];
    }
    let starting = Topology::start(options);
    let topology = tokio::select! {
        started = starting => started?,
        _ = tokio::signal::ctrl_c() => return Ok(()),
        _ = terminated.recv() => return Ok(()),
    };
    print_addresses(&topology);
    tokio::select! {
        done = control::serve(&topology) => done?,
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
    println!("stopping");
    tokio::task::spawn_blocking(move || drop(topology)).await?;
    drop(lock);
    Ok(())
}

fn print_addresses(topology: &Topology) {
    let world = topology.world();
    println!("\n  {}  all servers, round robin", topology.url());
    for region in Region::ALL {
        println!("  {}  region {region}", topology.region_url(region));
    }
    for (name, _, url) in topology.servers() {
        println!("  {url}  {name}");
    }
    for (region, name) in [
        (Region::A, "primary"),
        (Region::B, "replica b"),
        (Region::C, "replica c"),
    ] {
        println!("  {}  {name}", topology.replica_url(region));
    }
    println!(
        "\n  sign in as  {}  {}",
        world.admin.username, world.admin.password
    );
    println!("  API key     {}", world.admin.api_key);
    for user in &world.users {
        println!(
            "  sign in as  {}  {}  {}",
            user.username, user.password, user.api_key
        );
    }
    println!("  logs        {}", topology.folder().join("log").display());
    println!("\nCtrl-C ends all of it.");
}

fn print_answer(answer: &Value) {
    let Some(entries) = answer.as_array() else {
        return;
    };
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    for entry in entries {
        let pid = entry["pid"].as_u64().map(|pid| pid.to_string());
        println!(
            "{:<24} {:<22} {:>7}  {}",
            text(entry, "name"),
            text(entry, "state"),
            pid.unwrap_or_default(),
            text(entry, "address")
        );
    }
}
