//! Finding, hashing and looking into files.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Entry;

/// Body of `POST /api/servers/{server}/files/search` (Calagopus). A filter that is left out lets everything through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Where.
    pub root: String,
    /// By name.
    pub path_filter: Option<PathFilter>,
    /// By size.
    pub size_filter: Option<SizeFilter>,
    /// By content.
    pub content_filter: Option<ContentFilter>,
    /// Most results.
    pub per_page: u32,
}

/// By name, in [`Search`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathFilter {
    /// Patterns of which one must match.
    pub include: Vec<String>,
    /// Patterns of which none may match.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Whether `A` is `a`.
    #[serde(default)]
    pub case_insensitive: bool,
}

/// By size in bytes, in [`Search`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeFilter {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

/// By content, in [`Search`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentFilter {
    /// Text to find.
    pub query: String,
    /// Larger files are not looked into, bytes.
    pub max_search_size: u64,
    /// Give those too that were not looked into.
    #[serde(default)]
    pub include_unmatched: bool,
    /// Whether `A` is `a`.
    #[serde(default)]
    pub case_insensitive: bool,
}

/// Answer to [`Search`]; names are paths below the directory searched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchResults {
    /// What was found.
    pub results: Vec<Entry>,
}

/// How files are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Algorithm {
    Md5,
    Crc32,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Curseforge,
}

impl Algorithm {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Crc32 => "crc32",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Curseforge => "curseforge",
        }
    }
}

/// Answer of `GET /api/servers/{server}/files/fingerprints` (Calagopus).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprints {
    /// By path as asked: lower-case hex, a decimal number for `curseforge`. Files that cannot be read are left out.
    pub fingerprints: BTreeMap<String, String>,
}

/// Answer of `GET /api/servers/{server}/files/revisions?file=` (Calagopus 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions {
    /// Former versions.
    pub revisions: Vec<Revision>,
}

/// A former version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its number.
    pub id: i64,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes it takes on the disk.
    pub stored_size: u64,
    /// Who wrote it.
    #[serde(default)]
    pub user: Option<Uuid>,
    /// Whether it is whole, not a difference.
    pub is_snapshot: bool,
    /// When it was written.
    pub created: DateTime<FixedOffset>,
}

/// Body of `POST /api/servers/{server}/files/sqlite-query` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqliteQuery {
    /// The database.
    pub file: String,
    /// Statements.
    pub query: String,
    /// Refuse those that write.
    pub read_only: bool,
    /// Most rows of each.
    pub rows: u32,
}

/// Answer to [`SqliteQuery`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqliteResults {
    /// One for each statement.
    pub results: Vec<SqliteResult>,
}

/// What one statement gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqliteResult {
    /// Heads.
    pub columns: Vec<SqliteColumn>,
    /// Rows.
    pub rows: Vec<Vec<SqliteValue>>,
    /// Rows written.
    pub rows_affected: u64,
    /// Whether there were more rows.
    pub truncated: bool,
}

/// Head of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqliteColumn {
    /// Name.
    pub name: String,
    /// Declared type.
    pub type_name: String,
    /// Whether its values are bytes.
    pub binary: bool,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SqliteValue {
    /// Nothing.
    Null,
    /// Text, or a number as a text.
    Text {
        /// It.
        value: String,
    },
    /// Bytes in base64.
    Binary {
        /// They.
        value: String,
    },
}
