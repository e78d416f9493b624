//! The primary and its two streaming replicas.

use std::os::unix::fs::{chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::Outcome;
use crate::private::{self, Postgres};

use super::part::{Launch, Part};
use super::{Options, Region, Topology, blocking};

const DATABASE: &str = "roost";

/// The crash of a process is survived, that of the machine need not be, and waiting for the disk would be all that is measured. A replica
/// whose connection was cut for long finds what it has missed.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=400",
    "shared_buffers=128MB",
    "wal_keep_size=2GB",
    "max_wal_senders=8",
    "wal_receiver_timeout=10s",
    "wal_sender_timeout=10s",
    "wal_retrieve_retry_interval=500ms",
    "log_line_prefix=%m [%p] %a ",
];

/// A folder for the data of all three, which PostgreSQL's user can enter.
pub(super) fn folder() -> Outcome<TempDir> {
    let parent = match private::unprivileged_user()? {
        Some(_) => PathBuf::from("/var/tmp"),
        None => std::env::temp_dir(),
    };
    let folder = tempfile::Builder::new()
        .prefix("roost-topology-")
        .tempdir_in(parent)?;
    if let Some(user) = private::unprivileged_user()? {
        chown(folder.path(), Some(user.uid), Some(user.gid))?;
    }
    Ok(folder)
}

/// A superuser's URL of the panel's database on this port.
pub(super) fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/{DATABASE}")
}

/// Starts the primary with the migrated database, then the replicas from copies of it.
pub(super) async fn start(topology: &mut Topology, options: &Options) -> Outcome {
    let root = topology._data.path().to_owned();
    let primary = server(topology, &root, "postgres-primary")?;
    let made = primary.clone();
    blocking(move || Ok(made.initialize()?)).await?;
    let port = topology.addresses.primary;
    let part = Part::new(
        "postgres-primary",
        url(port),
        Launch::Postgres {
            postgres: primary,
            port,
        },
    );
    topology.start_parts(vec![part]).await?;
    let maintenance = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    execute(&maintenance, &format!("CREATE DATABASE {DATABASE}")).await?;
    super::panel::run(topology, options, &["migrate"], None).await?;

    let mut parts = Vec::new();
    for (region, port) in [Region::B, Region::C]
        .into_iter()
        .zip(topology.addresses.replicas)
    {
        let replica = server(topology, &root, &format!("postgres-replica-{region}"))?;
        let way = topology
            .relay(&format!("replication-{region}"))?
            .address()
            .port();
        let copied = replica.clone();
        blocking(move || copy(&copied, way)).await?;
        parts.push(Part::new(
            format!("postgres-replica-{region}"),
            url(port),
            Launch::Postgres {
                postgres: replica,
                port,
            },
        ));
    }
    topology.start_parts(parts).await
}

/// A server's place, with its log among the others.
fn server(topology: &Topology, root: &Path, name: &str) -> Outcome<Postgres> {
    let user = private::unprivileged_user()?;
    let directory = root.join(name);
    std::fs::create_dir(&directory)?;
    if let Some(user) = user {
        chown(&directory, Some(user.uid), Some(user.gid))?;
    }
    let log = topology.log(name);
    if log.symlink_metadata().is_ok() {
        std::fs::remove_file(&log)?;
    }
    symlink(directory.join("log"), log)?;
    Ok(Postgres {
        bin: private::find_postgres()?,
        directory,
        temporary: true,
        user,
        settings: SETTINGS,
    })
}

/// Copies the primary behind `port` and makes the copy follow it through the same port.
fn copy(replica: &Postgres, port: u16) -> Outcome {
    let mut command = Command::new(replica.bin.join("pg_basebackup"));
    command
        .arg("--pgdata")
        .arg(replica.directory.join("data"))
        .args([
            "--write-recovery-conf",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--no-sync",
        ])
        .arg("--dbname")
        .arg(format!("postgres://postgres@127.0.0.1:{port}/postgres"))
        .current_dir("/")
        .stdin(Stdio::null());
    if let Some(user) = replica.user {
        command.uid(user.uid).gid(user.gid);
    }
    let output = command.output()?;
    if output.status.success() {
        Ok(())
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("the primary cannot be copied: {complaint}").into())
    }
}

/// Runs statements on a connection of their own.
pub(super) async fn execute(url: &str, statements: &str) -> Outcome {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute(statements).await?;
    drop(client);
    Ok(connection.await??)
}
