//! Files of servers. Paths are relative to the server's root, with or without a slash in front.

mod inspect;
mod request;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use inspect::{
    Fingerprint, FingerprintAlgorithm, FingerprintQuery, LargestDirectories, QuerySqlite, Revision,
    Revisions, SearchContent, SearchFiles, SearchPath, SearchSize, SqliteColumn, SqliteResult,
    SqliteResults, SqliteValue,
};
pub use request::{
    ArchiveFormat, ChangeModes, CompressFiles, CopyFile, CopyFiles, CopyRemote, CreateDirectory,
    CreateSymlink, DecompressFile, DeleteFiles, DirectoryQuery, DirectorySort, DownloadQuery,
    FileQuery, ListQuery, ModeChange, Move, PreviewPull, PullFile, RenameFiles, WriteQuery,
};

use crate::page::Page;

/// An entry of a directory.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DirectoryEntry {
    /// Its name; in what a search finds, its path below the directory that was searched.
    pub name: String,
    /// Mode in words, such as `-rw-r--r--`.
    pub mode: String,
    /// Mode in octal digits, such as `644`.
    pub mode_bits: String,
    /// Bytes; what directories say depends on the node.
    pub size: u64,
    /// Bytes on the disk; the same as `size` where the node does not say.
    pub size_physical: u64,
    /// Whether it is a text that people can edit; a guess where the node does not say.
    pub editable: bool,
    /// Whether it is a single packed file whose content can be edited.
    pub inner_editable: bool,
    /// Whether it is a directory.
    pub directory: bool,
    /// Whether it is a file.
    pub file: bool,
    /// Whether it is a symbolic link; Pterodactyl's daemon never says so.
    pub symlink: bool,
    /// Whether it is in an archive that is looked into.
    pub r#virtual: bool,
    /// Media type; `inode/directory` for directories.
    pub mime: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When its content was last changed.
    pub modified: DateTime<Utc>,
}

/// A page of a directory.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Directory {
    /// Whether it is of the server's own files.
    pub is_filesystem_primary: bool,
    /// Whether it can be written to.
    pub is_filesystem_writable: bool,
    /// Whether reading it costs little.
    pub is_filesystem_fast: bool,
    /// Its entries.
    pub entries: Page<DirectoryEntry>,
}

/// Entries that were found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DirectoryEntries {
    /// The entries.
    pub entries: Vec<DirectoryEntry>,
}

/// The file that came of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NewEntry {
    /// The file.
    pub entry: DirectoryEntry,
}

/// Work that goes on in the background. Its end is told on the server's websocket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Started {
    /// By this it can be told apart and ended.
    pub identifier: Uuid,
}

/// How many files were moved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Renamed {
    /// So many.
    pub renamed: u64,
}

/// How many files were deleted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeletedFiles {
    /// So many.
    pub deleted: u64,
}

/// How many files got another mode.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdatedFiles {
    /// So many.
    pub updated: u64,
}

/// Files that were copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CopiedFiles {
    /// How many.
    pub copied: u64,
    /// What was left out because something was there.
    pub skipped: Vec<DirectoryEntry>,
}

/// Files that are being copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CopyingFiles {
    /// By this the work can be told apart and ended.
    pub identifier: Uuid,
    /// What is left out because something is there.
    pub skipped: Vec<DirectoryEntry>,
}

/// A link that is good for a short while.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedLink {
    /// The link, with its token.
    pub url: String,
}

/// What a node would fetch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PullPreview {
    /// The name that the other server gives.
    pub file_name: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
    /// The address after redirects.
    pub final_url: String,
    /// Headers of the answer.
    pub headers: std::collections::BTreeMap<String, String>,
}

/// As [`PullPreview`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PullPreviewBody {
    /// What would be fetched.
    pub query_result: PullPreview,
}

/// Work of a node among a server's files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileOperation {
    /// By this it can be ended, where the node says it.
    pub uuid: Option<Uuid>,
    /// What it is, in the node's word: `compress`, `decompress`, `pull`, `copy`, ...
    pub r#type: String,
    /// What it is done to.
    pub path: Option<String>,
    /// Where it goes.
    pub destination: Option<String>,
    /// The part that is done, 0 to 1.
    pub progress: Option<f64>,
    /// Bytes that are done.
    pub bytes_processed: Option<u64>,
    /// Bytes in all.
    pub bytes_total: Option<u64>,
}

/// What goes on among a server's files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FileOperations {
    /// What goes on.
    pub operations: Vec<FileOperation>,
}
