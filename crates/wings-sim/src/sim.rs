//! The handle of a running simulator.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use wings_client::wire::remote::{ActivityBatch, SftpAuth, SftpGrant};
use wings_client::wire::server::ServerState;

use crate::core::Core;
use crate::faults::{Fault, PlannedFault};
use crate::http;
use crate::ledger::LedgerEntry;
use crate::options::{Mode, SimError, SimOptions};
use crate::remote::RemoteFailure;
use crate::world::World;
use crate::{install, power};

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
        let core = Core::new(options)?;
        boot(&core).await?;
        let handle = http::serve(&core, self.listener)?;
        Ok(WingsSim {
            core,
            address: self.address,
            server: Mutex::new(Some(handle)),
        })
    }
}

/// A running simulator. Ends with the runtime it was started on.
#[derive(Debug)]
pub struct WingsSim {
    core: Arc<Core>,
    address: SocketAddr,
    server: Mutex<Option<ServerHandle>>,
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

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> Url {
        url_of(self.address)
    }

    /// Ends it like a power cut: connections break, what runs in the background stops, denied tokens are forgotten. Servers, files and ledger
    /// stay, and processes go on, as containers do without their daemon.
    pub async fn kill(&self) {
        self.core.abort_tasks();
        let handle = self
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(handle) = handle {
            handle.stop(false).await;
        }
        // The server's workers go a moment later; what they hold must not answer any more.
        self.core.disconnect();
        self.core.abort_tasks();
        self.core.forget();
    }

    /// Boots it again on the same address, after [`Self::kill`] or while it runs.
    ///
    /// # Errors
    /// As for [`Bound::start`], and when the address was taken meanwhile.
    pub async fn restart(&self) -> Result<(), SimError> {
        self.kill().await;
        boot(&self.core).await?;
        let handle = http::serve(&self.core, listen(self.address)?)?;
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
        Ok(())
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
        let handle = self
            .server
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // The order to stop is given at once; nobody waits for its end.
        drop(handle.map(|handle| handle.stop(false)));
    }
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

pub(crate) async fn flush_activity(core: &Core) -> Result<(), RemoteFailure> {
    let mut rows = core.change(|world| std::mem::take(&mut world.activity));
    let mut outcome = Ok(());
    while let Some(server) = rows.first().map(|row| row.server) {
        let (batch, rest) = rows.into_iter().partition(|row| row.server == server);
        rows = rest;
        if let Err(failure) = core.remote.activity(&ActivityBatch { data: batch }).await {
            outcome = Err(failure);
        }
    }
    outcome
}

/// What a Calagopus daemon does before it answers: reset, the list of servers, interrupted work.
async fn boot(core: &Arc<Core>) -> Result<(), SimError> {
    tracing::info!(
        remote = core.options.config.remote,
        "wings-sim boots: a simulated Wings daemon, no server will really run"
    );
    let gives_up = Instant::now() + core.options.patience;
    let servers = loop {
        let attempt = async {
            core.remote.reset().await?;
            core.remote.servers().await
        };
        match attempt.await {
            Ok(servers) => break servers,
            Err(failure @ RemoteFailure::Refused { status: ..500, .. }) => {
                return Err(failure.into());
            }
            Err(failure) if Instant::now() >= gives_up => return Err(failure.into()),
            Err(failure) => {
                tracing::warn!(%failure, "waiting for the panel");
                tokio::time::sleep(core.options.retry).await;
            }
        }
    };
    core.change(|world| world.adopt(servers));
    resume(core);
    core.spawn(tick(Arc::clone(core)));
    core.spawn(send_activity(Arc::clone(core)));
    Ok(())
}

/// Takes up what was under way when the daemon ended.
fn resume(core: &Arc<Core>) {
    let found: Vec<_> = core.read(|world| {
        let present = |server: &crate::world::SimServer| {
            (
                server.uuid(),
                server.state,
                server.turn,
                server.is_locked(),
                server.document.settings.suspended,
            )
        };
        world.servers.values().map(present).collect()
    });
    for (server, state, turn, installing, suspended) in found {
        if installing {
            install::begin(core, server);
        }
        let runner = Arc::clone(core);
        match state {
            _ if suspended && state != ServerState::Offline => power::end(core, server),
            ServerState::Starting if core.options.mode == Mode::Automatic => {
                core.spawn(async move { power::come_up(&runner, server, turn).await });
            }
            ServerState::Stopping if core.options.mode == Mode::Automatic => {
                power::end(core, server);
            }
            _ => {}
        }
    }
}

async fn tick(core: Arc<Core>) {
    let mut interval = tokio::time::interval(core.options.stats_interval);
    loop {
        interval.tick().await;
        let seed = core.options.seed;
        let up: Vec<Uuid> = core.read(|world| {
            world
                .servers
                .values()
                .filter(|server| server.state != ServerState::Offline)
                .map(crate::world::SimServer::uuid)
                .collect()
        });
        for server in up {
            core.change_server(server, |server| server.tick(seed));
            power::tell_stats(&core, server);
        }
    }
}

async fn send_activity(core: Arc<Core>) {
    let mut interval = tokio::time::interval(core.options.activity_interval);
    interval.tick().await;
    loop {
        interval.tick().await;
        if let Err(failure) = flush_activity(&core).await {
            tracing::warn!(%failure, "activity is lost");
        }
    }
}
