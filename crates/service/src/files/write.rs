//! Writing a file.

use panel_domain::activity::Event;
use panel_domain::files::FilePath;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use serde_json::json;
use wings_client::Content;

use super::access::Files;
use crate::cx::Cx;
use crate::error::Error;

/// Writes a whole file as its content comes, and makes the directories on its way.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`] for a path that is none and when the content breaks off; [`Error::Conflict`] by the
/// server's state, and when the node refuses: a directory has that name, the disk is full, the egg forbids it; those of the node.
pub async fn write(cx: &Cx, server: ServerRef, file: &str, content: Content) -> Result<(), Error> {
    let files = Files::open(cx, server, ServerPermission::FilesUpdate).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?;
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
