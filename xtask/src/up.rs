//! `cargo xtask up`: the whole panel on this machine, with something to look at.

mod demo;
mod parts;
mod state;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::guard::Guarded;
use crate::packages::{self, Need};
use crate::private::{self, Postgres, start_redis};
use crate::shell::{self, root};
use crate::stack::{self, Build, Stack};
use crate::{Outcome, web};

use parts::Part;
use state::State;

/// A killed predecessor's PostgreSQL takes a moment to let go of its data.
const PREDECESSOR_DEADLINE: Duration = Duration::from_secs(20);
/// Written when initdb is done: data without it are half made, or of a project that was in this place before.
const MADE: &str = "postgres-is-made";
const DATABASE: &str = "roost";
/// A killed panel process is back at once, a killed node after a while: its absence is worth a look at the pages.
const SOON: Duration = Duration::from_secs(1);
const NODE_AWAY: Duration = Duration::from_secs(20);

/// `cargo xtask up`. `port` is the panel's; without it the one of last time, else 8000 or a free one.
pub(crate) fn run(reset: bool, port: Option<u16>) -> Outcome {
    let stop = on_interrupt()?;
    packages::ensure(&[Need::Postgres, Need::Redis])?;
    web::build()?;
    stack::build(Build::Programs)?;

    let folder = root().join(".roost");
    std::fs::create_dir_all(&folder)?;
    let _lock = lock(&folder)?;
    let data = postgres_folder(&folder)?;
    if reset {
        forget(&folder, &data)?;
    }
    let mut state = State::load(&folder, port)?;
    let logs = folder.join("log");
    std::fs::create_dir_all(&logs)?;

    // Dropped, and so stopped, in the reverse order.
    let postgres = start_postgres(&folder, &data, &mut state)?;
    let redis_folder = folder.join("redis");
    std::fs::create_dir_all(&redis_folder)?;
    let redis = with_port(
        &mut state,
        |state| &mut state.redis_port,
        |port| start_redis(&redis_folder, false, port),
    )?;
    let stack = Stack {
        database_url: format!(
            "postgres://postgres@127.0.0.1:{}/{DATABASE}",
            state.postgres_port
        ),
        redis_url: format!("redis://127.0.0.1:{}", state.redis_port),
        encryption_key: state.encryption_key.clone(),
        ports: state.ports,
        folder: logs,
        settings: Vec::new(),
    };
    shell::run(&mut stack.panel_server(&["migrate"]))?;
    let server = stack.start_server()?;
    let worker = stack.start_worker()?;
    let (node, demo) = demo::provide(&stack, &mut state, &folder)?;

    println!("\n  {}\n", stack.url());
    println!("  sign in as      {}  {}", state.username, state.password);
    println!("  demo server     {demo}");
    println!(
        "  simulated node  {} (no game runs on it; it behaves as if)",
        stack.node_url()
    );
    println!("  logs            {}", stack.folder.display());
    println!(
        "\nCtrl-C stops all of it; the data stay in {}.",
        folder.display()
    );

    let mut parts = [
        Part::new("panel-server", SOON, server, || stack.start_server()),
        Part::new("panel-worker", SOON, worker, || stack.start_worker()),
        Part::new("wings-sim", NODE_AWAY, node, || {
            stack.start_node(&demo::node_config(&folder))
        }),
    ];
    let kept = parts::keep(&stop, &mut parts);
    println!("\nstopping");
    // All at once, then one after the other.
    for part in &mut parts {
        part.process.ask_to_end();
    }
    drop(parts);
    drop(redis);
    drop(postgres);
    kept.map_err(|error| format!("{error}; the logs are in {}", stack.folder.display()).into())
}

fn on_interrupt() -> Outcome<Receiver<()>> {
    let (sender, receiver) = channel();
    let mut again = false;
    ctrlc::set_handler(move || {
        // The second one, or one before anything was started, need not wait: the guardians end what runs.
        if std::mem::replace(&mut again, true) || sender.send(()).is_err() {
            std::process::exit(130);
        }
    })?;
    Ok(receiver)
}

/// Held for as long as the file lives, so until the end of this process, however it ends.
fn lock(folder: &Path) -> Outcome<File> {
    let file = File::create(folder.join("lock"))?;
    file.try_lock()
        .map_err(|_| "another `cargo xtask up` runs here; stop it first")?;
    Ok(file)
}

/// Where PostgreSQL keeps its data. As root that is a folder that its unprivileged user can enter, linked from `.roost`.
fn postgres_folder(folder: &Path) -> Outcome<PathBuf> {
    let link = folder.join("postgres");
    let Some(user) = private::unprivileged_user()? else {
        return Ok(link);
    };
    let data = PathBuf::from("/var/tmp").join(format!(
        "roost-{:016x}",
        fingerprint(&folder.to_string_lossy())
    ));
    if !data.is_dir() {
        std::fs::create_dir(&data)?;
        std::os::unix::fs::chown(&data, Some(user.uid), Some(user.gid))?;
    }
    if std::fs::read_link(&link).ok().as_ref() != Some(&data) {
        if link.symlink_metadata().is_ok() {
            std::fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(&data, &link)?;
    }
    Ok(data)
}

/// FNV-1a: the same for the same path in every version of the compiler, unlike the standard library's.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn forget(folder: &Path, data: &Path) -> Outcome {
    for place in [
        data.join("data"),
        folder.join("log"),
        folder.join("redis"),
        folder.join("node"),
    ] {
        if place.exists() {
            std::fs::remove_dir_all(place)?;
        }
    }
    for file in [MADE, state::FILE] {
        let file = folder.join(file);
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}

fn start_postgres(folder: &Path, data: &Path, state: &mut State) -> Outcome<Guarded> {
    let postgres = Postgres {
        bin: private::find_postgres()?,
        directory: data.to_owned(),
        temporary: false,
        user: private::unprivileged_user()?,
        settings: &["max_connections=200"],
    };
    std::fs::create_dir_all(data)?;
    let made = folder.join(MADE);
    if !made.exists() {
        if data.join("data").exists() {
            std::fs::remove_dir_all(data.join("data"))?;
        }
        postgres.initialize()?;
        File::create(made)?;
    }
    let server = with_port(
        state,
        |state| &mut state.postgres_port,
        |port| postgres.start(port),
    )?;
    create_database(&postgres.bin, state.postgres_port)?;
    Ok(server)
}

fn create_database(bin: &Path, port: u16) -> Outcome {
    let psql = |sql: &str| {
        let mut psql = shell::command(&bin.join("psql").to_string_lossy());
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--tuples-only",
            "--dbname",
        ])
        .arg(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
        .args(["--command", sql]);
        shell::output(&mut psql)
    };
    if psql(&format!(
        "SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"
    ))?
    .trim()
    .is_empty()
    {
        psql(&format!("CREATE DATABASE {DATABASE}"))?;
    }
    Ok(())
}

/// Starts on the port of last time; on another one when a stranger has it now.
fn with_port(
    state: &mut State,
    port: impl Fn(&mut State) -> &mut u16,
    mut start: impl FnMut(u16) -> std::io::Result<Guarded>,
) -> Outcome<Guarded> {
    let deadline = Instant::now() + PREDECESSOR_DEADLINE;
    loop {
        let last_time = *port(state);
        match start(last_time) {
            Ok(server) => return Ok(server),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
        }
        if std::net::TcpStream::connect(("127.0.0.1", last_time)).is_ok() {
            *port(state) = private::free_port()?;
            state.save()?;
        }
    }
}
