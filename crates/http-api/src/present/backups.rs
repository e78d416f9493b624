//! Backups as clients see them.

use actix_web::HttpResponse;
use panel_api_types::backup as dto;
use panel_service::Error;
use panel_service::backups::{
    AdminBackup, Archive, Backup, BackupGroup, Export, Exported, archive_format,
};
use serde_json::{Value, json};

use super::{nodes, servers};

/// A backup, as users see it: of how the server was started only what everybody who may see backups may know.
pub(crate) fn backup(backup: Backup) -> dto::Backup {
    let metadata = json!({
        "startup": backup.metadata["startup"], "image": backup.metadata["image"],
    });
    with_metadata(backup, metadata)
}

fn with_metadata(backup: Backup, metadata: Value) -> dto::Backup {
    let state = match backup.state.as_str() {
        "creating" => dto::BackupState::Creating,
        "verifying" => dto::BackupState::Verifying,
        "successful" => dto::BackupState::Successful,
        // The table has no other.
        _ => dto::BackupState::Failed,
    };
    let deletion_status = match (&backup.deleting_at, &backup.deletion_error) {
        (None, _) => None,
        (Some(_), None) => Some(dto::BackupDeletionStatus::Deleting),
        (Some(_), Some(_)) => Some(dto::BackupDeletionStatus::Failed),
    };
    dto::Backup {
        uuid: backup.id.uuid(),
        backup_group_uuid: backup.backup_group_id.map(Into::into),
        name: backup.name,
        ignored_files: backup.ignored_files,
        is_successful: state == dto::BackupState::Successful,
        is_locked: backup.locked,
        is_browsable: backup.browsable,
        is_streaming: backup.streaming,
        checksum: backup.checksum,
        bytes: backup.bytes,
        files: backup.files,
        metadata,
        deletion_status,
        state,
        error: backup.deletion_error.or(backup.error),
        completed: backup.completed_at,
        created: backup.created_at,
    }
}

/// One backup as an answer.
pub(crate) fn body(found: Backup) -> dto::BackupBody {
    dto::BackupBody {
        backup: backup(found),
    }
}

/// What a node knows of a backup.
pub(crate) fn archive(archive: Archive) -> dto::BackupArchive {
    // What no client knows the name of is left out.
    let archive_format = archive
        .archive_format
        .and_then(|format| serde_json::from_value(json!(format.as_str())).ok());
    dto::BackupArchive {
        archive_format,
        size: archive.size,
    }
}

/// A group.
pub(crate) fn group(group: BackupGroup) -> dto::BackupGroup {
    dto::BackupGroup {
        uuid: group.id,
        name: group.name,
        retention_count: group.retention_count,
        retention_days: group.retention_days,
        total_backups: group.total,
        usable_backups: group.usable,
        usable_unlocked_backups: group.usable_unlocked,
        created: group.created_at,
    }
}

/// A backup as administrators see it, with everything about how the server was started.
///
/// # Errors
/// As for the server.
pub(crate) fn admin_backup(shown: AdminBackup) -> Result<dto::AdminBackup, Error> {
    let is_shared = shown.backup.shared;
    let policy = shown.backup.system_backup_policy_id;
    let metadata = shown.backup.metadata.clone();
    Ok(dto::AdminBackup {
        backup: with_metadata(shown.backup, metadata),
        is_shared,
        system_backup_policy_uuid: policy.map(Into::into),
        node: nodes::node(shown.node),
        server: shown.server.map(servers::admin_server).transpose()?,
    })
}

/// What became of an export, as an answer.
pub(crate) fn exported(exported: Exported) -> HttpResponse {
    match exported {
        Exported::Started(identifier) => {
            HttpResponse::Accepted().json(dto::StartedExport { identifier })
        }
        Exported::Done(entry) => HttpResponse::Ok().json(dto::ExportedBackupBody {
            entry: dto::ExportedBackup {
                size_physical: entry.size_physical.unwrap_or(entry.size),
                editable: entry.editable.unwrap_or(false),
                inner_editable: entry.inner_editable.unwrap_or(false),
                r#virtual: entry.r#virtual.unwrap_or(false),
                name: entry.name,
                mode: entry.mode,
                mode_bits: entry.mode_bits,
                size: entry.size,
                directory: entry.directory,
                file: entry.file,
                symlink: entry.symlink,
                mime: entry.mime,
                created: entry.created.to_utc(),
                modified: entry.modified.to_utc(),
            },
        }),
    }
}

/// How an export is packed, in the words of the node; as nodes do it by themselves without a word.
pub(crate) fn export(
    path: String,
    format: Option<dto::StreamableArchiveFormat>,
    foreground: bool,
) -> Export {
    Export {
        path,
        archive_format: format
            .and_then(|format| archive_format(&json!(format)))
            .unwrap_or_default(),
        foreground,
    }
}
