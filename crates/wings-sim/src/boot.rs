//! How a daemon starts, and what it does from time to time.

use std::sync::Arc;

use tokio::time::Instant;
use uuid::Uuid;
use wings_client::wire::remote::ActivityBatch;
use wings_client::wire::server::ServerState;

use crate::core::Core;
use crate::options::{Mode, SimError};
use crate::remote::RemoteFailure;
use crate::{install, power};

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

/// What a daemon does before it answers: (Calagopus: reset,) the list of servers, interrupted work. The Go daemons forget that work, and say
/// that they started only when they answer: [`settle`].
pub(crate) async fn boot(core: &Arc<Core>) -> Result<(), SimError> {
    tracing::info!(
        remote = core.options.config.remote,
        version = core.dialect().version(),
        "wings-sim boots: a simulated Wings daemon, no server will really run"
    );
    let resets_first = !core.dialect().is_go();
    let gives_up = Instant::now() + core.options.patience;
    let servers = loop {
        let attempt = async {
            if resets_first {
                core.remote.reset().await?;
            }
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

/// What a Go daemon does once it answers: asks for each server that runs, then tells the panel that it started anew.
pub(crate) fn settle(core: &Arc<Core>) {
    if !core.dialect().is_go() {
        return;
    }
    let worker = Arc::clone(core);
    core.spawn(async move {
        let up: Vec<Uuid> = worker.read(|world| {
            let servers = world.servers.values();
            servers
                .filter(|server| server.state != ServerState::Offline)
                .map(crate::world::SimServer::uuid)
                .collect()
        });
        for server in up {
            match worker.remote.server(server).await {
                Ok(document) => {
                    worker.change_server(server, |server| server.document = document);
                }
                Err(failure) => tracing::warn!(%failure, %server, "not synced at the start"),
            }
        }
        if let Err(failure) = worker.remote.reset().await {
            tracing::warn!(%failure, "the panel does not know that the daemon started");
        }
    });
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
            install::resume(core, server);
        }
        core.change_server(server, |server| server.announced = true);
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
