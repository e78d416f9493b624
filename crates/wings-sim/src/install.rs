//! Creating, installing and deleting simulated servers.

use std::sync::Arc;

use uuid::Uuid;
use wings_client::wire::remote::{InstallResult, InstallationScript};
use wings_client::wire::server::{CreateServer, PowerAction, Reinstall, ServerState};
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::core::{Core, Event};
use crate::dialect::Dialect;
use crate::ledger::Effect;
use crate::options::Mode;
use crate::remote::RemoteFailure;
use crate::world::{Installing, SimServer};
use crate::{power, script};

const GATE: Option<&str> = Some("admin.websocket.install");

/// Why a server is not created.
#[derive(Debug)]
pub(crate) enum NotCreated {
    Exists,
    Panel(RemoteFailure),
}

/// Reads the server from the panel, then installs it in the background.
pub(crate) async fn create(core: &Arc<Core>, order: CreateServer) -> Result<(), NotCreated> {
    // The Go daemons do not mind a second one.
    let unique = !core.dialect().is_go();
    if unique && core.read_server(order.uuid, |_| ()).is_some() {
        return Err(NotCreated::Exists);
    }
    let document = core
        .remote
        .server(order.uuid)
        .await
        .map_err(NotCreated::Panel)?;
    let now = core.now();
    let created = core.change(|world| {
        if unique && world.servers.contains_key(&order.uuid) {
            return false;
        }
        let mut server = match world.servers.remove(&order.uuid) {
            Some(before) => SimServer { document, ..before },
            None => SimServer::new(document),
        };
        server.installing = Some(Installing {
            reinstall: false,
            script: None,
            start_afterwards: order.start_on_completion,
            skip_scripts: order.skip_scripts,
            waits: false,
            outcome: None,
        });
        world.servers.insert(order.uuid, server);
        world.record(now, order.uuid, Effect::Created, None);
        true
    });
    if !created {
        return Err(NotCreated::Exists);
    }
    begin(core, order.uuid, Effect::InstallStarted);
    Ok(())
}

/// Runs the installation once more, as the first one was run.
pub(crate) fn again(core: &Arc<Core>, server: Uuid) {
    core.change_server(server, |server| {
        server.installing = Some(Installing {
            reinstall: false,
            script: None,
            start_afterwards: false,
            skip_scripts: false,
            waits: false,
            outcome: None,
        });
    });
    begin(core, server, Effect::InstallStarted);
}

/// Installs again; false when the server is busy, or (Calagopus) suspended.
pub(crate) fn reinstall(core: &Arc<Core>, server: Uuid, order: Reinstall) -> bool {
    let minds_suspension = !core.dialect().is_go();
    let begun = core.change_server(server, |server| {
        let suspended = server.document.settings.suspended && minds_suspension;
        if server.is_locked() || suspended {
            return false;
        }
        if order.truncate_directory {
            server.files.clear();
        }
        server.installing = Some(Installing {
            reinstall: true,
            script: order.installation_script,
            start_afterwards: false,
            skip_scripts: false,
            waits: false,
            outcome: None,
        });
        true
    });
    if begun != Some(true) {
        return false;
    }
    let state = core.read_server(server, |server| server.state);
    if state.is_some_and(|state| state != ServerState::Offline) {
        power::end(core, server);
    }
    begin(core, server, Effect::ReinstallStarted);
    true
}

/// Runs the installation that the server is marked with from its beginning, because the daemon ended before the panel knew of its end.
pub(crate) fn resume(core: &Arc<Core>, server: Uuid) {
    begin(core, server, Effect::InstallResumed);
}

/// Runs the installation that the server is marked with.
fn begin(core: &Arc<Core>, server: Uuid, began: Effect) {
    let installer = Arc::clone(core);
    core.spawn(async move { run(&installer, server, began).await });
}

async fn run(core: &Arc<Core>, server: Uuid, began: Effect) {
    let Some(order) = core
        .read_server(server, |server| server.installing.clone())
        .flatten()
    else {
        return;
    };
    core.record(server, began, None);
    core.change_server(server, |server| {
        server.install_log.clear();
        if let Some(installing) = &mut server.installing {
            installing.waits = false;
            installing.outcome = None;
        }
    });
    core.tell(
        server,
        if core.dialect().is_go() {
            Message::with(ServerEvent::InstallStarted, "")
        } else {
            Message::bare(ServerEvent::InstallStarted)
        },
    );
    if order.reinstall
        && let Ok(document) = core.remote.server(server).await
    {
        core.change_server(server, |server| server.document = document);
    }
    let successful = match find_script(core, server, &order).await {
        Ok(Some(script)) => act_out(core, server, &script).await && outcome(core, server).await,
        Ok(None) => outcome(core, server).await,
        Err(failure) => {
            tracing::warn!(%failure, %server, "no install script");
            false
        }
    };
    finish(core, server, successful, &order).await;
}

/// The script to run, if any.
async fn find_script(
    core: &Core,
    server: Uuid,
    order: &Installing,
) -> Result<Option<InstallationScript>, RemoteFailure> {
    let skipped = core.read_server(server, |server| server.document.settings.skip_egg_scripts);
    if order.skip_scripts || skipped == Some(true) {
        return Ok(None);
    }
    match &order.script {
        Some(script) => Ok(Some(script.clone())),
        None => core.remote.install_script(server).await.map(Some),
    }
}

/// Prints what the script would and leaves plausible files; false when the server went away meanwhile.
async fn act_out(core: &Arc<Core>, server: Uuid, script: &InstallationScript) -> bool {
    let Some(lines) = core.read_server(server, |server| script::install(script, &server.document))
    else {
        return false;
    };
    for line in lines {
        if core
            .change_server(server, |server| server.install_log.push(line.clone()))
            .is_none()
        {
            return false;
        }
        core.tell_gated(
            server,
            GATE,
            Message::with(ServerEvent::InstallOutput, line),
        );
        core.pace().await;
    }
    let now = core.now();
    core.change_server(server, |server| {
        let name = server.document.settings.meta.name.clone();
        let files = [
            (
                "server.properties",
                format!("motd={name}\nmax-players=20\n"),
            ),
            ("eula.txt", "eula=true\n".to_owned()),
            ("logs/latest.log", String::new()),
            ("world/level.dat", "simulated\n".to_owned()),
        ];
        for (path, content) in files {
            if server.files.read(path).is_err()
                && let Err(error) = server.files.write(path, content.into_bytes(), now)
            {
                tracing::debug!(path, ?error, "kept what is there");
            }
        }
    })
    .is_some()
}

/// Success, or in stepped mode what the simulator is told.
async fn outcome(core: &Arc<Core>, server: Uuid) -> bool {
    let told = |server: &SimServer| server.installing.as_ref().and_then(|i| i.outcome);
    if core.options.mode == Mode::Automatic {
        // Told by an abort only.
        return core.read_server(server, told).flatten() != Some(false);
    }
    core.change_server(server, |server| {
        if let Some(installing) = &mut server.installing {
            installing.waits = true;
        }
    });
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let waited = core
        .wait("the outcome of an installation", day, |world| {
            world
                .servers
                .get(&server)
                .is_none_or(|server| told(server).is_some())
        })
        .await;
    waited.is_ok() && core.read_server(server, told).flatten() == Some(true)
}

async fn finish(core: &Arc<Core>, server: Uuid, successful: bool, order: &Installing) {
    if core.read_server(server, |_| ()).is_none() {
        return;
    }
    core.record(
        server,
        if successful {
            Effect::InstallFinished
        } else {
            Effect::InstallFailed
        },
        None,
    );
    let result = InstallResult {
        successful,
        reinstall: order.reinstall,
    };
    // Marked as installing until the panel knows: a daemon that ends in between installs again when it is back.
    if let Err(failure) = core.remote.install_result(server, result).await {
        tracing::error!(%failure, %server, "the panel does not know of an installation's end");
    }
    core.change_server(server, |server| server.installing = None);
    let flag = match (core.dialect().is_go(), successful) {
        // They do not say how it went.
        (true, _) => "",
        (false, true) => "true",
        (false, false) => "false",
    };
    core.tell(server, Message::with(ServerEvent::InstallCompleted, flag));
    core.tell(
        server,
        Message::with(ServerEvent::Status, ServerState::Offline.as_str()),
    );
    if successful
        && order.start_afterwards
        && let Err(refused) = power::act(core, server, PowerAction::Start)
    {
        tracing::info!(%server, reason = refused.text(), "not started after its installation");
    }
}

/// Deletes a server with its files; false when there is none.
pub(crate) fn delete(core: &Core, server: Uuid) -> bool {
    let now = core.now();
    let pelican = core.dialect() == Dialect::Pelican;
    let deleted = core.change(|world| {
        let deleted = world.servers.remove(&server).is_some();
        if deleted && pelican {
            world.backups.retain(|_, backup| backup.server != server);
        }
        if deleted {
            world.record(now, server, Effect::Deleted, None);
        }
        deleted
    });
    if deleted {
        core.announce(Event::Gone { server });
    }
    deleted
}
