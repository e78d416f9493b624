//! The content of a file.

use bytes::Bytes;
use panel_domain::files::{FilePath, MAX_VIEW_BYTES};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use wings_client::ByteStream;

use super::access::{Files, told};
use crate::cx::Cx;
use crate::error::Error;

/// Content on its way from a node, a piece at a time: as fast as it is asked for, and no faster.
#[derive(Debug)]
pub struct Reading {
    stream: ByteStream,
    left: Option<u64>,
}

impl Reading {
    pub(crate) const fn all(stream: ByteStream) -> Self {
        Self { stream, left: None }
    }

    /// What comes, up to so many bytes.
    fn at_most(stream: ByteStream, bytes: u64) -> Result<Self, Error> {
        if stream.length().is_some_and(|length| length > bytes) {
            return Err(too_large());
        }
        Ok(Self {
            stream,
            left: Some(bytes),
        })
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
        let piece = self.stream.next().await?;
        if let (Some(piece), Some(left)) = (&piece, &mut self.left) {
            *left = left.checked_sub(piece.len() as u64).ok_or_else(too_large)?;
        }
        Ok(piece)
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
        Ok(stream) => Reading::at_most(stream, MAX_VIEW_BYTES),
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
