//! The file area of a server. Paths are relative to its root; a leading `/` makes no difference.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

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
}

/// Answer of `GET /api/servers/{server}/files/list` (Calagopus).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPage {
    /// How many entries the directory has.
    pub total: u64,
    /// Those of the page asked for.
    pub entries: Vec<Entry>,
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
}

/// One change in [`Chmod`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChange {
    /// Which file.
    pub file: String,
    /// Octal digits, such as `0644`.
    pub mode: String,
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

/// Body of `POST /api/servers/{server}/files/compress`; the fields that a flavour does not know are ignored by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compress {
    /// The directory the names are relative to.
    #[serde(default)]
    pub root: String,
    /// What to pack.
    pub files: Vec<String>,
    /// `tar_gz`, `zip`, ... (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The archive's name (Calagopus: with its ending).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether to answer only when done (Calagopus; true when left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreground: Option<bool>,
}

/// Body of `POST /api/servers/{server}/files/decompress`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decompress {
    /// Where to unpack.
    #[serde(default)]
    pub root: String,
    /// The archive.
    pub file: String,
    /// Whether to answer only when done (Calagopus; true when left out).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreground: Option<bool>,
}

/// Answer 202 of work that goes on in the background; its end is told on the websocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The operation's id.
    pub identifier: uuid::Uuid,
}

/// Body of `POST /api/servers/{server}/files/pull`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Into which directory.
    pub root: String,
    /// From where.
    pub url: String,
    /// Under which name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Take the name the remote server gives.
    #[serde(default)]
    pub use_header: bool,
    /// Whether to answer only when done.
    #[serde(default)]
    pub foreground: bool,
}
