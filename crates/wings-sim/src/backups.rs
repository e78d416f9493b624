//! Backups of simulated servers: a copy of the files, kept on the node, or as an archive where an S3 address leads.

use std::sync::Arc;

use uuid::Uuid;
use wings_client::wire::backups::{CreateBackup, RestoreBackup};
use wings_client::wire::remote::{BackupPart, BackupResult, RestoreResult};
use wings_client::wire::server::ServerState;
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::archive;
use crate::core::Core;
use crate::files::{FileArea, glob};
use crate::ledger::Effect;
use crate::power;
use crate::world::Backup;

/// Copies the files in the background and reports; false when there is a backup of that id, which only Calagopus minds.
pub(crate) fn create(core: &Arc<Core>, server: Uuid, order: &CreateBackup) -> bool {
    let backup = order.uuid;
    let overwrites = core.dialect().is_go();
    let ignored: Vec<String> = order.ignore.lines().map(str::to_owned).collect();
    let copied = core.change(|world| {
        if world.backups.contains_key(&backup) && !overwrites {
            return None;
        }
        let files = without(&world.servers.get(&server)?.files, &ignored);
        world.backups.insert(
            backup,
            Backup {
                server,
                files: files.clone(),
            },
        );
        Some(files)
    });
    let Some(files) = copied else {
        return false;
    };
    core.record(server, Effect::BackupCreated, Some(backup.to_string()));
    if !core.dialect().is_go() {
        core.tell(
            server,
            Message::with(ServerEvent::BackupStarted, backup.to_string()),
        );
    }
    let worker = Arc::clone(core);
    let to_s3 = order.adapter == "s3";
    core.spawn(async move {
        worker.pace().await;
        let result = if to_s3 {
            upload(&worker, backup, &files).await
        } else {
            Ok(finished(&worker, &files, Vec::new()))
        };
        let result = result.unwrap_or_else(|reason| {
            tracing::warn!(%backup, reason, "a backup failed");
            worker.change(|world| world.backups.remove(&backup));
            failed()
        });
        report(&worker, server, backup, &result).await;
    });
    true
}

fn without(files: &FileArea, ignored: &[String]) -> FileArea {
    let mut files = files.clone();
    for entry in files.walk("/").unwrap_or_default() {
        let matches = ignored
            .iter()
            .any(|pattern| !pattern.is_empty() && glob(pattern.trim_matches('/'), &entry.name));
        if matches {
            files.delete("/", &entry.name);
        }
    }
    files
}

fn finished(core: &Core, files: &FileArea, parts: Vec<BackupPart>) -> BackupResult {
    let calagopus = !core.dialect().is_go();
    let bytes = archive::pack(files);
    let digest = archive::sha256(&bytes);
    BackupResult {
        // As long as the SHA-1 of a real one.
        checksum: digest.get(..40).unwrap_or_default().to_owned(),
        checksum_type: "sha1".into(),
        size: bytes.len() as u64,
        successful: true,
        parts: Some(parts),
        files: files.walk("/").map_or(0, |entries| {
            entries.iter().filter(|entry| entry.file).count() as u64
        }),
        browsable: calagopus,
        streaming: false,
    }
}

fn failed() -> BackupResult {
    BackupResult {
        checksum: String::new(),
        checksum_type: String::new(),
        size: 0,
        successful: false,
        parts: None,
        files: 0,
        browsable: false,
        streaming: false,
    }
}

/// Puts an archive where the panel says, part by part.
async fn upload(core: &Core, backup: Uuid, files: &FileArea) -> Result<BackupResult, String> {
    let bytes = archive::pack(files);
    let places = core
        .remote
        .upload_parts(backup, bytes.len() as u64)
        .await
        .map_err(|failure| failure.to_string())?;
    let part_size = usize::try_from(places.part_size.max(1)).unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    for (number, (address, piece)) in
        (1_u32..).zip(places.parts.iter().zip(bytes.chunks(part_size)))
    {
        let etag = core.remote.put(address, piece.to_vec()).await?;
        parts.push(BackupPart {
            etag,
            part_number: number,
        });
    }
    if parts.len() != bytes.chunks(part_size).count() {
        return Err("there is no place for every part".into());
    }
    // The archive is there now and not here.
    core.change(|world| world.backups.remove(&backup));
    Ok(finished(core, files, parts))
}

/// Whether a report is not sent, as by a daemon that ends just then. Planned as a fault of a request `REPORT`.
fn is_lost(core: &Core, backup: Uuid) -> bool {
    core.faults
        .take("REPORT", &format!("/backups/{backup}"))
        .is_some()
}

async fn report(core: &Arc<Core>, server: Uuid, backup: Uuid, result: &BackupResult) {
    if is_lost(core, backup) {
        return;
    }
    if let Err(failure) = core.remote.backup_result(backup, result).await {
        tracing::error!(%failure, %backup, "the panel does not know of a backup's end");
        if core.dialect().is_go() && result.successful {
            // They delete what the panel does not want, and tell nobody.
            core.change(|world| world.backups.remove(&backup));
            core.record(server, Effect::BackupDeleted, Some(backup.to_string()));
            return;
        }
    }
    let args = if core.dialect().is_go() {
        let told = serde_json::json!({
            "uuid": backup, "is_successful": result.successful, "checksum": result.checksum,
            "checksum_type": result.checksum_type, "file_size": result.size,
        });
        vec![told.to_string()]
    } else {
        let told = serde_json::to_string(result).unwrap_or_default();
        vec![backup.to_string(), told]
    };
    let event = ServerEvent::BackupCompleted.to_string();
    core.tell_gated(server, Some("backup.read"), Message { event, args });
}

/// Why a restore does not begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotRestored {
    /// No such backup on the node.
    Missing,
    /// Nothing, or something else than an archive, at the address.
    Address(String),
}

/// Puts the files back in the background and reports. The Go daemons empty the directory before they look.
pub(crate) async fn restore(
    core: &Arc<Core>,
    server: Uuid,
    backup: Uuid,
    order: &RestoreBackup,
) -> Result<(), NotRestored> {
    let truncate = order.truncate_directory;
    if core.dialect().is_go() && truncate {
        core.change_server(server, |server| server.files.clear());
    }
    let files = if order.adapter == "s3" {
        let address = order.download_url.as_deref().unwrap_or_default();
        core.remote
            .fetch_archive(address)
            .await
            .map_err(NotRestored::Address)?
    } else {
        core.read(|world| world.backups.get(&backup).map(|kept| kept.files.clone()))
            .ok_or(NotRestored::Missing)?
    };
    let state = core.change_server(server, |server| {
        server.restoring = true;
        server.state
    });
    let worker = Arc::clone(core);
    core.spawn(async move {
        if state.is_some_and(|state| state != ServerState::Offline) {
            power::end(&worker, server);
        }
        if !worker.dialect().is_go() {
            worker.tell(server, Message::bare(ServerEvent::BackupRestoreStarted));
        }
        worker.pace().await;
        worker.change_server(server, |server| {
            if truncate {
                server.files.clear();
            }
            server.files.overlay(files);
        });
        worker.record(server, Effect::BackupRestored, Some(backup.to_string()));
        let result = RestoreResult {
            server_uuid: Some(server),
            successful: true,
        };
        if is_lost(&worker, backup) {
            return;
        }
        if let Err(failure) = worker.remote.restore_result(backup, result).await {
            tracing::error!(%failure, %backup, "the panel does not know of a restore's end");
        }
        worker.change_server(server, |server| server.restoring = false);
        let end = if worker.dialect().is_go() {
            Message::with(ServerEvent::BackupRestoreCompleted, "")
        } else {
            Message::bare(ServerEvent::BackupRestoreCompleted)
        };
        worker.tell(server, end);
    });
    Ok(())
}

/// Deletes a backup; false when there is none.
pub(crate) fn delete(core: &Core, backup: Uuid) -> bool {
    let deleted = core.change(|world| world.backups.remove(&backup));
    if let Some(kept) = &deleted {
        core.record(kept.server, Effect::BackupDeleted, Some(backup.to_string()));
    }
    deleted.is_some()
}
