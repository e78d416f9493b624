//! Looking for files and into them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::DirectoryEntry;
use crate::user::User;

fn root() -> String {
    "/".to_owned()
}

/// How a checksum is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum FingerprintAlgorithm {
    Md5,
    Crc32,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Curseforge,
}

/// Which checksum is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FingerprintQuery {
    /// Of which file.
    pub file: String,
    /// Made how.
    #[param(inline)]
    pub algorithm: FingerprintAlgorithm,
}

/// A checksum.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Fingerprint {
    /// Lower-case hex; a decimal number for `curseforge`.
    pub fingerprint: String,
}

/// The directories that hold the most.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LargestDirectories {
    /// Largest first.
    pub largest_directories: Vec<DirectoryEntry>,
}

/// A former version of a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// Its number.
    pub id: i64,
    /// Bytes.
    pub size: u64,
    /// Whether the node keeps all of it, not a difference.
    pub is_snapshot: bool,
    /// Who wrote it.
    pub user: Option<User>,
    /// When it was written.
    pub created: DateTime<Utc>,
}

/// The former versions of a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Revisions {
    /// The versions.
    pub revisions: Vec<Revision>,
}

/// By name, in a search.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchPath {
    /// Patterns of which one must match.
    pub include: Vec<String>,
    /// Patterns of which none may match.
    pub exclude: Vec<String>,
    /// Whether `A` is `a`.
    pub case_insensitive: bool,
}

/// By size, in a search.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchSize {
    /// At least so many bytes.
    pub min: u64,
    /// At most so many bytes.
    pub max: u64,
}

/// By content, in a search.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchContent {
    /// The text to find.
    pub query: String,
    /// Larger files are not looked into; 5 MiB at most.
    pub max_search_size: u64,
    /// Give those too that were not looked into.
    pub include_unmatched: bool,
    /// Whether `A` is `a`.
    pub case_insensitive: bool,
}

/// A search. A filter that is left out lets everything through.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchFiles {
    /// Where.
    #[serde(default = "root")]
    pub root: String,
    /// By name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_filter: Option<SearchPath>,
    /// By size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_filter: Option<SearchSize>,
    /// By content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_filter: Option<SearchContent>,
}

const fn rows() -> u32 {
    100
}

/// Statements for a SQLite file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuerySqlite {
    /// The database.
    pub file: String,
    /// The statements.
    #[schema(min_length = 1, max_length = 65535)]
    pub query: String,
    /// Refuse those that write.
    #[serde(default)]
    pub read_only: bool,
    /// Most rows of each.
    #[serde(default = "rows")]
    #[schema(minimum = 1, maximum = 1000)]
    pub rows: u32,
}

/// A column of what a statement gave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SqliteColumn {
    /// Name.
    pub name: String,
    /// Declared type.
    pub type_name: String,
    /// Whether its values are bytes.
    pub binary: bool,
}

/// A value of what a statement gave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SqliteValue {
    /// Nothing.
    Null,
    /// Text, or a number as text.
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

/// What one statement gave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SqliteResult {
    /// The columns.
    pub columns: Vec<SqliteColumn>,
    /// The rows.
    pub rows: Vec<Vec<SqliteValue>>,
    /// Rows that were written.
    pub rows_affected: u64,
    /// Whether there were more rows.
    pub truncated: bool,
}

/// What the statements gave.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SqliteResults {
    /// One for each statement.
    pub results: Vec<SqliteResult>,
}
