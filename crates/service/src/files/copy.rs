//! Copying files within a server.

use std::collections::HashSet;

use panel_domain::activity::Event;
use panel_domain::files::FilePath;
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use serde_json::json;
use uuid::Uuid;
use wings_client::wire::files::{self as wire, Entry, Move};
use wings_client::{Capability, Flavour, Work};

use super::access::{Files, fitting, told};
use super::change::{moves, pairs, told_pairs};
use super::list::is_seen;
use crate::cx::Cx;
use crate::error::Error;

/// A file to be copied.
#[derive(Debug, Clone)]
pub struct CopyFile {
    /// Which file or directory.
    pub path: String,
    /// Where to: relative to the directory that it is in, or from the root on with a slash. Made up by the node when there is none.
    pub destination: Option<String>,
    /// Replace what is there.
    pub overwrite: bool,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// Files to be copied.
#[derive(Debug, Clone)]
pub struct CopyMany {
    /// The directory that the paths are relative to.
    pub root: String,
    /// What goes where.
    pub files: Vec<Move>,
    /// Replace what is there.
    pub overwrite: bool,
    /// Whether to answer only when it is done.
    pub foreground: bool,
}

/// What came of copying one file.
#[derive(Debug, Clone)]
pub enum CopyWork {
    /// Done; the copy.
    Done(Box<Entry>),
    /// Goes on under this id.
    Started(Uuid),
}

/// What came of copying several files.
#[derive(Debug, Clone)]
pub struct Copied {
    /// How many were copied; nothing while it goes on.
    pub copied: Option<u64>,
    /// Under which id it goes on.
    pub operation: Option<Uuid>,
    /// What was left out because something was there.
    pub skipped: Vec<Entry>,
}

/// Copies a file. Without `foreground` it goes on in the background where the node can.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::NodeLacksCapability`] for a name, another directory or replacing
/// where the node cannot; [`Error::Conflict`] by the server's state, and when the node refuses; those of the node.
pub async fn copy(cx: &Cx, server: ServerRef, input: CopyFile) -> Result<CopyWork, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    if input.overwrite {
        files.require(ServerPermission::FilesUpdate)?;
    }
    let source = files.entry("path", &FilePath::ROOT, &input.path)?;
    let directory = source.parent();
    let target = match input.destination.as_deref().filter(|to| !to.is_empty()) {
        Some(to) if to.starts_with('/') => Some(files.entry("destination", &FilePath::ROOT, to)?),
        Some(to) => Some(files.entry("destination", &directory, to)?),
        None => None,
    };
    let to = target.as_ref().unwrap_or(&source);
    files
        .nothing_hidden_between(std::slice::from_ref(&source), std::slice::from_ref(to))
        .await?;
    let profile = files.client.profile().await?;
    let can = profile.capabilities();
    if input.overwrite {
        files.needs(Capability::BackgroundCopy).await?;
    }
    let elsewhere = |target: &&FilePath| target.parent() != directory;
    match target.as_ref() {
        Some(target) if elsewhere(&target) => files.needs(Capability::CopyMany).await?,
        Some(_) => files.needs(Capability::NamedCopy).await?,
        None => {}
    }
    let shown = target.as_ref().map(FilePath::absolute);
    let details = json!({ "file": source.absolute(), "destination": shown });
    let entry = cx.entry(Event::FileCopy, details);
    if let Some(target) = target.as_ref().filter(elsewhere) {
        let order = wire::CopyMany {
            root: "/".to_owned(),
            files: pairs(std::slice::from_ref(&source), std::slice::from_ref(target)),
            overwrite: input.overwrite,
            foreground: input.foreground,
        };
        let call = || files.client.copy_many(files.server, &order);
        let copied = files.act(cx, entry, call).await?;
        return match copied.identifier {
            Some(operation) => Ok(CopyWork::Started(operation)),
            None if copied.copied == Some(0) => Err(Error::conflict(
                "node_refused",
                "the node refused: something is there already",
            )),
            None => Ok(CopyWork::Done(Box::new(find(&files, target).await?))),
        };
    }
    let name = target.as_ref().map(|target| target.name().to_owned());
    // A daemon that replaces what is there does so in the background only.
    let background = input.overwrite || !input.foreground && can.has(Capability::BackgroundCopy);
    let path = source.absolute();
    let before = match profile.flavour {
        Flavour::Calagopus => HashSet::new(),
        // These do not say what they call the copy.
        _ => names_in(&files, &directory).await?,
    };
    let call = async || {
        let name = name.clone();
        if background {
            let overwrite = input.overwrite;
            let copy = files
                .client
                .copy_file_in_background(files.server, &path, name, overwrite);
            copy.await
        } else {
            files.client.copy_file(files.server, &path, name).await
        }
    };
    match files.act(cx, entry, call).await? {
        Work::Started(operation) => Ok(CopyWork::Started(operation)),
        Work::Done(Some(copy)) => Ok(CopyWork::Done(copy)),
        Work::Done(None) => {
            let copy = new_entry(&files, &directory, &before, source.name()).await?;
            Ok(CopyWork::Done(Box::new(copy)))
        }
    }
}

/// Copies several files; says how many, or under which id it goes on.
///
/// # Errors
/// As [`copy`].
pub async fn copy_many(cx: &Cx, server: ServerRef, input: CopyMany) -> Result<Copied, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    if input.overwrite {
        files.require(ServerPermission::FilesUpdate)?;
    }
    let root = files.directory("root", &input.root)?;
    let (from, to) = moves(&files, &root, &root, &input.files)?;
    files.nothing_hidden_between(&from, &to).await?;
    files.needs(Capability::CopyMany).await?;
    let order = wire::CopyMany {
        root: "/".to_owned(),
        files: pairs(&from, &to),
        overwrite: input.overwrite,
        foreground: input.foreground,
    };
    let details = json!({ "files": told_pairs(&from, &to), "overwrite": input.overwrite });
    let details = fitting(details);
    let call = || files.client.copy_many(files.server, &order);
    let mut copied = files
        .act(cx, cx.entry(Event::FileCopy, details), call)
        .await?;
    copied
        .skipped
        .retain(|entry| is_seen(&files, &FilePath::ROOT, entry));
    Ok(Copied {
        copied: copied.copied,
        operation: copied.identifier,
        skipped: copied.skipped,
    })
}

async fn entries_of(files: &Files, directory: &FilePath) -> Result<Vec<Entry>, Error> {
    let path = directory.absolute();
    let listed = files
        .client
        .list_files(files.server, &path, 1, u32::MAX)
        .await;
    match listed {
        Ok(page) => Ok(page.entries),
        Err(error) => Err(files.told_about(directory, error).await),
    }
}

async fn names_in(files: &Files, directory: &FilePath) -> Result<HashSet<String>, Error> {
    let entries = entries_of(files, directory).await?;
    Ok(entries.into_iter().map(|entry| entry.name).collect())
}

/// The entry of `directory` that was not there `before` and is called like a copy of `source`.
async fn new_entry(
    files: &Files,
    directory: &FilePath,
    before: &HashSet<String>,
    source: &str,
) -> Result<Entry, Error> {
    let stem = source.split('.').next().unwrap_or_default();
    let entries = entries_of(files, directory).await?;
    let is_copy = |entry: &Entry| !before.contains(&entry.name) && entry.name.starts_with(stem);
    entries.into_iter().find(is_copy).ok_or(Error::NodeRefused {
        status: 204,
        message: "it made no copy that could be found".to_owned(),
    })
}

/// What a node says of one path.
async fn find(files: &Files, path: &FilePath) -> Result<Entry, Error> {
    let directory = path.parent().absolute();
    let listed = files
        .client
        .list_files(
            files.server,
            &directory,
            1,
            panel_domain::files::MAX_ENTRIES,
        )
        .await
        .map_err(told)?;
    let mut entries = listed.entries.into_iter();
    entries
        .find(|entry| entry.name == path.name())
        .ok_or(Error::not_found("file"))
}
