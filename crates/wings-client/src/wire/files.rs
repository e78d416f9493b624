//! The file area of a server. Paths are relative to its root; a leading `/` makes no difference.

mod archives;
mod search;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

pub use archives::{
    ArchiveFormat, CalagopusPull, Compress, CompressionLevel, Copied, CopyMany, CopyRemote,
    Decompress, GoPull, Operations, Pull, PullPreview, PullQuery, Pulls, Started,
};
pub use search::{
    Algorithm, ContentFilter, Fingerprints, PathFilter, Revision, Revisions, Search, SearchResults,
    SizeFilter, SqliteColumn, SqliteQuery, SqliteResult, SqliteResults, SqliteValue,
};

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, without the directory.
    pub name: String,
    /// When it was made (the Go daemons give the time of its last inode change).
    pub created: DateTime<FixedOffset>,
    /// When its content last changed.
    pub modified: DateTime<FixedOffset>,
    /// Mode in words, such as `-rw-r--r--`.
    pub mode: String,
    /// Mode in octal digits, such as `644`.
    pub mode_bits: String,
    /// Size in bytes; of directories the sum of their files on Calagopus, of the inode on the Go daemons.
    pub size: u64,
    /// Is a directory.
    pub directory: bool,
    /// Is a file (on the Go daemons: is no directory).
    pub file: bool,
    /// Is a symbolic link; Pterodactyl never says so.
    #[serde(default)]
    pub symlink: bool,
    /// Media type; `inode/directory` for directories.
    pub mime: String,
    /// Bytes on the disk (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_physical: Option<u64>,
    /// Is a text that people can edit (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
    /// Is packed alone, and what is inside can be edited (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner_editable: Option<bool>,
    /// Is part of an archive or backup that is looked into (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#virtual: Option<bool>,
}

/// Answer of `GET /api/servers/{server}/files/list` (Calagopus).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPage {
    /// How many entries the directory has.
    pub total: u64,
    /// Those of the page asked for.
    pub entries: Vec<Entry>,
    /// Whether the directory is of the server's own files (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem_primary: Option<bool>,
    /// Whether it can be written to (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem_writable: Option<bool>,
    /// Whether reading it costs little (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filesystem_fast: Option<bool>,
}

/// One move in [`Rename`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// From which path below the root of the request.
    pub from: String,
    /// To which.
    pub to: String,
}

/// Body of `PUT /api/servers/{server}/files/rename`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// The directory the moves are relative to.
    #[serde(default)]
    pub root: String,
    /// The moves.
    pub files: Vec<Move>,
}

/// Answer of a rename on Calagopus; conflicts are left out of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// How many were moved.
    pub renamed: u64,
}

/// Body of `POST /api/servers/{server}/files/delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delete {
    /// The directory the names are relative to.
    #[serde(default)]
    pub root: String,
    /// What to delete.
    pub files: Vec<String>,
}

/// Answer of a deletion on Calagopus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// How many were deleted.
    pub deleted: u64,
}

/// Body of `POST /api/servers/{server}/files/create-directory`. Newer Calagopus daemons read `root`, all others `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateDirectory {
    /// The new directory's name.
    pub name: String,
    /// Where to make it.
    #[serde(default)]
    pub path: String,
    /// The same again under the newer name.
    #[serde(default)]
    pub root: String,
}

/// Body of `POST /api/servers/{server}/files/copy`. Newer Calagopus daemons read `path`, all others `location`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Which file.
    pub location: String,
    /// The same again under the newer name.
    #[serde(default)]
    pub path: String,
    /// Name of the copy; without one the daemon makes one up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Replace what is there (Calagopus 1).
    #[serde(default)]
    pub overwrite: bool,
    /// Whether to answer only when done (Calagopus 1; the others always do).
    #[serde(default)]
    pub foreground: bool,
}

/// One change in [`Chmod`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChange {
    /// Which file.
    pub file: String,
    /// Octal digits, such as `0644`.
    pub mode: String,
    /// Also everything below it (Calagopus 1).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recursive: bool,
}

/// Body of `POST /api/servers/{server}/files/chmod`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chmod {
    /// The directory the names are relative to.
    #[serde(default)]
    pub root: String,
    /// The changes.
    pub files: Vec<ModeChange>,
}

/// Answer of a mode change on Calagopus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updated {
    /// How many were changed.
    pub updated: u64,
}

/// Body of `POST /api/servers/{server}/files/create-symlink` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateSymlink {
    /// The directory the paths are relative to.
    pub root: String,
    /// Where the link is made.
    pub link: String,
    /// What it points at.
    pub target: String,
}

/// Answer of `POST /api/servers/{server}/files/write` on Calagopus 1; all others answer nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Number of the version that was kept.
    #[serde(default)]
    pub revision_id: Option<i64>,
}
