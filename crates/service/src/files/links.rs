//! Links by which browsers fetch files from a node and send files to it.

use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_domain::policy;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, link_url};
use wings_client::wire::files::ArchiveFormat;
use wings_client::{Capability, Flavour, Link};

use super::access::{Files, fitting};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::{self, Node};

/// Files to be downloaded.
#[derive(Debug, Clone)]
pub struct DownloadFiles {
    /// The directory that they are in.
    pub root: String,
    /// Which.
    pub files: Vec<String>,
    /// Whether the only one is a directory.
    pub is_directory: bool,
    /// How to pack a directory or several files.
    pub format: ArchiveFormat,
}

/// Signs what a link carries.
async fn signer<T>(
    cx: &Cx,
    files: &Files,
    sign: impl FnOnce(Signer<'_>) -> Result<T, wings_client::tokens::SignError>,
) -> Result<(T, Node), Error> {
    let user = policy::active(cx.actor())?;
    let node = node_calls::node(cx, files.node).await?;
    let signer = Signer {
        node: &node.target,
        issuer: &cx.app().options().url,
        user: user.id,
        server: files.server,
    };
    let token = sign(signer).map_err(Error::internal)?;
    Ok((token, node))
}

/// A link to a file, or to several or a directory packed on the way. It is good for a short while, and for few uses: one on the Go
/// daemons.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::NodeLacksCapability`] for more than one file; [`Error::Conflict`] by the
/// server's state; those of the node.
pub async fn download(cx: &Cx, server: ServerRef, input: DownloadFiles) -> Result<Url, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let root = files.directory("root", &input.root)?;
    let paths = files.entries("files", &root, input.files.iter().map(String::as_str))?;
    let names: Option<Vec<String>> = paths
        .iter()
        .map(|path| path.below(&root).map(str::to_owned))
        .collect();
    let names = names.ok_or_else(|| Error::invalid("files", "must be in the directory"))?;
    let link = match paths.as_slice() {
        [_] if input.is_directory => Link::Directory,
        [_] => Link::File,
        _ => Link::Files,
    };
    if link != Link::File {
        files.needs(Capability::DirectoryDownload).await?;
        files.nothing_hidden_in(&paths).await?;
    }
    let shown: Vec<String> = paths.iter().map(ToString::to_string).collect();
    let (now, unique) = (cx.now(), Uuid::new_v4());
    let (token, node) = signer(cx, &files, |signer| match (link, shown.as_slice()) {
        (Link::File | Link::Directory, [path]) => signer.file_download(path, now, unique),
        _ => signer.files_download(&root.absolute(), names.clone(), now, unique),
    })
    .await?;
    let details = fitting(json!({ "files": shown }));
    files
        .record(cx, cx.entry(Event::FileDownload, details))
        .await?;
    let mut url = link_url(&node.public_url, link.path(), &token);
    if link != Link::File {
        url.query_pairs_mut()
            .append_pair("archive_format", input.format.as_str());
    }
    Ok(url)
}

/// A link that takes files. It is good for a short while; the Go daemons take one upload by it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], also for somebody from whom files are hidden on a daemon that would let them replace those;
/// [`Error::Conflict`] by the server's state; those of the node.
pub async fn upload(cx: &Cx, server: ServerRef) -> Result<Url, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    if !files.hidden.is_empty() && files.client.profile().await?.flavour != Flavour::Calagopus {
        return Err(Error::Denied {
            code: "files_hidden",
            message: "this node cannot keep uploads from files that are hidden from you; write files one by one"
                .to_owned(),
        });
    }
    let patterns = files.hidden.patterns().to_vec();
    let (now, unique) = (cx.now(), Uuid::new_v4());
    let (token, node) = signer(cx, &files, |signer| {
        signer.file_upload(patterns, now, unique)
    })
    .await?;
    Ok(link_url(&node.public_url, "upload/file", &token))
}
