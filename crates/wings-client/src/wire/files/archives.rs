//! Packing, unpacking, fetching and copying: work that may go on in the background.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Entry, Move};

/// How files are packed. Which daemon reads and writes which of them differs; see [`ArchiveFormat::pelican_extension`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl ArchiveFormat {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::TarGz => "tar_gz",
            Self::TarXz => "tar_xz",
            Self::TarLzip => "tar_lzip",
            Self::TarBz2 => "tar_bz2",
            Self::TarLz4 => "tar_lz4",
            Self::TarZstd => "tar_zstd",
            Self::Zip => "zip",
            Self::SevenZip => "seven_zip",
            Self::Itaf => "itaf",
            Self::ItafGz => "itaf_gz",
            Self::ItafXz => "itaf_xz",
            Self::ItafLzip => "itaf_lzip",
            Self::ItafBz2 => "itaf_bz2",
            Self::ItafLz4 => "itaf_lz4",
            Self::ItafZstd => "itaf_zstd",
        }
    }

    /// The ending of files in this format.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Tar => "tar",
            Self::TarGz => "tar.gz",
            Self::TarXz => "tar.xz",
            Self::TarLzip => "tar.lz",
            Self::TarBz2 => "tar.bz2",
            Self::TarLz4 => "tar.lz4",
            Self::TarZstd => "tar.zst",
            Self::Zip => "zip",
            Self::SevenZip => "7z",
            Self::Itaf => "itaf",
            Self::ItafGz => "itaf.gz",
            Self::ItafXz => "itaf.xz",
            Self::ItafLzip => "itaf.lz",
            Self::ItafBz2 => "itaf.bz2",
            Self::ItafLz4 => "itaf.lz4",
            Self::ItafZstd => "itaf.zst",
        }
    }

    /// What Pelican calls it in `extension`; nothing for one it cannot write (it would make a `tar.gz` instead, without a word).
    #[must_use]
    pub const fn pelican_extension(self) -> Option<&'static str> {
        match self {
            Self::TarGz | Self::TarXz | Self::TarBz2 | Self::Zip => Some(self.extension()),
            _ => None,
        }
    }
}

/// How hard to pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompressionLevel {
    BestSpeed,
    GoodSpeed,
    GoodCompression,
    BestCompression,
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
    /// `tar.gz`, `zip`, ... (Pelican).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// The archive's name: with its ending on Calagopus, without on Pelican.
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
    pub identifier: Uuid,
}

/// Body of `POST /api/servers/{server}/files/pull`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Into which directory.
    #[serde(default)]
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

/// Answer of `GET /api/servers/{server}/files/pull`; null when there are none (Go).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pulls<T> {
    /// Those under way.
    #[serde(default = "none")]
    pub downloads: Option<Vec<T>>,
}

const fn none<T>() -> Option<Vec<T>> {
    None
}

/// A download under way, as the Go daemons tell it: with capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GoPull {
    /// Its id.
    pub identifier: Uuid,
    /// Part that is done, 0–1.
    pub progress: f64,
}

/// A download under way, as Calagopus tells it: in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalagopusPull {
    /// Its id.
    pub identifier: Uuid,
    /// Where it goes.
    pub destination: String,
    /// Bytes that are here.
    pub progress: u64,
    /// Bytes in all; 0 when unknown.
    pub total: u64,
}

/// Body of `POST /api/servers/{server}/files/pull/query` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullQuery {
    /// What would be fetched.
    pub url: String,
}

/// Answer to [`PullQuery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullPreview {
    /// The name the remote server gives.
    #[serde(default)]
    pub file_name: Option<String>,
    /// Bytes.
    #[serde(default)]
    pub file_size: Option<u64>,
    /// The address after redirects.
    pub final_url: String,
    /// Headers of the answer.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// Body of `POST /api/servers/{server}/files/copy-many` (Calagopus 1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyMany {
    /// The directory the paths are relative to.
    pub root: String,
    /// What goes where.
    pub files: Vec<Move>,
    /// Replace what is there.
    pub overwrite: bool,
    /// Whether to answer only when done.
    pub foreground: bool,
}

/// Answer to [`CopyMany`]: 200 with a count, 202 with an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// How many were copied (200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<u64>,
    /// The operation's id (202).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Uuid>,
    /// What was left out because something was there.
    #[serde(default)]
    pub skipped: Vec<Entry>,
}

/// Body of `POST /api/servers/{server}/files/copy-remote` (Calagopus 1), to the node of the source server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyRemote {
    /// `<destination node>/api/transfers/files`; empty when both servers are on this node.
    pub url: String,
    /// The whole value of the header, with the destination node's signature; empty like `url`.
    pub token: String,
    /// How to pack on the way.
    pub archive_format: ArchiveFormat,
    /// How hard to pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_level: Option<CompressionLevel>,
    /// The directory the paths are relative to.
    pub root: String,
    /// What goes where.
    pub files: Vec<Move>,
    /// To which server.
    pub destination_server: Uuid,
    /// Into which of its directories.
    pub destination_path: String,
    /// Whether to answer only when done.
    pub foreground: bool,
}

impl std::fmt::Debug for CopyRemote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CopyRemote")
            .field("url", &self.url)
            .field("token", &"…")
            .field("root", &self.root)
            .field("files", &self.files)
            .field("destination_server", &self.destination_server)
            .finish_non_exhaustive()
    }
}

/// Answer of `GET /api/servers/{server}/files/operations` (Calagopus 1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// What goes on in the background. Tagged by `type`; read as it is.
    pub operations: Vec<serde_json::Value>,
}
