//! Starting, stopping, killing and crashing simulated processes.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;
use wings_client::wire::remote::{StateChange, StateReport};
use wings_client::wire::server::{NetworkUsage, PowerAction, ServerState};
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::core::Core;
use crate::ledger::Effect;
use crate::options::Mode;
use crate::script;

/// A crash this soon after another is not followed by a start.
const CRASH_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// How long a step waits for the daemon's own part of a start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why an action is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Suspended,
    Busy,
}

impl Refused {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Suspended => "server is suspended",
            Self::Busy => "server is installing, restoring or on its way to another node",
        }
    }
}

/// Carries out a power action; what comes of it is told to the sockets. An action without a meaning in the present state does nothing.
pub(crate) fn act(core: &Arc<Core>, server: Uuid, action: PowerAction) -> Result<(), Refused> {
    let Some((state, suspended, locked)) = core.read_server(server, |server| {
        (
            server.state,
            server.document.settings.suspended,
            server.is_locked(),
        )
    }) else {
        return Ok(());
    };
    if matches!(action, PowerAction::Start | PowerAction::Restart) {
        if suspended {
            return Err(Refused::Suspended);
        }
        if locked {
            return Err(Refused::Busy);
        }
    }
    match (action, state) {
        (PowerAction::Start, ServerState::Offline) => {
            core.record(server, Effect::PowerStart, None);
            begin_start(core, server);
        }
        (PowerAction::Restart, ServerState::Offline) => {
            core.record(server, Effect::PowerRestart, None);
            begin_start(core, server);
        }
        (PowerAction::Restart, ServerState::Starting | ServerState::Running) => {
            core.record(server, Effect::PowerRestart, None);
            core.change_server(server, |server| server.restarting = true);
            begin_stop(core, server);
        }
        (PowerAction::Stop, ServerState::Starting | ServerState::Running) => {
            core.record(server, Effect::PowerStop, None);
            begin_stop(core, server);
        }
        (PowerAction::Kill, state) if state != ServerState::Offline => {
            core.record(server, Effect::PowerKill, None);
            core.change_server(server, |server| server.restarting = false);
            end(core, server);
        }
        _ => {}
    }
    Ok(())
}

/// Takes a new turn, so that the tasks of earlier actions give up.
fn take_turn(core: &Core, server: Uuid) -> u64 {
    core.change_server(server, |server| {
        server.turn += 1;
        server.turn
    })
    .unwrap_or(0)
}

fn has_turn(core: &Core, server: Uuid, turn: u64) -> bool {
    core.read_server(server, |server| server.turn == turn)
        .unwrap_or(false)
}

/// Changes the state, tells sockets and panel.
pub(crate) fn set_state(core: &Arc<Core>, server: Uuid, new_state: ServerState) {
    let now = core.now();
    let previous = core.change_server(server, |server| {
        let previous = server.state;
        server.state = new_state;
        match (previous, new_state) {
            (ServerState::Offline, ServerState::Starting) => {
                server.started_at = Some(now);
                server.network = NetworkUsage::default();
                server.ticks = 0;
            }
            (_, ServerState::Offline) => server.started_at = None,
            _ => {}
        }
        previous
    });
    let Some(previous_state) = previous.filter(|previous| *previous != new_state) else {
        return;
    };
    core.tell(
        server,
        Message::with(ServerEvent::Status, new_state.as_str()),
    );
    if new_state == ServerState::Offline {
        tell_stats(core, server);
    }
    if core.options.report_states {
        let reporter = Arc::clone(core);
        core.spawn(async move {
            let report = StateReport {
                data: StateChange {
                    previous_state,
                    new_state,
                },
            };
            if let Err(failure) = reporter.remote.state(server, report).await {
                tracing::warn!(%failure, "the panel was not told of a state");
            }
        });
    }
}

/// Sends the present load to the sockets.
pub(crate) fn tell_stats(core: &Core, server: Uuid) {
    let (now, seed) = (core.now(), core.options.seed);
    let load = core.read_server(server, |server| {
        server.utilization_in(now, seed, core.dialect())
    });
    if let Some(Ok(text)) = load.map(|load| serde_json::to_string(&load)) {
        core.tell(server, Message::with(ServerEvent::Stats, text));
    }
}

/// A line of the process: kept, told, and looked at for the text that means "up".
pub(crate) fn print(core: &Arc<Core>, server: Uuid, line: String) {
    let is_up = core.change_server(server, |server| {
        server.say(line.clone());
        server.state == ServerState::Starting
            && script::means_up(&server.document.process_configuration.startup, &line)
    });
    core.tell(server, Message::with(ServerEvent::ConsoleOutput, line));
    if is_up == Some(true) {
        set_state(core, server, ServerState::Running);
    }
}

fn begin_start(core: &Arc<Core>, server: Uuid) {
    let turn = take_turn(core, server);
    core.change_server(server, |server| server.announced = false);
    set_state(core, server, ServerState::Starting);
    let starter = Arc::clone(core);
    core.spawn(async move { start(&starter, server, turn).await });
}

async fn start(core: &Arc<Core>, server: Uuid, turn: u64) {
    // A real daemon asks before every start, and goes on with what it has when there is no answer.
    match core.remote.server(server).await {
        Ok(document) => {
            let suspended = document.settings.suspended;
            core.change_server(server, |server| server.document = document);
            if suspended {
                core.daemon_line(server, "The server is suspended.");
                end(core, server);
                return;
            }
        }
        Err(failure) if core.dialect().is_go() => {
            tracing::warn!(%failure, "not started without the panel's word");
            core.daemon_line(server, "Server could not be synchronized with the panel.");
            end(core, server);
            return;
        }
        Err(failure) => tracing::warn!(%failure, "starting with the configuration at hand"),
    }
    for text in [
        "This is a simulated server: nothing really runs.",
        "Updating process configuration files...",
        "Ensuring file permissions are set correctly, this could take a few seconds...",
        "Pulling Docker container image, this could take a few minutes to complete...",
        "Finished pulling Docker container image",
    ] {
        if !has_turn(core, server, turn) {
            return;
        }
        core.daemon_line(server, text);
        core.pace().await;
    }
    core.change_server(server, |server| server.announced = true);
    if core.options.mode == Mode::Automatic {
        come_up(core, server, turn).await;
    }
}

/// Prints what a process prints until it is up.
pub(crate) async fn come_up(core: &Arc<Core>, server: Uuid, turn: u64) {
    let lines = core.read_server(server, |server| script::startup(&server.document));
    for line in lines.unwrap_or_default() {
        if !has_turn(core, server, turn) {
            return;
        }
        print(core, server, line);
        core.pace().await;
    }
    // An egg without a text to wait for is up as soon as it has started.
    if has_turn(core, server, turn)
        && core.read_server(server, |server| server.state) == Some(ServerState::Starting)
    {
        set_state(core, server, ServerState::Running);
    }
}

fn begin_stop(core: &Arc<Core>, server: Uuid) {
    let turn = take_turn(core, server);
    set_state(core, server, ServerState::Stopping);
    let stopper = Arc::clone(core);
    core.spawn(async move { stop(&stopper, server, turn).await });
}

async fn stop(core: &Arc<Core>, server: Uuid, turn: u64) {
    let lines = core.read_server(server, |server| script::shutdown(&server.document));
    for line in lines.unwrap_or_default() {
        if !has_turn(core, server, turn) {
            return;
        }
        print(core, server, line);
        core.pace().await;
    }
    if core.options.mode == Mode::Automatic && has_turn(core, server, turn) {
        end(core, server);
    }
}

/// The process is gone; starts it again when that was asked for.
pub(crate) fn end(core: &Arc<Core>, server: Uuid) {
    take_turn(core, server);
    set_state(core, server, ServerState::Offline);
    let again = core.change_server(server, |server| {
        std::mem::take(&mut server.restarting) && !server.document.settings.suspended
    });
    if again == Some(true) {
        begin_start(core, server);
    }
}

/// Moves a server on that is starting or stopping; says whether there was anything to move.
pub(crate) async fn advance(core: &Arc<Core>, server: Uuid) -> bool {
    let settled = core.wait("the announcement of a start", PATIENCE, |world| {
        world
            .servers
            .get(&server)
            .is_none_or(|server| server.state != ServerState::Starting || server.announced)
    });
    if let Err(error) = settled.await {
        tracing::warn!(%error, "starting all the same");
    }
    let present = core.read_server(server, |server| (server.state, server.turn));
    match present {
        Some((ServerState::Starting, turn)) => {
            come_up(core, server, turn).await;
            true
        }
        Some((ServerState::Stopping, _)) => {
            end(core, server);
            true
        }
        _ => false,
    }
}

/// The process ends by itself; started again unless it crashed a short while ago.
pub(crate) fn crash(core: &Arc<Core>, server: Uuid) {
    let now = core.now();
    let crashed = core.change_server(server, |server| {
        if server.state == ServerState::Offline {
            return None;
        }
        let again = server
            .crashed_at
            .is_none_or(|before| now - before >= CRASH_PAUSE);
        server.crashed_at = Some(now);
        server.restarting = again;
        Some(again)
    });
    let Some(Some(again)) = crashed else { return };
    core.record(server, Effect::Crashed, None);
    core.daemon_line(
        server,
        "---------- Detected server process in a crashed state! ----------",
    );
    core.daemon_line(server, "Exit code: 1");
    core.daemon_line(server, "Out of memory: false");
    if !again {
        core.daemon_line(
            server,
            "Aborting automatic restart, last crash occurred less than 60 seconds ago.",
        );
    }
    end(core, server);
}

/// A line from a person; nothing for a server that is offline.
pub(crate) fn command(core: &Arc<Core>, server: Uuid, line: &str) -> bool {
    let up = core.read_server(server, |server| {
        (
            server.state != ServerState::Offline,
            server.document.process_configuration.stop.clone(),
        )
    });
    let Some((true, stop)) = up else {
        return false;
    };
    core.record(server, Effect::Command, Some(line.to_owned()));
    print(core, server, format!("> {line}"));
    if stop.kind == "command" && stop.value.as_deref() == Some(line.trim()) {
        begin_stop(core, server);
    } else if line.trim() == "crash" {
        crash(core, server);
    } else {
        print(core, server, script::answer(line));
    }
    true
}
