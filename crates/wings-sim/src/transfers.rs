//! A server that moves from one simulated node to another.

use std::sync::Arc;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use uuid::Uuid;
use wings_client::wire::remote::{InstallResult, ServerDocument};
use wings_client::wire::server::ServerState;
use wings_client::wire::transfers::StartTransfer;
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::archive;
use crate::core::Core;
use crate::dialect::Dialect;
use crate::faults::Fault;
use crate::files::FileArea;
use crate::ledger::Effect;
use crate::power;
use crate::world::{Backup, SimServer, Transferring};

const GATE: Option<&str> = Some("admin.websocket.transfer");

fn say(core: &Core, server: Uuid, text: &str) {
    core.tell_gated(server, GATE, Message::with(ServerEvent::TransferLogs, text));
}

fn status(core: &Core, server: Uuid, status: &str) {
    core.tell(server, Message::with(ServerEvent::TransferStatus, status));
}

/// Begins to send a server in the background; false when it is busy.
pub(crate) fn start(core: &Arc<Core>, server: Uuid, order: StartTransfer) -> bool {
    let begun = core.change_server(server, |server| {
        if server.is_locked() {
            return None;
        }
        server.transferring = Some(Transferring {
            outgoing: true,
            bytes: server.files.size(),
            sent: false,
        });
        Some(server.state)
    });
    let Some(Some(state)) = begun else {
        return false;
    };
    if state != ServerState::Offline {
        power::end(core, server);
    }
    core.record(server, Effect::TransferStarted, Some(order.url.clone()));
    status(core, server, "processing");
    let sender = Arc::clone(core);
    core.spawn(async move {
        say(
            &sender,
            server,
            "Preparing to stream server data to destination...",
        );
        let sent = send(&sender, server, &order).await;
        let still = sender
            .read_server(server, |server| server.transferring.is_some())
            .unwrap_or(false);
        if !still {
            return;
        }
        match sent {
            Ok(()) => {
                say(
                    &sender,
                    server,
                    "Finished streaming archive to destination.",
                );
                sender.change_server(server, |server| {
                    if let Some(transfer) = &mut server.transferring {
                        transfer.sent = true;
                    }
                });
            }
            Err(reason) => {
                tracing::warn!(%server, reason, "a transfer failed");
                fail(&sender, server).await;
            }
        }
    });
    true
}

/// Ends a transfer and tells the panel.
async fn fail(core: &Core, server: Uuid) {
    core.change_server(server, |server| server.transferring = None);
    core.record(server, Effect::TransferEnded, Some("failure".to_owned()));
    status(core, server, "failure");
    report(core, server, false, &[]).await;
}

/// The parts of the form, named as this daemon names them.
fn form(core: &Core, server: Uuid, order: &StartTransfer) -> Option<Form> {
    let (files, log) = core.read_server(server, |server| {
        (server.files.clone(), server.install_log.join("\n"))
    })?;
    let pelican = core.dialect() == Dialect::Pelican;
    let packed = archive::pack(&files);
    let checksum = if pelican {
        "checksum_archive"
    } else {
        "checksum"
    };
    let extension = order.archive_format.extension();
    let mut form = Form::new().text(checksum, archive::sha256(&packed)).part(
        "archive",
        Part::bytes(packed).file_name(format!("archive.{extension}")),
    );
    if core.dialect() == Dialect::Pterodactyl {
        return Some(form);
    }
    form = form.text(
        if pelican {
            "install_logs"
        } else {
            "install-logs"
        },
        log,
    );
    let backups = core.read(|world| {
        let wanted = order.backups.iter().filter_map(|id| {
            let backup = world.backups.get(id)?;
            Some((*id, archive::pack(&backup.files)))
        });
        wanted.collect::<Vec<_>>()
    });
    for (id, packed) in backups {
        let (part, checksum) = if pelican {
            (
                format!("backup_{id}.tar.gz"),
                format!("checksum_backup_{id}.tar.gz"),
            )
        } else {
            (format!("backup-{id}"), format!("backup-checksum-{id}"))
        };
        form = form
            .text(checksum, archive::sha256(&packed))
            .part(part, Part::bytes(packed).file_name(format!("{id}.tar.gz")));
    }
    Some(form)
}

async fn send(core: &Core, server: Uuid, order: &StartTransfer) -> Result<(), String> {
    core.pace().await;
    hold(core, server).await?;
    let form = form(core, server, order).ok_or("the server is gone")?;
    let status = core
        .remote
        .send_server(&order.url, &order.token, form)
        .await?;
    // A Calagopus source takes any answer for success.
    if status == 200 || !core.dialect().is_go() {
        Ok(())
    } else {
        Err(format!("the destination answered {status}"))
    }
}

/// What a test has planned for the sending of a server, as a fault of a request `SEND`: a daemon that is slow, never gets there, or fails.
async fn hold(core: &Core, server: Uuid) -> Result<(), String> {
    let planned = core
        .faults
        .take("SEND", &format!("/servers/{server}/transfer"));
    match planned {
        None => return Ok(()),
        Some(Fault::Delay(milliseconds)) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Some(Fault::Timeout | Fault::AfterEffectTimeout) => std::future::pending().await,
        Some(_) => return Err("the archive broke off".to_owned()),
    }
    // Somebody may have called it off meanwhile.
    let goes_on = core.read_server(server, |server| server.transferring.is_some());
    match goes_on {
        Some(true) => Ok(()),
        _ => Err("it was called off".to_owned()),
    }
}

/// Tells the panel how a transfer ended, unless a test has planned that this is lost, as a fault of a request `REPORT`.
async fn report(core: &Core, server: Uuid, successful: bool, backups: &[Uuid]) -> Option<()> {
    let end = if successful { "success" } else { "failure" };
    let path = format!("/servers/{server}/transfer/{end}");
    if core.faults.take("REPORT", &path).is_some() {
        return None;
    }
    match core
        .remote
        .transfer_result(server, successful, backups)
        .await
    {
        Ok(()) => Some(()),
        Err(failure) => {
            tracing::error!(%failure, %server, "the panel did not take the end of a transfer");
            None
        }
    }
}

/// Stops sending; false when nothing is sent.
pub(crate) async fn cancel(core: &Core, server: Uuid) -> bool {
    let was = core.change_server(server, |server| {
        server
            .transferring
            .take_if(|transfer| transfer.outgoing && !transfer.sent)
    });
    if !matches!(was, Some(Some(_))) {
        return false;
    }
    fail(core, server).await;
    true
}

/// What arrived, with the checksums that were sent along.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    pub(crate) archive: Option<Vec<u8>>,
    pub(crate) checksum: Option<String>,
    pub(crate) backups: Vec<(Uuid, Vec<u8>)>,
}

/// Why a server is not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotReceived {
    Exists,
    Failed(String),
}

/// Takes a server in and tells the panel.
pub(crate) async fn receive(
    core: &Arc<Core>,
    server: Uuid,
    arrival: Arrival,
) -> Result<(), NotReceived> {
    if core.read_server(server, |_| ()).is_some() {
        return Err(NotReceived::Exists);
    }
    let document = core
        .remote
        .server(server)
        .await
        .map_err(|failure| NotReceived::Failed(failure.to_string()))?;
    match unpack(&arrival) {
        Ok(files) => {
            take_in(core, server, document, files, arrival).await;
            Ok(())
        }
        Err(reason) => {
            core.record(server, Effect::TransferEnded, Some("failure".to_owned()));
            report(core, server, false, &[]).await;
            Err(NotReceived::Failed(reason))
        }
    }
}

fn unpack(arrival: &Arrival) -> Result<FileArea, String> {
    let archive = arrival.archive.as_deref().ok_or("no archive arrived")?;
    let checksum = arrival.checksum.as_deref().ok_or("no checksum arrived")?;
    if archive::sha256(archive) != checksum {
        return Err("the checksum is of something else".into());
    }
    archive::unpack(archive).ok_or_else(|| "this is no archive".to_owned())
}

async fn take_in(
    core: &Arc<Core>,
    server: Uuid,
    document: ServerDocument,
    files: FileArea,
    arrival: Arrival,
) {
    let mut backups = Vec::new();
    core.change(|world| {
        for (id, packed) in &arrival.backups {
            if let Some(files) = archive::unpack(packed) {
                world.backups.insert(*id, Backup { server, files });
                backups.push(*id);
            }
        }
        let transferring = Transferring {
            outgoing: false,
            bytes: files.size(),
            sent: false,
        };
        let arrived = SimServer {
            files,
            transferring: Some(transferring),
            ..SimServer::new(document)
        };
        world.servers.insert(server, arrived);
    });
    core.record(server, Effect::TransferArrived, None);
    if !core.dialect().is_go() {
        let result = InstallResult {
            successful: true,
            reinstall: false,
        };
        if let Err(failure) = core.remote.install_result(server, result).await {
            tracing::warn!(%failure, %server, "the panel refused the report of an installation");
        }
    }
    // A daemon whose report is refused keeps the files, and the server locked.
    if report(core, server, true, &backups).await.is_some() {
        core.change_server(server, |server| server.transferring = None);
        let end = if core.dialect().is_go() {
            "success"
        } else {
            "completed"
        };
        status(core, server, end);
    }
}
