//! PostgreSQL and Redis for one command, gone with it.

use std::path::PathBuf;

use crate::Outcome;
use crate::guard::{Guarded, User};
use crate::private::{self, Postgres, on_a_free_port, start_redis};

/// Nothing here need survive a crash of the machine; every test has a pool of connections.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=600",
    "shared_buffers=128MB",
    "autovacuum=off",
];

/// A PostgreSQL server with an empty database `postgres`.
#[derive(Debug)]
pub(crate) struct TemporaryPostgres {
    /// First, so that it has ended before its folder goes.
    _server: Guarded,
    _scratch: Scratch,
    pub(crate) bin: PathBuf,
    pub(crate) port: u16,
}

impl TemporaryPostgres {
    pub(crate) fn start() -> Outcome<Self> {
        let user = private::unprivileged_user()?;
        let scratch = Scratch::new("postgres", user)?;
        let bin = private::find_postgres()?;
        let postgres = Postgres {
            bin: bin.clone(),
            directory: scratch.0.clone(),
            temporary: true,
            user,
            settings: SETTINGS,
        };
        postgres.initialize()?;
        let (port, server) = on_a_free_port(|port| postgres.start(port))?;
        Ok(Self {
            _server: server,
            _scratch: scratch,
            bin,
            port,
        })
    }

    /// A superuser's URL of a database on it.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

/// A Redis server without persistence.
#[derive(Debug)]
pub(crate) struct TemporaryRedis {
    /// First, so that it has ended before its folder goes.
    _server: Guarded,
    _scratch: Scratch,
    port: u16,
}

impl TemporaryRedis {
    pub(crate) fn start() -> Outcome<Self> {
        let scratch = Scratch::new("redis", None)?;
        let (port, server) = on_a_free_port(|port| start_redis(&scratch.0, true, port))?;
        Ok(Self {
            _server: server,
            _scratch: scratch,
            port,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// A folder of this process, removed on drop.
#[derive(Debug)]
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    /// An empty folder that `user` owns. Under `/var/tmp` when that is somebody else, who could not enter a private home.
    pub(crate) fn new(purpose: &str, user: Option<User>) -> Outcome<Self> {
        let parent = if user.is_some() {
            PathBuf::from("/var/tmp")
        } else {
            std::env::temp_dir()
        };
        let folder = parent.join(format!("roost-{purpose}-{}", std::process::id()));
        // A process of the same number may have been killed before it cleaned up.
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir(&folder)?;
        if let Some(user) = user {
            std::os::unix::fs::chown(&folder, Some(user.uid), Some(user.gid))?;
        }
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
    }
}
