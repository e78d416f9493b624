//! Consoles, downloads and uploads that the panel passes on to nodes, for browsers that cannot reach them
//! (`APP_ENABLE_WINGS_PROXY`).
//!
//! What lets somebody in is the token that the panel signed for the node. It is looked at here before the node is asked, and by the node
//! again; nothing but what such tokens are for is passed on.

use panel_domain::id::{NodeId, ServerId, UserId};
use url::Url;
use wings_client::tokens::{self, Claims, Scope};
pub use wings_client::{Download, Frame, Link, NodeSocket};
use wings_client::{NodeClient, UploadTarget};

use crate::cx::Cx;
use crate::error::Error;
use crate::files::{Content, Reading};
use crate::node_calls;

/// What the paths of relayed requests begin with.
pub const PATH: &str = "/wings-proxy";

/// Where browsers find a node when the panel relays.
pub(crate) fn address(panel: &Url, node: NodeId) -> Url {
    let mut url = panel.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        let path = PATH.trim_start_matches('/');
        segments.pop_if_empty().extend([path, &node.to_string()]);
    }
    url
}

/// Somebody whom a token lets in.
#[derive(Debug)]
pub struct Pass {
    /// Who.
    pub user: Option<UserId>,
    /// To which server.
    pub server: ServerId,
    token: String,
    client: NodeClient,
}

/// Looks at a token before a node is asked anything.
///
/// # Errors
/// [`Error::NotFound`] when the panel does not relay, or for a node that there is not; [`Error::Unauthenticated`] for a token that is not good
/// for this.
async fn pass(cx: &Cx, node: NodeId, token: String, scope: Scope) -> Result<Pass, Error> {
    if !cx.app().options().wings_proxy {
        return Err(Error::not_found("node"));
    }
    // Whoever has no token learns nothing about nodes.
    let client = match node_calls::client(cx, node).await {
        Err(Error::NotFound { .. }) => return Err(Error::Unauthenticated),
        other => other?,
    };
    let claims: Claims = tokens::verify(client.target(), &token, cx.now())
        .filter(|claims| claims.scope == scope)
        .ok_or(Error::Unauthenticated)?;
    Ok(Pass {
        user: claims.user_uuid.map(UserId::from),
        server: ServerId::from(claims.server_uuid),
        token,
        client,
    })
}

/// Lets somebody in to a server's console. Nothing is opened yet.
///
/// # Errors
/// As every relayed request: [`Error::NotFound`], [`Error::Unauthenticated`]; also for another server than the token's.
pub async fn console_pass(
    cx: &Cx,
    node: NodeId,
    server: ServerId,
    token: String,
) -> Result<Pass, Error> {
    let pass = pass(cx, node, token, Scope::Websocket).await?;
    if pass.server == server {
        Ok(pass)
    } else {
        Err(Error::Unauthenticated)
    }
}

/// Opens the console on the node.
///
/// # Errors
/// Those of the node.
pub async fn open_console(cx: &Cx, pass: &Pass) -> Result<NodeSocket, Error> {
    let panel = &cx.app().options().url;
    let opened = pass.client.console_socket(pass.server, panel).await;
    opened.map_err(told)
}

/// Lets somebody in to what a link opens. Nothing is opened yet.
///
/// # Errors
/// As every relayed request.
pub async fn download_pass(
    cx: &Cx,
    node: NodeId,
    link: Link,
    token: String,
) -> Result<Pass, Error> {
    let scope = match link {
        Link::File | Link::Directory | Link::Files => Scope::FileDownload,
        Link::Backup => Scope::BackupDownload,
    };
    pass(cx, node, token, scope).await
}

/// Opens a link of a node.
///
/// # Errors
/// [`Error::Unauthenticated`] for a token that is used up; [`Error::NodeLacksCapability`]; those of the node.
pub async fn download(pass: &Pass, link: Link, how: &Download) -> Result<Reading, Error> {
    let stream = pass.client.download(link, &pass.token, how).await;
    Ok(Reading::all(stream.map_err(told)?))
}

/// An upload that somebody was let in for.
#[derive(Debug)]
pub struct Upload {
    /// Who.
    pub user: Option<UserId>,
    /// To which server.
    pub server: ServerId,
    client: NodeClient,
    target: UploadTarget,
}

/// Lets somebody in to upload files into a directory.
///
/// # Errors
/// As every relayed request.
pub async fn upload_pass(
    cx: &Cx,
    node: NodeId,
    token: String,
    directory: String,
) -> Result<Upload, Error> {
    let pass = pass(cx, node, token, Scope::FileUpload).await?;
    Ok(Upload {
        user: pass.user,
        server: pass.server,
        client: pass.client,
        target: UploadTarget {
            server: pass.server,
            token: pass.token,
            directory,
        },
    })
}

/// A part of a file that is uploaded in parts.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Where it begins.
    pub offset: u64,
    /// Bytes of the whole file.
    pub total: u64,
    /// Whether it is the last one.
    pub is_last: bool,
}

impl Upload {
    /// Passes a form on as it comes. `content_type` is the browser's, with the form's boundary.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it stops coming; those of the node.
    pub async fn form(&self, content_type: &str, form: Content) -> Result<(), Error> {
        let sent = self.client.upload(&self.target, content_type, form).await;
        sent.map_err(told)
    }

    /// How much of a file has arrived in parts, bytes.
    ///
    /// # Errors
    /// [`Error::NodeLacksCapability`]; those of the node.
    pub async fn offset(&self, file: &str) -> Result<u64, Error> {
        let asked = self.client.upload_offset(&self.target, file).await;
        asked.map_err(told)
    }

    /// Passes on a part of a file.
    ///
    /// # Errors
    /// [`Error::Conflict`] with the code `wrong_offset` when something else has arrived meanwhile; as [`form`](Self::form) and
    /// [`offset`](Self::offset).
    pub async fn part(&self, file: &str, part: Part, content: Content) -> Result<(), Error> {
        let Part {
            offset,
            total,
            is_last,
        } = part;
        let sent = self
            .client
            .resume_upload(&self.target, file, offset, total, content, is_last)
            .await;
        sent.map_err(|error| match error.status() {
            Some(409) => Error::conflict("wrong_offset", "the part begins at another place"),
            _ => told(error),
        })
    }
}

fn told(error: wings_client::Error) -> Error {
    match error.status() {
        // Used up, or denied meanwhile.
        Some(401) => Error::Unauthenticated,
        _ => crate::files::told(error),
    }
}
