//! Backups and transfers, as daemons report and ask about them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Body of `POST /api/remote/backups/{backup}`. The Go daemons delete a finished archive when its report is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupResult {
    /// Empty on failure.
    pub checksum: String,
    /// `sha1` and others; empty on failure.
    pub checksum_type: String,
    /// Bytes.
    pub size: u64,
    /// Whether there is a backup.
    pub successful: bool,
    /// Uploaded parts (S3); null from the Go daemons when there are none.
    #[serde(default)]
    pub parts: Option<Vec<BackupPart>>,
    /// How many files (Calagopus).
    #[serde(default)]
    pub files: u64,
    /// Can be looked into (Calagopus).
    #[serde(default)]
    pub browsable: bool,
    /// Can be streamed (Calagopus).
    #[serde(default)]
    pub streaming: bool,
}

/// One uploaded part of a [`BackupResult`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupPart {
    /// As received, with its quotes.
    pub etag: String,
    /// From 1.
    pub part_number: u32,
}

/// Body of `POST /api/remote/backups/{backup}/restore`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreResult {
    /// Into which server (Calagopus).
    #[serde(default)]
    pub server_uuid: Option<Uuid>,
    /// Whether it came to its end.
    pub successful: bool,
}

/// Answer of `GET /api/remote/backups/{backup}?size=` and of `.../s3/parts?from_part=`: where to put an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadParts {
    /// Signed addresses to PUT to, in order.
    pub parts: Vec<String>,
    /// Bytes of every part but the last.
    pub part_size: u64,
}

/// Answer of `GET /api/remote/backups/{backup}/restic` (Calagopus).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResticCredentials {
    /// Where the repository is.
    pub repository: String,
    /// How long to wait for a lock.
    pub retry_lock_seconds: u64,
    /// Credentials and password.
    pub environment: BTreeMap<String, String>,
}

/// Answer of `GET /api/remote/backups/{backup}/pbs` (Calagopus 1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    missing_docs,
    reason = "the names are those of a Proxmox Backup Server"
)]
pub struct PbsCredentials {
    pub url: String,
    pub datastore: String,
    pub namespace: Option<String>,
    pub token_id: String,
    pub token_secret: String,
    pub fingerprint: Option<String>,
    pub backup_id_prefix: Option<String>,
    pub server_uuid: Option<Uuid>,
    pub backup_created: DateTime<Utc>,
}

/// Answer of `GET /api/remote/backups/{backup}/kopia` (Calagopus 1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of a Kopia server")]
pub struct KopiaCredentials {
    pub url: String,
    pub username: String,
    pub password: String,
    pub fingerprint: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// Body of `POST /api/remote/backups/{backup}/deletion` (Calagopus 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionResult {
    /// Whether it is gone.
    pub successful: bool,
}

/// Body of `POST /api/remote/servers/{server}/transfer/success` and `/failure`; the Go daemons send `null`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TransferResult {
    /// Backups whose files arrived with the server (Calagopus).
    pub backups: Vec<Uuid>,
    /// What became of them (Calagopus 1).
    pub backup_migrations: BTreeMap<Uuid, BackupMigration>,
}

/// What became of a backup that came with its server (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMigration {
    /// Its checksum on the new node.
    pub checksum: String,
    /// How that was made.
    pub checksum_type: String,
    /// Can be looked into.
    #[serde(default)]
    pub browsable: bool,
    /// Can be streamed.
    #[serde(default)]
    pub streaming: bool,
    /// Where it is kept now.
    #[serde(default)]
    pub adapter: Option<String>,
}

/// Body of `POST /api/remote/servers/{server}/backups` (Calagopus): the daemon wants to make a backup for a schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveBackup {
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Patterns to leave out.
    #[serde(default)]
    pub ignored_files: Vec<String>,
    /// By which schedule (Calagopus 1).
    #[serde(default)]
    pub schedule_uuid: Option<Uuid>,
    /// Into which group (Calagopus 1).
    #[serde(default)]
    pub backup_group_uuid: Option<Uuid>,
}

/// Answer to [`ReserveBackup`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupReservation {
    /// Where to keep it.
    pub adapter: String,
    /// The backup.
    pub uuid: Uuid,
}

/// Which backup of a server is meant (Calagopus 1): the one with this id or name, or the oldest or newest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupSelector {
    /// By which schedule.
    pub schedule_uuid: Option<Uuid>,
    /// That one.
    pub backup_uuid: Option<Uuid>,
    /// The one of that name.
    pub backup_name: Option<String>,
    /// Of that group.
    pub backup_group_uuid: Option<Uuid>,
    /// The oldest instead of the newest.
    pub oldest: bool,
}

/// Body of `PATCH /api/remote/servers/{server}/backups` (Calagopus 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveBackup {
    /// Which.
    #[serde(flatten)]
    pub selector: BackupSelector,
    /// To which group; out of its group when nothing.
    #[serde(default)]
    pub target_backup_group_uuid: Option<Uuid>,
}

/// Body of `POST /api/remote/servers/{server}/backups/restore` (Calagopus 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreSelected {
    /// Which.
    #[serde(flatten)]
    pub selector: BackupSelector,
    /// Delete all files first.
    pub truncate_directory: bool,
    /// Take the startup of that time back too.
    #[serde(default)]
    pub restore_startup: bool,
}

/// Answer to [`RestoreSelected`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreOrder {
    /// Where it is kept.
    pub adapter: String,
    /// The backup.
    pub uuid: Uuid,
    /// From where to fetch it (S3).
    pub download_url: Option<String>,
}
