//! Backups of simulated servers: a copy of the files, kept with the server.

use std::sync::Arc;

use uuid::Uuid;
use wings_client::wire::backups::{CreateBackup, RestoreBackup};
use wings_client::wire::remote::{BackupResult, RestoreResult};
use wings_client::wire::server::ServerState;
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::core::Core;
use crate::ledger::Effect;
use crate::power;

/// Copies the files in the background and reports; false when there is a backup of that id.
pub(crate) fn create(core: &Arc<Core>, server: Uuid, order: &CreateBackup) -> bool {
    let backup = order.uuid;
    let copied = core.change_server(server, |server| {
        if server.backups.contains_key(&backup) {
            return None;
        }
        server.backups.insert(backup, server.files.clone());
        Some(server.files.size())
    });
    let Some(Some(size)) = copied else {
        return false;
    };
    core.record(server, Effect::BackupCreated, Some(backup.to_string()));
    core.tell(
        server,
        Message::with(ServerEvent::BackupStarted, backup.to_string()),
    );
    let worker = Arc::clone(core);
    core.spawn(async move {
        worker.pace().await;
        let result = BackupResult {
            checksum: format!("{size:040x}"),
            checksum_type: "sha1".into(),
            size,
            successful: true,
            parts: Some(Vec::new()),
            files: 0,
            browsable: false,
            streaming: false,
        };
        if let Err(failure) = worker.remote.backup_result(backup, &result).await {
            tracing::error!(%failure, %backup, "the panel does not know of a backup's end");
        }
        worker.tell(
            server,
            Message {
                event: ServerEvent::BackupCompleted.to_string(),
                args: vec![
                    backup.to_string(),
                    serde_json::to_string(&result).unwrap_or_default(),
                ],
            },
        );
    });
    true
}

/// Puts the files back in the background and reports; false when there is no such backup.
pub(crate) fn restore(core: &Arc<Core>, server: Uuid, backup: Uuid, order: &RestoreBackup) -> bool {
    let found = core.read_server(server, |server| {
        (server.backups.get(&backup).cloned(), server.state)
    });
    let Some((Some(files), state)) = found else {
        return false;
    };
    let truncate = order.truncate_directory;
    let worker = Arc::clone(core);
    core.spawn(async move {
        if state != ServerState::Offline {
            power::end(&worker, server);
        }
        worker.tell(server, Message::bare(ServerEvent::BackupRestoreStarted));
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
        if let Err(failure) = worker.remote.restore_result(backup, result).await {
            tracing::error!(%failure, %backup, "the panel does not know of a restore's end");
        }
        worker.tell(server, Message::bare(ServerEvent::BackupRestoreCompleted));
    });
    true
}

/// Deletes a backup; false when there is none.
pub(crate) fn delete(core: &Core, server: Uuid, backup: Uuid) -> bool {
    let deleted = core
        .change_server(server, |server| server.backups.remove(&backup).is_some())
        .unwrap_or(false);
    if deleted {
        core.record(server, Effect::BackupDeleted, Some(backup.to_string()));
    }
    deleted
}
