//! The handle of a running simulator.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tokio::net::TcpSocket;
use url::Url;
use uuid::Uuid;
use wings_client::wire::remote::{SftpAuth, SftpGrant};
use wings_client::wire::server::ServerState;

use crate::boot::{boot, flush_activity, settle};
use crate::core::Core;
use crate::dialect::Dialect;
use crate::faults::{Fault, PlannedFault};
use crate::fleet::Stations;
use crate::http;
use crate::ledger::LedgerEntry;
use crate::options::{SimError, SimOptions};
use crate::power;
use crate::remote::RemoteFailure;
use crate::world::{Backup, World};

/// How long a step waits for what it steps.
const STEP: Duration = Duration::from_secs(20);

/// What a test may ask of a server at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSummary {
    /// The server.
    pub uuid: Uuid,
    /// Its name.
    pub name: String,
    /// State of its process.
    pub state: ServerState,
    /// Whether an installation is under way.
    pub installing: bool,
    /// Whether it may not run.
    pub suspended: bool,
}

/// An address that is held for a simulator which is not there yet, so that a node can be made with it.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// The address as a base for requests.
    #[must_use]
    pub fn url(&self) -> Url {
        url_of(self.address)
    }

    /// Boots a simulator on this address; the port in the node's configuration is not looked at.
    ///
    /// # Errors
    /// When the panel does not let it boot, or the state file cannot be read.
    pub async fn start(self, options: SimOptions) -> Result<WingsSim, SimError> {
        let core = Core::new(options, None)?;
        boot(&core).await?;
        let stations = Stations::of(&core);
        let handle = http::serve(stations, self.listener, core.options.workers)?;
        settle(&core);
        Ok(WingsSim {
            core,
            address: self.address,
            serving: Serving::Alone(Mutex::new(Some(handle))),
            place: Mutex::default(),
        })
    }
}

/// A running simulator. Ends with the runtime it was started on.
#[derive(Debug)]
pub struct WingsSim {
    core: Arc<Core>,
    address: SocketAddr,
    serving: Serving,
    /// Holds the port while nobody answers there, so that no connection of this machine is given it meanwhile.
    place: Mutex<Option<TcpSocket>>,
}

/// Who answers for it.
#[derive(Debug)]
enum Serving {
    /// A server of its own.
    Alone(Mutex<Option<ServerHandle>>),
    /// That of its fleet.
    InFleet(Stations),
}

pub(crate) fn url_of(address: SocketAddr) -> Url {
    let text = format!("http://{address}");
    // An address written as text is always a valid authority.
    Url::parse(&text).unwrap_or_else(|_| unreachable!("{text} is a URL"))
}

fn listen(address: impl ToSocketAddrs + std::fmt::Debug) -> Result<TcpListener, SimError> {
    TcpListener::bind(&address).map_err(|source| SimError::Listen {
        address: format!("{address:?}"),
        source,
    })
}

/// A socket that is bound there and does not listen; none where another one is still listening.
fn reserve(address: SocketAddr) -> Option<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let socket = socket.ok()?;
    // As listeners have it, which can then be bound beside this one.
    socket.set_reuseaddr(true).ok()?;
    socket.bind(address).ok()?;
    Some(socket)
}

impl WingsSim {
    /// Takes an address (port 0 for any) without answering on it yet.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub fn bind(address: impl ToSocketAddrs + std::fmt::Debug) -> Result<Bound, SimError> {
        let listener = listen(&address)?;
        let address = listener.local_addr().map_err(|source| SimError::Listen {
            address: format!("{address:?}"),
            source,
        })?;
        Ok(Bound { listener, address })
    }

    /// Boots a simulator on the host and port of its node's configuration.
    ///
    /// # Errors
    /// As for [`Self::bind`] and [`Bound::start`].
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        let api = &options.config.api;
        Self::bind((api.host.clone(), api.port))?
            .start(options)
            .await
    }

    /// One of a fleet, whose server answers for it.
    pub(crate) async fn join(
        core: Arc<Core>,
        address: SocketAddr,
        stations: Stations,
    ) -> Result<Self, SimError> {
        boot(&core).await?;
        stations.open(address.ip(), &core);
        settle(&core);
        Ok(Self {
            core,
            address,
            serving: Serving::InFleet(stations),
            place: Mutex::default(),
        })
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> Url {
        url_of(self.address)
    }

    /// Ends it like a power cut: connections break, what runs in the background stops, denied tokens are forgotten. Servers, files and ledger
    /// stay, and processes go on, as containers do without their daemon.
    pub async fn kill(&self) {
        self.core.abort_tasks();
        match &self.serving {
            Serving::Alone(server) => {
                if let Some(handle) = take(server) {
                    handle.stop(false).await;
                    *self.place() = reserve(self.address);
                }
            }
            Serving::InFleet(stations) => stations.close(self.address.ip()),
        }
        // The server's workers go a moment later; what they hold must not answer any more.
        self.core.disconnect();
        self.core.abort_tasks();
        self.core.forget();
    }

    fn place(&self) -> MutexGuard<'_, Option<TcpSocket>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Boots it again on the same address, after [`Self::kill`] or while it runs.
    ///
    /// # Errors
    /// As for [`Bound::start`], and when the address was taken meanwhile.
    pub async fn restart(&self) -> Result<(), SimError> {
        self.kill().await;
        boot(&self.core).await?;
        match &self.serving {
            Serving::Alone(server) => {
                let stations = Stations::of(&self.core);
                let workers = self.core.options.workers;
                let handle = http::serve(stations, listen(self.address)?, workers)?;
                self.place().take();
                *server.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
            }
            Serving::InFleet(stations) => stations.open(self.address.ip(), &self.core),
        }
        settle(&self.core);
        Ok(())
    }

    /// As if the last boot had been so much earlier: tokens that are dated back are good at once.
    pub fn boot_earlier(&self, by: TimeDelta) {
        self.core.memory(|memory| memory.booted -= by);
    }

    /// Stops answering, with connections kept, until [`Self::resume`].
    pub fn pause(&self) {
        self.core.paused.send_replace(true);
    }

    /// Answers again, also what came meanwhile.
    pub fn resume(&self) {
        self.core.paused.send_replace(false);
    }

    /// Makes the next request to the daemon's API fail.
    pub fn fail_next(&self, fault: Fault) {
        self.plan(PlannedFault {
            fault,
            method: None,
            path: None,
        });
    }

    /// Makes the next request fail that has this method and whose path contains `path`.
    pub fn fail_next_of(&self, method: &str, path: &str, fault: Fault) {
        self.plan(PlannedFault {
            fault,
            method: Some(method.to_owned()),
            path: Some(path.to_owned()),
        });
    }

    /// Makes a request fail.
    pub fn plan(&self, fault: PlannedFault) {
        self.core.faults.plan(fault);
    }

    /// Stepped mode: waits until the server's installation has got to its end, then lets it succeed or fail. The panel is told in the
    /// background: wait for the ledger or the panel.
    ///
    /// # Errors
    /// When there is no installation to wait for.
    pub async fn finish_install(&self, server: Uuid, successful: bool) -> Result<(), SimError> {
        finish_install(&self.core, server, successful).await
    }

    /// Moves a server on that is starting (to running) or stopping (to offline); says whether there was anything to move.
    pub async fn advance(&self, server: Uuid) -> bool {
        power::advance(&self.core, server).await
    }

    /// Lets a server's process end by itself.
    pub fn crash(&self, server: Uuid) {
        power::crash(&self.core, server);
    }

    /// Lets a server's process print a line.
    pub fn print(&self, server: Uuid, line: impl Into<String>) {
        power::print(&self.core, server, line.into());
    }

    /// What was done, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.core.read(|world| world.ledger.clone())
    }

    /// The servers there are.
    #[must_use]
    pub fn servers(&self) -> Vec<ServerSummary> {
        self.core.read(summaries)
    }

    /// State of a server's process.
    #[must_use]
    pub fn state(&self, server: Uuid) -> Option<ServerState> {
        self.core.read_server(server, |server| server.state)
    }

    /// Content of a server's file.
    #[must_use]
    pub fn file(&self, server: Uuid, path: &str) -> Option<Vec<u8>> {
        self.core
            .read_server(server, |server| server.files.read(path).map(<[u8]>::to_vec))?
            .ok()
    }

    /// Puts a file among a server's, as the game would. Nothing happens where there is a directory of that name.
    pub fn write_file(&self, server: Uuid, path: &str, content: Vec<u8>) {
        let now = self.core.now();
        let written = self
            .core
            .change_server(server, |server| server.files.write(path, content, now));
        if !matches!(written, Some(Ok(()))) {
            tracing::warn!(%server, path, "a file was not written");
        }
    }

    /// Which daemon it plays.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.core.dialect()
    }

    /// The backups the node keeps, with their servers.
    #[must_use]
    pub fn backups(&self) -> Vec<(Uuid, Uuid)> {
        self.core.read(|world| {
            let backups = world.backups.iter();
            backups.map(|(id, backup)| (*id, backup.server)).collect()
        })
    }

    /// Has the node keep a backup of a server that nobody has asked for: one of before.
    pub fn keep_backup(&self, backup: Uuid, server: Uuid) {
        self.core.change(|world| {
            let files = world
                .servers
                .get(&server)
                .map(|server| server.files.clone())
                .unwrap_or_default();
            world.backups.insert(backup, Backup { server, files });
        });
    }

    /// Has the node lose a backup, as with its disk.
    pub fn lose_backup(&self, backup: Uuid) {
        self.core.change(|world| world.backups.remove(&backup));
    }

    /// Lines of a server's console.
    #[must_use]
    pub fn console(&self, server: Uuid) -> Vec<String> {
        self.core
            .read_server(server, |server| server.console.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Waits until the ledger is as wanted.
    ///
    /// # Errors
    /// When it does not get there within 20 seconds.
    pub async fn wait_for_ledger(
        &self,
        what: &str,
        mut wanted: impl FnMut(&[LedgerEntry]) -> bool,
    ) -> Result<(), SimError> {
        self.core
            .wait(what, STEP, |world| wanted(&world.ledger))
            .await
    }

    /// Waits until the servers are as wanted.
    ///
    /// # Errors
    /// When they do not get there within 20 seconds.
    pub async fn wait_for_servers(
        &self,
        what: &str,
        mut wanted: impl FnMut(&[ServerSummary]) -> bool,
    ) -> Result<(), SimError> {
        self.core
            .wait(what, STEP, |world| wanted(&summaries(world)))
            .await
    }

    /// Waits until a server's process is in a state.
    ///
    /// # Errors
    /// When it does not get there within 20 seconds.
    pub async fn wait_for_state(&self, server: Uuid, state: ServerState) -> Result<(), SimError> {
        self.core
            .wait(state.as_str(), STEP, |world| {
                world.servers.get(&server).map(|server| server.state) == Some(state)
            })
            .await
    }

    /// Sends what users did since the last time, one batch for each server.
    ///
    /// # Errors
    /// When the panel refuses one; its rows are lost, as with a real daemon.
    pub async fn flush_activity(&self) -> Result<(), RemoteFailure> {
        flush_activity(&self.core).await
    }

    /// Asks the panel whether somebody may sign in by SFTP, as a daemon does that has a client at the door.
    ///
    /// # Errors
    /// When the panel refuses.
    pub async fn sftp_auth(&self, auth: &SftpAuth) -> Result<SftpGrant, RemoteFailure> {
        self.core.remote.sftp_auth(auth).await
    }

    /// Waits until the simulator stops answering for good, by a signal.
    pub async fn run_until(self, end: impl Future<Output = ()>) {
        end.await;
        self.kill().await;
    }
}

impl Drop for WingsSim {
    fn drop(&mut self) {
        self.core.abort_tasks();
        match &self.serving {
            // The order to stop is given at once; nobody waits for its end.
            Serving::Alone(server) => drop(take(server).map(|handle| handle.stop(false))),
            Serving::InFleet(stations) => stations.close(self.address.ip()),
        }
    }
}

fn take(server: &Mutex<Option<ServerHandle>>) -> Option<ServerHandle> {
    server.lock().unwrap_or_else(PoisonError::into_inner).take()
}

pub(crate) fn summaries(world: &World) -> Vec<ServerSummary> {
    world
        .servers
        .values()
        .map(|server| ServerSummary {
            uuid: server.uuid(),
            name: server.document.settings.meta.name.clone(),
            state: server.state,
            installing: server.installing.is_some(),
            suspended: server.document.settings.suspended,
        })
        .collect()
}

pub(crate) async fn finish_install(
    core: &Arc<Core>,
    server: Uuid,
    successful: bool,
) -> Result<(), SimError> {
    core.wait("an installation to finish", STEP, |world| {
        world
            .servers
            .get(&server)
            .and_then(|server| server.installing.as_ref())
            .is_some_and(|installing| installing.waits && installing.outcome.is_none())
    })
    .await?;
    core.change_server(server, |server| {
        if let Some(installing) = &mut server.installing {
            installing.outcome = Some(successful);
        }
    });
    Ok(())
}
