//! The content of a file.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use bytes::Bytes;
use panel_domain::files::{FilePath, MAX_VIEW_BYTES};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use sha2::{Digest as _, Sha256};
use wings_client::ByteStream;

use super::access::{Files, told};
use crate::cx::Cx;
use crate::error::Error;

/// The longest file whose version is told: what is read ahead for that lies in memory.
const MAX_VERSIONED_BYTES: usize = 1024 * 1024;

/// Content on its way from a node, a piece at a time: as fast as it is asked for, and no faster.
#[derive(Debug)]
pub struct Reading {
    stream: ByteStream,
    left: Option<u64>,
    /// What was read ahead.
    ahead: VecDeque<Bytes>,
    version: Option<String>,
}

impl Reading {
    pub(crate) const fn all(stream: ByteStream) -> Self {
        Self {
            stream,
            left: None,
            ahead: VecDeque::new(),
            version: None,
        }
    }

    /// What comes, up to so many bytes.
    fn at_most(stream: ByteStream, bytes: u64) -> Result<Self, Error> {
        if stream.length().is_some_and(|length| length > bytes) {
            return Err(too_large());
        }
        Ok(Self {
            left: Some(bytes),
            ..Self::all(stream)
        })
    }

    /// Reads ahead as far as a short file goes, so that it can be said which version of it this is.
    async fn with_version(mut self) -> Result<Self, Error> {
        let mut digest = Sha256::new();
        let mut length = 0;
        let mut ahead = VecDeque::new();
        while length <= MAX_VERSIONED_BYTES {
            let Some(piece) = self.next().await? else {
                self.version = Some(version_of(digest));
                break;
            };
            length += piece.len();
            digest.update(&piece);
            ahead.push_back(piece);
        }
        self.ahead = ahead;
        Ok(self)
    }

    /// Which version of a file this is, where it is short enough to be told: equal content, equal version.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The head of the node's answer.
    #[must_use]
    pub const fn head(&self) -> &ByteStream {
        &self.stream
    }

    /// The next piece, or nothing at the end.
    ///
    /// # Errors
    /// [`Error::NodeUnreachable`] when the node goes away, [`Error::Conflict`] when there is more than may be shown.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(Some(piece));
        }
        let piece = self.stream.next().await?;
        if let (Some(piece), Some(left)) = (&piece, &mut self.left) {
            *left = left.checked_sub(piece.len() as u64).ok_or_else(too_large)?;
        }
        Ok(piece)
    }
}

fn version_of(digest: Sha256) -> String {
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// That a file still is of this version.
///
/// # Errors
/// [`Error::NotAsExpected`] when it is another, or gone; those of the node.
pub(super) async fn require_version(
    files: &Files,
    path: &FilePath,
    version: &str,
) -> Result<(), Error> {
    let changed = || Error::NotAsExpected {
        code: "file_changed",
        message: "the file was changed meanwhile; read it again before writing".to_owned(),
    };
    let opened = files
        .client
        .read_file(files.server, &path.absolute(), Some(MAX_VIEW_BYTES))
        .await;
    let mut stream = match opened {
        Ok(stream) => stream,
        Err(error) if error.status() == Some(413) => return Err(changed()),
        Err(error) => {
            return Err(match files.told_about(path, error).await {
                Error::NotFound { .. } => changed(),
                other => other,
            });
        }
    };
    let mut digest = Sha256::new();
    let mut length = 0;
    while let Some(piece) = stream.next().await? {
        length += piece.len();
        // A file that is longer than those whose version is told is another.
        if length > MAX_VERSIONED_BYTES {
            return Err(changed());
        }
        digest.update(&piece);
    }
    if version_of(digest) == version {
        Ok(())
    } else {
        Err(changed())
    }
}

/// That there is no file of this name.
///
/// # Errors
/// [`Error::NotAsExpected`] when there is; those of the node.
pub(super) async fn require_absence(files: &Files, path: &FilePath) -> Result<(), Error> {
    let exists = || Error::NotAsExpected {
        code: "file_exists",
        message: "there is a file of this name already; choose another name".to_owned(),
    };
    let opened = files
        .client
        .read_file(files.server, &path.absolute(), Some(MAX_VIEW_BYTES))
        .await;
    match opened {
        Ok(_) => Err(exists()),
        Err(error) if error.status() == Some(413) => Err(exists()),
        Err(error) => match files.told_about(path, error).await {
            Error::NotFound { .. } => Ok(()),
            other => Err(other),
        },
    }
}

fn too_large() -> Error {
    Error::conflict(
        "file_too_large",
        format!("the file has more than {MAX_VIEW_BYTES} bytes; download it instead"),
    )
}

/// The content of a file, for people to look at.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::Conflict`] by the server's state and for a file that is too large;
/// those of the node.
pub async fn read(cx: &Cx, server: ServerRef, file: &str) -> Result<Reading, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?;
    let opened = files
        .client
        .read_file(files.server, &path.absolute(), Some(MAX_VIEW_BYTES))
        .await;
    match opened {
        Ok(stream) => {
            Reading::at_most(stream, MAX_VIEW_BYTES)?
                .with_version()
                .await
        }
        Err(error) if error.status() == Some(413) => Err(too_large()),
        Err(error) => Err(files.told_about(&path, error).await),
    }
}

/// A former version of a file.
pub(super) async fn revision(
    files: &Files,
    path: &FilePath,
    revision: i64,
) -> Result<Reading, Error> {
    let stream = files
        .client
        .read_revision(files.server, &path.absolute(), revision)
        .await
        .map_err(told)?;
    Reading::at_most(stream, MAX_VIEW_BYTES)
}
