//! What the users of a server notice of what its node's daemon can do.

use serde::{Deserialize, Serialize};

/// Something that not every daemon can do for the users of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeFeature {
    /// Finding files by their name.
    FileSearch,
    /// Finding files by size and content.
    ContentSearch,
    /// Checksums of files.
    FileFingerprints,
    /// Former versions of files.
    FileRevisions,
    /// File lists in another order than by name.
    SortedFileList,
    /// Telling the largest directories.
    LargestDirectories,
    /// SQL on SQLite files.
    SqliteQueries,
    /// Making symbolic links.
    Symlinks,
    /// Changing modes of whole directories.
    RecursiveModes,
    /// Choosing the name of a copy.
    NamedCopy,
    /// Copying many files at once.
    CopyMany,
    /// Copying files to another server.
    RemoteCopy,
    /// Choosing the format of an archive.
    ArchiveFormats,
    /// Working on files in the background.
    BackgroundOperations,
    /// Looking at a download from the network beforehand.
    PullQuery,
    /// Downloading directories.
    DirectoryDownload,
    /// Going on with an upload where it broke off.
    ResumableUpload,
    /// Telling what an installation printed.
    InstallLog,
    /// Calling off an installation.
    AbortInstall,
    /// Running schedules by itself: the panel runs them otherwise.
    Schedules,
    /// Looking at a backup.
    BackupQuery,
    /// Writing a backup among the files.
    BackupExport,
}

impl NodeFeature {
    /// All there are.
    pub const ALL: &'static [Self] = &[
        Self::FileSearch,
        Self::ContentSearch,
        Self::FileFingerprints,
        Self::FileRevisions,
        Self::SortedFileList,
        Self::LargestDirectories,
        Self::SqliteQueries,
        Self::Symlinks,
        Self::RecursiveModes,
        Self::NamedCopy,
        Self::CopyMany,
        Self::RemoteCopy,
        Self::ArchiveFormats,
        Self::BackgroundOperations,
        Self::PullQuery,
        Self::DirectoryDownload,
        Self::ResumableUpload,
        Self::InstallLog,
        Self::AbortInstall,
        Self::Schedules,
        Self::BackupQuery,
        Self::BackupExport,
    ];
}
