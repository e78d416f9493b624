//! What all parts of a simulator share: the world behind its lock, the events for sockets, the tasks of the present life.

use std::collections::HashMap;
use std::future::Future;
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use uuid::Uuid;
use wings_client::tokens::Claims;
use wings_client::wire::maintenance::TaskResult;
use wings_client::wire::remote::Activity;
use wings_client::wire::server::Broadcast;
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::dialect::Dialect;
use crate::faults::Faults;
use crate::ledger::Effect;
use crate::options::{SimError, SimOptions};
use crate::remote::{Remote, http_client};
use crate::world::{SimServer, World};

/// Something sockets want to know.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// To all sockets of a server that hold the permission.
    Message {
        server: Uuid,
        gate: Option<&'static str>,
        message: Message,
    },
    /// A user is shut out of a server.
    Revoked { server: Uuid, user: Uuid },
    /// All sockets of a server are closed.
    Closed { server: Uuid },
    /// The panel tells some sockets something.
    Broadcast { server: Uuid, order: Broadcast },
    /// A server is gone.
    Gone { server: Uuid },
}

/// What a daemon forgets when it ends.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Tokens issued before are refused.
    pub(crate) booted: DateTime<Utc>,
    /// Token ids and since when they are denied.
    pub(crate) denied: HashMap<String, DateTime<Utc>>,
    /// Users on servers and since when their tokens are denied (Pelican).
    pub(crate) shut_out: HashMap<(Uuid, Uuid), DateTime<Utc>>,
    /// How often a link was used.
    pub(crate) used: HashMap<String, u32>,
    /// Open sockets by server.
    pub(crate) sockets: HashMap<Uuid, usize>,
    /// How the last restic task of each kind went.
    pub(crate) tasks: HashMap<String, TaskResult>,
}

impl Memory {
    fn new(booted: DateTime<Utc>) -> Self {
        Self {
            booted,
            denied: HashMap::new(),
            shut_out: HashMap::new(),
            used: HashMap::new(),
            sockets: HashMap::new(),
            tasks: HashMap::new(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) options: SimOptions,
    pub(crate) remote: Remote,
    pub(crate) faults: Faults,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) paused: watch::Sender<bool>,
    changed: watch::Sender<u64>,
    world: Mutex<World>,
    memory: Mutex<Memory>,
    /// The secret in force; the Go daemons take another from the panel.
    token: Mutex<String>,
    tasks: Mutex<JoinSet<()>>,
    connections: Mutex<Vec<Weak<TcpStream>>>,
    runtime: Handle,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in one request of a simulator must not hide what a test was after.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    /// Must be called within a tokio runtime, on which the simulator's work then runs.
    pub(crate) fn new(
        options: SimOptions,
        http: Option<reqwest::Client>,
    ) -> Result<Arc<Self>, SimError> {
        let http = http.map_or_else(http_client, Ok)?;
        let remote = Remote::new(&options, http);
        let world = match &options.state {
            Some(path) => load(path)?,
            None => World::default(),
        };
        let booted = options.clock.now() - options.uptime;
        Ok(Arc::new(Self {
            remote,
            faults: Faults::default(),
            events: broadcast::Sender::new(options.events.max(1)),
            paused: watch::Sender::new(false),
            changed: watch::Sender::new(0),
            world: Mutex::new(world),
            memory: Mutex::new(Memory::new(booted)),
            token: Mutex::new(options.config.token.clone()),
            tasks: Mutex::new(JoinSet::new()),
            connections: Mutex::new(Vec::new()),
            runtime: Handle::current(),
            options,
        }))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.options.clock.now()
    }

    /// Which daemon this is.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.options.dialect
    }

    /// The node's secret.
    pub(crate) fn token(&self) -> String {
        lock(&self.token).clone()
    }

    /// Uses another secret from now on, in both directions.
    pub(crate) fn change_token(&self, token_id: &str, token: &str) {
        token.clone_into(&mut lock(&self.token));
        self.remote.change_token(token_id, token);
    }

    /// Looks at the world.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&lock(&self.world))
    }

    /// Looks at one server.
    pub(crate) fn read_server<T>(
        &self,
        server: Uuid,
        look: impl FnOnce(&SimServer) -> T,
    ) -> Option<T> {
        self.read(|world| world.servers.get(&server).map(look))
    }

    /// Changes the world, keeps it when there is a file for it, and wakes those who wait.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = lock(&self.world);
        let result = change(&mut world);
        if let Some(path) = &self.options.state
            && let Err(error) = store(path, &world)
        {
            tracing::error!(%error, "the state is not kept");
        }
        drop(world);
        self.changed.send_modify(|count| *count += 1);
        result
    }

    /// Changes one server.
    pub(crate) fn change_server<T>(
        &self,
        server: Uuid,
        change: impl FnOnce(&mut SimServer) -> T,
    ) -> Option<T> {
        self.change(|world| world.servers.get_mut(&server).map(change))
    }

    /// Changes one server and notes what was done.
    pub(crate) fn record(&self, server: Uuid, effect: Effect, detail: Option<String>) {
        let now = self.now();
        self.change(|world| world.record(now, server, effect, detail));
    }

    /// Uses what a daemon forgets when it ends.
    pub(crate) fn memory<T>(&self, usage: impl FnOnce(&mut Memory) -> T) -> T {
        usage(&mut lock(&self.memory))
    }

    /// Forgets what a daemon forgets when it ends.
    pub(crate) fn forget(&self) {
        let booted = self.now();
        self.change(|world| {
            world.activity.clear();
            for server in world.servers.values_mut() {
                server.transferring = None;
                server.restoring = false;
                server.operations.clear();
                if self.dialect().is_go() {
                    // These forget what they were doing; the panel notices by the reset.
                    server.installing = None;
                } else if let Some(installing) = &mut server.installing {
                    // Whoever waited is gone; the next life's installer says when it waits.
                    installing.waits = false;
                }
            }
        });
        self.memory(|memory| {
            *memory = Memory::new(booted);
        });
    }

    /// Runs in the background until it ends or the simulator is killed.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }

    /// Ends everything in the background at once.
    pub(crate) fn abort_tasks(&self) {
        lock(&self.tasks).abort_all();
    }

    /// Knows a connection as long as it is open.
    pub(crate) fn connected(&self, connection: &Arc<TcpStream>) {
        let mut connections = lock(&self.connections);
        connections.retain(|known| known.strong_count() > 0);
        connections.push(Arc::downgrade(connection));
    }

    /// Breaks all connections that are open.
    pub(crate) fn disconnect(&self) {
        for connection in lock(&self.connections).drain(..) {
            if let Some(connection) = connection.upgrade()
                && let Err(error) = connection.shutdown(Shutdown::Both)
            {
                tracing::debug!(%error, "the connection was gone already");
            }
        }
    }

    /// Waits until the world is as wanted.
    pub(crate) async fn wait(
        &self,
        what: &str,
        deadline: Duration,
        mut wanted: impl FnMut(&World) -> bool,
    ) -> Result<(), SimError> {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            while !self.read(&mut wanted) {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        };
        tokio::time::timeout(deadline, waiting)
            .await
            .map_err(|_| SimError::Waited {
                what: what.to_owned(),
                seconds: deadline.as_secs(),
            })
    }

    /// Tells the sockets of a server.
    pub(crate) fn tell(&self, server: Uuid, message: Message) {
        self.tell_gated(server, None, message);
    }

    /// Tells the sockets of a server that hold a permission.
    pub(crate) fn tell_gated(&self, server: Uuid, gate: Option<&'static str>, message: Message) {
        self.announce(Event::Message {
            server,
            gate,
            message,
        });
    }

    pub(crate) fn announce(&self, event: Event) {
        if self.events.send(event).is_err() {
            tracing::trace!("no socket is open");
        }
    }

    /// A line of the daemon's own on a server's console, marked as a real one marks it.
    pub(crate) fn daemon_line(&self, server: Uuid, text: &str) {
        let line = format!("\u{1b}[1;33m[wings-sim Daemon]:\u{1b}[0m \u{1b}[1m{text}\u{1b}[0m");
        self.change_server(server, |server| server.say(line.clone()));
        self.tell(server, Message::with(ServerEvent::ConsoleOutput, line));
    }

    /// Notes what a user did on a socket, for the next batch.
    pub(crate) fn note_activity(
        &self,
        server: Uuid,
        user: Option<Uuid>,
        event: &str,
        metadata: serde_json::Value,
    ) {
        let row = Activity {
            user,
            server,
            schedule: None,
            event: event.to_owned(),
            metadata,
            ip: Some("127.0.0.1".into()),
            timestamp: self.now(),
        };
        self.change(|world| world.activity.push(row));
    }

    /// A pause between two simulated lines.
    pub(crate) async fn pace(&self) {
        if !self.options.pace.is_zero() {
            tokio::time::sleep(self.options.pace).await;
        }
    }

    /// Whether a token issued at `issued` (seconds since 1970) is older than this life of the daemon.
    pub(crate) fn is_from_before_boot(&self, issued: i64) -> bool {
        // A token's seconds are whole, so one of the boot's own second counts as before, as by a real daemon.
        self.memory(|memory| {
            DateTime::from_timestamp(issued, 0).is_none_or(|issued| issued < memory.booted)
        })
    }

    /// Whether a token with this id, issued at `issued`, was denied. Pelican denies those of the same second too.
    pub(crate) fn is_denied(&self, claims: &Claims) -> bool {
        let pelican = self.dialect() == Dialect::Pelican;
        let before = |since: &DateTime<Utc>| {
            DateTime::from_timestamp(claims.iat, 0)
                .is_none_or(|issued| issued < *since || (pelican && issued == *since))
        };
        self.memory(|memory| {
            let shut_out = claims
                .user_uuid
                .and_then(|user| memory.shut_out.get(&(user, claims.server_uuid)));
            memory.denied.get(&claims.jti).is_some_and(before) || shut_out.is_some_and(before)
        })
    }

    /// Counts a use of a link; false when it was used too often within the hour.
    pub(crate) fn use_link(&self, id: &str) -> bool {
        // The Go daemons accept a link once.
        let most = if self.dialect().is_go() { 1 } else { 5 };
        self.memory(|memory| {
            let uses = memory.used.entry(id.to_owned()).or_insert(0);
            *uses += 1;
            *uses <= most
        })
    }
}

fn state_error(path: &Path, reason: impl std::fmt::Display) -> SimError {
    SimError::State {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn load(path: &PathBuf) -> Result<World, SimError> {
    match std::fs::read(path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| state_error(path, error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(World::default()),
        Err(error) => Err(state_error(path, error)),
    }
}

/// Replaces the file as a whole, so that a simulator killed meanwhile finds the old or the new one.
fn store(path: &Path, world: &World) -> Result<(), SimError> {
    let text = serde_json::to_vec(world).map_err(|error| state_error(path, error))?;
    let next = path.with_extension("next");
    std::fs::write(&next, text)
        .and_then(|()| std::fs::rename(&next, path))
        .map_err(|error| state_error(path, error))
}
