//! Moving, deleting and making files and directories, and who may run them.

use panel_domain::activity::Event;
use panel_domain::files::{FilePath, Kind};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use panel_domain::validate::Invalid;
use serde_json::json;
use wings_client::Capability;
use wings_client::wire::files::{self as wire, Move};

use super::access::{Files, check_count, fitting};
use crate::cx::Cx;
use crate::error::Error;

/// Files to be moved or renamed.
#[derive(Debug, Clone)]
pub struct RenameFiles {
    /// The directory that the paths are relative to.
    pub root: String,
    /// What goes where.
    pub files: Vec<Move>,
}

/// Files to be deleted.
#[derive(Debug, Clone)]
pub struct DeleteFiles {
    /// The directory that the names are relative to.
    pub root: String,
    /// Which.
    pub files: Vec<String>,
}

/// A new mode.
#[derive(Debug, Clone)]
pub struct ModeChange {
    /// Of which file.
    pub file: String,
    /// Octal digits.
    pub mode: String,
    /// Of everything below it as well.
    pub recursive: bool,
}

/// New modes.
#[derive(Debug, Clone)]
pub struct ChangeModes {
    /// The directory that the names are relative to.
    pub root: String,
    /// The changes.
    pub files: Vec<ModeChange>,
}

fn absolute(paths: &[FilePath]) -> Vec<String> {
    paths.iter().map(FilePath::absolute).collect()
}

fn relative(paths: &[FilePath]) -> Vec<String> {
    paths.iter().map(|path| path.as_str().to_owned()).collect()
}

/// How many the node says, or else how many there were to do.
fn counted(told: Option<u64>, asked: usize) -> u64 {
    told.unwrap_or(asked as u64)
}

/// Both ends of moves, in the form for nodes.
pub(super) fn moves(
    files: &Files,
    root: &FilePath,
    destination: &FilePath,
    moves: &[Move],
) -> Result<(Vec<FilePath>, Vec<FilePath>), Error> {
    check_count("files", moves.len())?;
    let from = files.entries(
        "files.from",
        root,
        moves.iter().map(|each| each.from.as_str()),
    )?;
    let to = files.entries(
        "files.to",
        destination,
        moves.iter().map(|each| each.to.as_str()),
    )?;
    Ok((from, to))
}

/// Pairs of paths as nodes are told, relative to the server's root.
pub(super) fn pairs(from: &[FilePath], to: &[FilePath]) -> Vec<Move> {
    let pairs = from.iter().zip(to);
    pairs
        .map(|(from, to)| Move {
            from: from.as_str().to_owned(),
            to: to.as_str().to_owned(),
        })
        .collect()
}

/// The same for the log.
pub(super) fn told_pairs(from: &[FilePath], to: &[FilePath]) -> serde_json::Value {
    let pairs = from.iter().zip(to);
    pairs
        .map(|(from, to)| json!({ "from": from.absolute(), "to": to.absolute() }))
        .collect()
}

/// Moves or renames files and directories; gives how many.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::Conflict`] by the server's state, and when the node refuses; those of
/// the node.
pub async fn rename(cx: &Cx, server: ServerRef, input: RenameFiles) -> Result<u64, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesUpdate).await?;
    let root = files.directory("root", &input.root)?;
    let (from, to) = moves(&files, &root, &root, &input.files)?;
    files.nothing_hidden_between(&from, &to).await?;
    let order = pairs(&from, &to);
    let details = fitting(json!({ "files": told_pairs(&from, &to) }));
    let call = || files.client.rename_files(files.server, "/", order.clone());
    let told = files
        .act(cx, cx.entry(Event::FileRename, details), call)
        .await?;
    Ok(counted(told, from.len()))
}

/// Deletes files, and directories with all in them; gives how many. One that is not there is no error.
///
/// # Errors
/// As [`rename`].
pub async fn delete(cx: &Cx, server: ServerRef, input: DeleteFiles) -> Result<u64, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesDelete).await?;
    let root = files.directory("root", &input.root)?;
    let paths = files.entries("files", &root, input.files.iter().map(String::as_str))?;
    files.nothing_hidden_in(&paths).await?;
    let order = relative(&paths);
    let details = fitting(json!({ "files": absolute(&paths) }));
    let call = || files.client.delete_files(files.server, "/", order.clone());
    let told = files
        .act(cx, cx.entry(Event::FileDelete, details), call)
        .await?;
    Ok(counted(told, paths.len()))
}

/// Sets modes; gives of how many files.
///
/// # Errors
/// As [`rename`]; [`Error::NodeLacksCapability`] for what is below a directory.
pub async fn change_modes(cx: &Cx, server: ServerRef, input: ChangeModes) -> Result<u64, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesUpdate).await?;
    let root = files.directory("root", &input.root)?;
    let names = input.files.iter().map(|change| change.file.as_str());
    let paths = files.entries("files.file", &root, names)?;
    let mut invalid = Invalid::new();
    for change in &input.files {
        let digits = change
            .mode
            .bytes()
            .all(|digit| (b'0'..=b'7').contains(&digit));
        let fits = (3..=4).contains(&change.mode.len());
        invalid.require(digits && fits, "files.mode", "must be 3 or 4 octal digits");
    }
    invalid.finish()?;
    let deep = paths.iter().zip(&input.files);
    let deep: Vec<FilePath> = deep
        .filter(|(_, change)| change.recursive)
        .map(|(path, _)| path.clone())
        .collect();
    if !deep.is_empty() {
        files.needs(Capability::RecursiveModes).await?;
        files.nothing_hidden_in(&deep).await?;
    }
    let changes = paths.iter().zip(&input.files);
    let order: Vec<wire::ModeChange> = changes
        .map(|(path, change)| wire::ModeChange {
            file: path.as_str().to_owned(),
            mode: change.mode.clone(),
            recursive: change.recursive,
        })
        .collect();
    let told = order.iter().zip(&paths);
    let told = told.map(|(change, path)| json!({ "file": path.absolute(), "mode": change.mode }));
    let details = fitting(json!({ "files": told.collect::<Vec<_>>() }));
    let call = || files.client.change_modes(files.server, "/", order.clone());
    let told = files
        .act(cx, cx.entry(Event::FileModes, details), call)
        .await?;
    Ok(counted(told, paths.len()))
}

/// Makes a directory, and those on its way. One that is there already is no error.
///
/// # Errors
/// As [`rename`].
pub async fn create_directory(
    cx: &Cx,
    server: ServerRef,
    root: &str,
    name: &str,
) -> Result<(), Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    let root = files.directory("root", root)?;
    let path = files.entry("name", &root, name)?;
    let parent = path.parent().absolute();
    let details = json!({ "directory": path.absolute() });
    let call = || {
        files
            .client
            .create_directory(files.server, &parent, path.name())
    };
    files
        .act(cx, cx.entry(Event::FileCreateDirectory, details), call)
        .await
}

/// Makes a symbolic link to something in the server's files. Those from whom files are hidden may not: by a link everything behind it gets
/// another name, one that no pattern matches, and one that is moved leads elsewhere.
///
/// # Errors
/// As [`rename`]; [`Error::NodeLacksCapability`].
pub async fn create_symlink(
    cx: &Cx,
    server: ServerRef,
    root: &str,
    link: &str,
    target: &str,
) -> Result<(), Error> {
    let files = Files::open(cx, server, ServerPermission::FilesCreate).await?;
    let root = files.directory("root", root)?;
    let path = files.entry("link", &root, link)?;
    let from = if target.starts_with('/') {
        FilePath::ROOT
    } else {
        path.parent()
    };
    let leads_to = from
        .join(target)
        .map_err(|bad| Error::invalid("target", bad.to_string()))?;
    if files.hidden.hides(&leads_to, Kind::Unknown) {
        return Err(Error::not_found("file"));
    }
    files.nothing_hidden_below(&FilePath::ROOT)?;
    files.needs(Capability::Symlinks).await?;
    let (root, link) = (path.parent().absolute(), path.name());
    let details = json!({ "link": path.absolute(), "target": target });
    let call = || {
        files
            .client
            .create_symlink(files.server, &root, link, target)
    };
    files
        .act(cx, cx.entry(Event::FileCreateSymlink, details), call)
        .await
}
