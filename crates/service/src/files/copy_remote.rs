//! Copying files to another server.

use panel_domain::activity::Event;
use panel_domain::files::{FilePath, HiddenFiles, Kind};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::TransferSigner;
use wings_client::wire::files::{self as wire, ArchiveFormat, Move};
use wings_client::{Capability, Work};

use super::access::{Files, fitting, hidden_inside, lacks};
use super::change::{pairs, told_pairs};
use crate::activity::record_all;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Files to be copied to another server.
#[derive(Debug, Clone)]
pub struct CopyRemote {
    /// The directory that the paths are relative to.
    pub root: String,
    /// What goes where.
    pub files: Vec<Move>,
    /// The other server.
    pub server: ServerRef,
    /// Into which of its directories.
    pub destination: String,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// Copies files to another server, on whichever node: for those who may read them here and make files there.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Denied`] for either server, [`Error::Invalid`]; [`Error::NodeLacksCapability`] unless both nodes can;
/// [`Error::Conflict`] by the state of either server, and when the node refuses; those of the node.
pub async fn copy_remote(cx: &Cx, server: ServerRef, input: CopyRemote) -> Result<Work, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let allowed = cx
        .authorize_server(
            input.server,
            ServerPermission::FilesCreate,
            ServerAction::Use,
        )
        .await?;
    let other = allowed.resource();
    let root = files.directory("root", &input.root)?;
    let names = input.files.iter().map(|each| each.from.as_str());
    let from = files.entries("files.from", &root, names)?;
    files.nothing_hidden_in(&from).await?;
    let hidden = HiddenFiles::new(&other.ignored_files_of(cx.actor()));
    let (destination, to) = destination(&hidden, &input)?;

    let there = node_calls::client(cx, other.node).await?;
    for client in [&files.client, &there] {
        let profile = client.profile().await?;
        if !profile.capabilities().has(Capability::RemoteCopy) {
            return Err(lacks(profile.flavour, Capability::RemoteCopy));
        }
    }
    let (url, token) = if other.node == files.node {
        (String::new(), String::new())
    } else {
        let signer = TransferSigner {
            destination: there.target(),
            issuer: &cx.app().options().url,
            server: other.id,
        };
        let (root, into) = (root.absolute(), destination.absolute());
        let token = signer
            .copy(files.server, &root, &into, cx.now(), Uuid::new_v4())
            .map_err(Error::internal)?;
        (copy_url(&there.target().url), format!("Bearer {token}"))
    };
    let order = wire::CopyRemote {
        url,
        token,
        archive_format: ArchiveFormat::TarZstd,
        compression_level: None,
        root: "/".to_owned(),
        files: pairs(&from, &to),
        destination_server: other.id.uuid(),
        destination_path: destination.absolute(),
        foreground: input.foreground,
    };
    let details = fitting(json!({
        "files": told_pairs(&from, &to), "from_server": files.server, "to_server": other.id,
        "destination": destination.absolute(),
    }));
    // In both logs: each owner sees what left or came.
    let entries = [
        cx.entry(Event::FileCopy, details.clone()).on(files.server),
        cx.entry(Event::FileCopy, details).on(other.id),
    ];
    let entries = &entries;
    cx.write(|tx| {
        async move {
            record_all(tx, entries);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let call = || files.client.copy_remote(files.server, &order);
    node_calls::at_most_once(cx, call)
        .await?
        .map_err(super::access::told)
}

/// The directory in the other server, and the paths below it.
fn destination(
    hidden: &HiddenFiles,
    input: &CopyRemote,
) -> Result<(FilePath, Vec<FilePath>), Error> {
    let directory = FilePath::parse(&input.destination)
        .map_err(|bad| Error::invalid("destination", bad.to_string()))?;
    let mut to = Vec::with_capacity(input.files.len());
    for each in &input.files {
        let name = FilePath::ROOT
            .entry(&each.to)
            .map_err(|bad| Error::invalid("files.to", bad.to_string()))?;
        let path = directory
            .join(name.as_str())
            .map_err(|bad| Error::invalid("files.to", bad.to_string()))?;
        if hidden.hides(&path, Kind::Unknown) {
            return Err(Error::not_found("file"));
        }
        to.push(name);
    }
    // What arrives may be a directory with anything in it, or a link to anywhere.
    if !hidden.is_empty() {
        return Err(hidden_inside(&FilePath::ROOT));
    }
    Ok((directory, to))
}

/// Where a node takes files of other servers.
fn copy_url(node: &Url) -> String {
    let mut url = node.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments
            .pop_if_empty()
            .extend(["api", "transfers", "files"]);
    }
    url.into()
}
