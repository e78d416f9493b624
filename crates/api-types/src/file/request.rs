//! What is asked about files.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

fn root() -> String {
    "/".to_owned()
}

/// Order of a directory's entries. Directories come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum DirectorySort {
    #[default]
    NameAsc,
    NameDesc,
    SizeAsc,
    SizeDesc,
    PhysicalSizeAsc,
    PhysicalSizeDesc,
    ModifiedAsc,
    ModifiedDesc,
    CreatedAsc,
    CreatedDesc,
}

/// Which part of a directory is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// The page's number, from 1.
    pub page: Option<i64>,
    /// Entries on a page: 1 to 10000, 100 without it.
    pub per_page: Option<i64>,
    /// The directory; the root without it.
    pub directory: Option<String>,
    /// In which order.
    #[param(inline)]
    pub sort: Option<DirectorySort>,
}

/// Which file is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Its path.
    pub file: String,
}

/// Which file is to be written.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WriteQuery {
    /// Its path.
    pub file: String,
    /// Whether only a new file may be written.
    #[serde(default)]
    pub create_only: bool,
}

/// Which directory is asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DirectoryQuery {
    /// Its path; the root without it.
    pub directory: Option<String>,
}

/// How files are packed. Which nodes can write which differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArchiveFormat {
    Tar,
    #[default]
    TarGz,
    TarXz,
    TarLzip,
    TarBz2,
    TarLz4,
    TarZstd,
    Zip,
    SevenZip,
    Itaf,
    ItafGz,
    ItafXz,
    ItafLzip,
    ItafBz2,
    ItafLz4,
    ItafZstd,
}

/// What is to be downloaded.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DownloadQuery {
    /// The directory that the files are in; the root without it.
    #[param(required = false)]
    pub root: String,
    /// Names below it; the parameter is repeated for several.
    pub files: Vec<String>,
    /// Whether the only one is a directory.
    #[param(required = false)]
    pub directory: bool,
    /// How to pack a directory, or several files.
    #[param(required = false, inline)]
    pub archive_format: ArchiveFormat,
}

/// A file that goes somewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// From.
    pub from: String,
    /// To.
    pub to: String,
}

/// Files to be moved or renamed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameFiles {
    /// The directory that the paths are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// What goes where.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<Move>,
}

/// Files to be deleted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteFiles {
    /// The directory that the names are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// Which.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<String>,
}

/// A new mode.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeChange {
    /// Of which file.
    pub file: String,
    /// Three or four octal digits.
    #[schema(pattern = "^[0-7]{3,4}$")]
    pub mode: String,
    /// Of everything below it as well.
    #[serde(default)]
    pub recursive: bool,
}

/// New modes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeModes {
    /// The directory that the names are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// The changes.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<ModeChange>,
}

/// A new directory.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDirectory {
    /// Where.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// Its name.
    pub name: String,
}

/// A new symbolic link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSymlink {
    /// The directory that the paths are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// Where the link is made.
    pub link: String,
    /// What it leads to, inside the server's files.
    pub target: String,
}

/// Files to be packed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompressFiles {
    /// The directory that they are in, and the archive will be in.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// Which.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<String>,
    /// The archive's name; made up by the node without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How.
    pub format: ArchiveFormat,
    /// Whether to answer only when it is done. Nodes that do nothing in the background always do.
    #[serde(default)]
    pub foreground: bool,
}

/// An archive to be unpacked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecompressFile {
    /// Into which directory.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// The archive, in that directory.
    pub file: String,
    /// Whether to answer only when it is done. Nodes that do nothing in the background always do.
    #[serde(default)]
    pub foreground: bool,
}

/// A file to be copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyFile {
    /// Which.
    pub path: String,
    /// Where to: relative to the directory that it is in, or from the root on with a slash in front. Made up by the node without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Replace what is there.
    #[serde(default)]
    pub overwrite: bool,
    /// Whether to answer only when it is done. Nodes that do nothing in the background always do.
    #[serde(default)]
    pub foreground: bool,
}

/// Files to be copied.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyFiles {
    /// The directory that the paths are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// What goes where.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<Move>,
    /// Replace what is there.
    #[serde(default)]
    pub overwrite: bool,
    /// Whether to answer only when it is done.
    #[serde(default)]
    pub foreground: bool,
}

/// Files to be copied to another server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyRemote {
    /// The directory that the paths are relative to.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// What goes where.
    #[schema(min_items = 1, max_items = 1000)]
    pub files: Vec<Move>,
    /// The directory of the other server.
    pub destination: String,
    /// The other server: its id or short id.
    pub destination_server: String,
    /// Whether to answer only when it is done.
    #[serde(default)]
    pub foreground: bool,
}

/// A file to be fetched by the node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullFile {
    /// Into which directory.
    #[serde(default = "root")]
    #[schema(default = "/")]
    pub root: String,
    /// From where.
    #[schema(max_length = 2048)]
    pub url: String,
    /// Under which name; the last part of the address without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Take the name that the other server gives.
    #[serde(default)]
    pub use_header: bool,
    /// Whether to answer only when it is done.
    #[serde(default)]
    pub foreground: bool,
}

/// What might be fetched.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewPull {
    /// From where.
    #[schema(max_length = 2048)]
    pub url: String,
}
