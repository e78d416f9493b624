//! Writing a file.

use panel_domain::activity::Event;
use panel_domain::files::FilePath;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use serde_json::json;
use wings_client::Content;

use super::access::Files;
use super::read::{require_absence, require_version};
use crate::cx::Cx;
use crate::error::Error;

/// What the caller takes for granted of a file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Anything,
    /// That there is none of this name.
    Absent,
    /// That it is of this version still ([`Reading::version`](super::Reading::version)).
    Version(String),
}

/// Writes a whole file as its content comes, and makes the directories on its way.
///
/// What is expected of the file is looked at just before: nodes know no such condition, so a change in that moment is not noticed.
///
/// # Errors
/// [`Error::NotAsExpected`] when the file is not as expected.
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`] for a path that is none and when the content breaks off; [`Error::Conflict`] by the
/// server's state, and when the node refuses: a directory has that name, the disk is full, the egg forbids it; those of the node.
pub async fn write(
    cx: &Cx,
    server: ServerRef,
    file: &str,
    expected: &Expected,
    content: Content,
) -> Result<(), Error> {
    let files = Files::open(cx, server, ServerPermission::FilesUpdate).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?;
    match expected {
        Expected::Anything => {}
        Expected::Absent => require_absence(&files, &path).await?,
        Expected::Version(version) => {
            files.require(ServerPermission::FilesReadContent)?;
            require_version(&files, &path, version).await?;
        }
    }
    let details = json!({ "file": path.absolute() });
    files
        .record(cx, cx.entry(Event::FileWrite, details))
        .await?;
    cx.commit_before_call().await?;
    let written = files
        .client
        .write_file_stream(
            files.server,
            &path.absolute(),
            cx.actor().user_id(),
            content,
        )
        .await;
    match written {
        Ok(_) => Ok(()),
        Err(error) => {
            if !error.may_have_happened() {
                cx.call_was_in_vain();
            }
            Err(files.told_about(&path, error).await)
        }
    }
}
