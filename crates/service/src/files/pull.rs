//! Files that a node fetches from the network.

use std::net::IpAddr;

use panel_cache::Client;
use panel_domain::activity::Event;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_fetch::Blocked;
use serde_json::json;
use url::{Host, Url};
use wings_client::Work;
use wings_client::wire::files::{Pull, PullPreview};

use super::access::{Files, told};
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;

/// Longest address, characters.
const LONGEST_URL: usize = 2048;

/// A file to be fetched.
#[derive(Debug, Clone)]
pub struct PullFile {
    /// Into which directory.
    pub root: String,
    /// From where.
    pub url: String,
    /// Under which name; the last part of the address when there is none.
    pub name: Option<String>,
    /// Take the name that the other server gives.
    pub use_header: bool,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// An address that a node may be sent to. The node itself looks up names, and keeps from its own networks; what can be seen without that
/// is refused here.
fn check_url(cx: &Cx, text: &str) -> Result<Url, Error> {
    let bad = |message: &str| Error::invalid("url", message);
    if text.len() > LONGEST_URL {
        return Err(bad("must have 2048 characters at most"));
    }
    let url = Url::parse(text).map_err(|_| bad("must be an address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not contain a user name or a password"));
    }
    let blocked = Blocked::new(&cx.app().options().blocked_networks);
    let is_blocked = match url.host() {
        Some(Host::Ipv4(address)) => blocked.contains(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => blocked.contains(IpAddr::V6(address)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            (name == "localhost" || name.ends_with(".localhost"))
                && blocked.contains(IpAddr::from([127, 0, 0, 1]))
        }
        None => true,
    };
    if is_blocked {
        return Err(bad("is in a network that nothing is fetched from"));
    }
    Ok(url)
}

/// Lets the node fetch a file. Without `foreground` it goes on in the background.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::RateLimited`]; [`Error::Conflict`] by the server's state, and when the
/// node refuses: it is switched off, too much is fetched already, the address is not allowed; those of the node.
pub async fn pull(cx: &Cx, server: ServerRef, input: PullFile) -> Result<Work, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    let url = check_url(cx, &input.url)?;
    let root = files.directory("root", &input.root)?;
    let name = input.name.filter(|name| !name.is_empty());
    if let Some(name) = &name {
        let path = files.entry("name", &root, name)?;
        if path.parent() != root {
            return Err(Error::invalid(
                "name",
                "must be a name, without a directory",
            ));
        }
    }
    if name.is_none() || input.use_header {
        // What it will be called is for others to say.
        files.nothing_hidden_below(&root)?;
    }
    cx.limit(
        Bucket::ClientServersFilesPull,
        Client::Number(files.server.uuid().as_u128()),
    )
    .await?;
    let order = Pull {
        root: root.absolute(),
        url: url.into(),
        file_name: name,
        use_header: input.use_header,
        foreground: input.foreground,
    };
    let details = json!({ "root": order.root, "url": order.url, "name": order.file_name });
    let call = || files.client.pull_file(files.server, &order);
    files
        .act(cx, cx.entry(Event::FilePull, details), call)
        .await
}

/// What the node would fetch.
///
/// # Errors
/// As [`pull`], and [`Error::NodeLacksCapability`].
pub async fn preview_pull(cx: &Cx, server: ServerRef, url: &str) -> Result<PullPreview, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    let url = check_url(cx, url)?;
    cx.limit(
        Bucket::ClientServersFilesPullQuery,
        Client::Number(files.server.uuid().as_u128()),
    )
    .await?;
    files
        .client
        .preview_pull(files.server, url.as_str())
        .await
        .map_err(told)
}
