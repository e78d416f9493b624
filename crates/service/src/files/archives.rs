//! Packing and unpacking.

use panel_domain::activity::Event;
use panel_domain::files::FilePath;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use serde_json::json;
use wings_client::wire::files::ArchiveFormat;
use wings_client::{Capability, Flavour, Work};

use super::access::{Files, fitting};
use crate::cx::Cx;
use crate::error::Error;

/// Files to be packed.
#[derive(Debug, Clone)]
pub struct Compress {
    /// The directory that they are in, and the archive will be in.
    pub root: String,
    /// Which.
    pub files: Vec<String>,
    /// The archive's name, with its ending or without; made up by the node when there is none.
    pub name: Option<String>,
    /// How.
    pub format: ArchiveFormat,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// An archive to be unpacked.
#[derive(Debug, Clone)]
pub struct Decompress {
    /// Into which directory.
    pub root: String,
    /// The archive, relative to that.
    pub file: String,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// The part of `path` below `root`, where it has to be.
fn below<'a>(field: &str, path: &'a FilePath, root: &FilePath) -> Result<&'a str, Error> {
    path.below(root)
        .ok_or_else(|| Error::invalid(field, "must be in the directory"))
}

/// Packs files into an archive. Without `foreground` it goes on in the background where the node can.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::NodeLacksCapability`] for a format or a name that the node has not;
/// [`Error::Conflict`] by the server's state, and when the node refuses; those of the node.
pub async fn compress(cx: &Cx, server: ServerRef, input: Compress) -> Result<Work, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesArchive).await?;
    let root = files.directory("root", &input.root)?;
    let paths = files.entries("files", &root, input.files.iter().map(String::as_str))?;
    let names = paths
        .iter()
        .map(|path| below("files", path, &root).map(str::to_owned));
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let ending = format!(".{}", input.format.extension());
    let name = input.name.as_deref().filter(|name| !name.is_empty());
    let name = name.map(|name| name.strip_suffix(&ending).unwrap_or(name));
    if let Some(name) = name {
        let archive = files.entry("name", &root, &format!("{name}{ending}"))?;
        if archive.parent() != root {
            return Err(Error::invalid(
                "name",
                "must be a name, without a directory",
            ));
        }
    }
    files.nothing_hidden_in(&paths).await?;
    let background = !input.foreground
        && files
            .capabilities()
            .await?
            .has(Capability::BackgroundOperations);
    let (path, format) = (root.absolute(), input.format);
    let details = json!({ "root": path, "files": names, "name": name, "format": format.as_str() });
    let details = fitting(details);
    let call = || {
        files
            .client
            .compress(files.server, &path, names.clone(), name, format, background)
    };
    let work = files
        .act(cx, cx.entry(Event::FileCompress, details), call)
        .await?;
    match work {
        Work::Done(None) => Err(Error::NodeRefused {
            status: 200,
            message: "it did not say what the archive is called".to_owned(),
        }),
        work => Ok(work),
    }
}

/// Unpacks an archive. Without `foreground` it goes on in the background where the node can.
///
/// # Errors
/// As [`compress`].
pub async fn decompress(cx: &Cx, server: ServerRef, input: Decompress) -> Result<Work, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesArchive).await?;
    let root = files.directory("root", &input.root)?;
    let archive = files.entry("file", &root, &input.file)?;
    let file = below("file", &archive, &root)?;
    // Nobody knows what is in it.
    files.nothing_hidden_below(&root)?;
    let profile = files.client.profile().await?;
    if profile.flavour == Flavour::Calagopus {
        // Links, too, and they may lead anywhere.
        files.nothing_hidden_below(&FilePath::ROOT)?;
    }
    let can = profile.capabilities();
    let background = !input.foreground && can.has(Capability::BackgroundOperations);
    let path = root.absolute();
    let details = json!({ "root": path, "file": file });
    let call = || {
        files
            .client
            .decompress(files.server, &path, file, background)
    };
    files
        .act(cx, cx.entry(Event::FileDecompress, details), call)
        .await
}
