//! Looking into files: checksums, former versions, what takes the most room, SQLite.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::files::{FilePath, MAX_SEARCH_RESULTS};
use panel_domain::id::{ServerRef, UserId};
use panel_domain::permission::ServerPermission;
use panel_domain::validate::Invalid;
use panel_storage::users::{self, User};
use serde_json::json;
use wings_client::Capability;
use wings_client::wire::files::{self as wire, Algorithm, Entry, SqliteResult};

use super::access::{Files, told};
use super::list::is_seen;
use super::read::{self, Reading};
use crate::cx::Cx;
use crate::error::Error;

/// A former version of a file.
#[derive(Debug, Clone)]
pub struct RevisionDetails {
    /// Its number.
    pub id: i64,
    /// Bytes.
    pub size: u64,
    /// Whether the node keeps all of it, not a difference.
    pub is_snapshot: bool,
    /// Who wrote it, if that is known and they are still here.
    pub user: Option<User>,
    /// When it was written.
    pub created: DateTime<Utc>,
}

/// Statements for a SQLite file.
#[derive(Debug, Clone)]
pub struct SqliteQuery {
    /// The database.
    pub file: String,
    /// The statements, 1 to 65535 characters.
    pub query: String,
    /// Refuse those that write.
    pub read_only: bool,
    /// Most rows of each, 1 to 1000.
    pub rows: u32,
}

/// The checksum of a file: lower-case hex, a decimal number for CurseForge's.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::NodeLacksCapability`]; [`Error::Conflict`] by the server's state;
/// those of the node.
pub async fn fingerprint(
    cx: &Cx,
    server: ServerRef,
    file: &str,
    algorithm: Algorithm,
) -> Result<String, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?.absolute();
    let asked = [path.clone()];
    let mut found = files
        .client
        .fingerprints(files.server, algorithm, &asked)
        .await
        .map_err(told)?;
    found
        .fingerprints
        .remove(&path)
        .ok_or(Error::not_found("file"))
}

/// The directories below `directory` that hold the most, largest first.
///
/// # Errors
/// As [`fingerprint`].
pub async fn largest_directories(
    cx: &Cx,
    server: ServerRef,
    directory: &str,
) -> Result<Vec<Entry>, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesRead).await?;
    let directory = files.directory("directory", directory)?;
    let patterns = files.hidden.patterns();
    let mut found = files
        .client
        .largest_directories(files.server, &directory.absolute(), patterns)
        .await
        .map_err(told)?;
    found.retain(|entry| is_seen(&files, &directory, entry));
    found.truncate(MAX_SEARCH_RESULTS as usize);
    Ok(found)
}

/// The former versions of a file.
///
/// # Errors
/// As [`fingerprint`].
pub async fn revisions(
    cx: &Cx,
    server: ServerRef,
    file: &str,
) -> Result<Vec<RevisionDetails>, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?;
    let found = files
        .client
        .revisions(files.server, &path.absolute())
        .await
        .map_err(told)?;
    let authors: Vec<UserId> = found
        .iter()
        .filter_map(|revision| revision.user)
        .map(UserId::from)
        .collect();
    let people: HashMap<UserId, User> = if authors.is_empty() {
        HashMap::new()
    } else {
        let people = users::load_many(&mut cx.read().await?, &authors).await?;
        people.into_iter().map(|user| (user.id, user)).collect()
    };
    let details = found.into_iter().map(|revision| RevisionDetails {
        id: revision.id,
        size: revision.size,
        is_snapshot: revision.is_snapshot,
        user: revision
            .user
            .and_then(|user| people.get(&UserId::from(user)).cloned()),
        created: revision.created.to_utc(),
    });
    Ok(details.collect())
}

/// The content of a former version.
///
/// # Errors
/// As [`fingerprint`].
pub async fn read_revision(
    cx: &Cx,
    server: ServerRef,
    file: &str,
    revision: i64,
) -> Result<Reading, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesReadContent).await?;
    let path = files.entry("file", &FilePath::ROOT, file)?;
    read::revision(&files, &path, revision).await
}

/// Runs statements in a SQLite file. Those from whom files are hidden may not: a statement can open other files.
///
/// # Errors
/// As [`fingerprint`]; [`Error::Conflict`] for a statement that fails or takes too long, and for a file that is no database.
pub async fn query_sqlite(
    cx: &Cx,
    server: ServerRef,
    input: SqliteQuery,
) -> Result<Vec<SqliteResult>, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesQueryRaw).await?;
    let path = files.entry("file", &FilePath::ROOT, &input.file)?;
    files.nothing_hidden_below(&FilePath::ROOT)?;
    let mut invalid = Invalid::new();
    let length = input.query.chars().count();
    let fits = (1..=65_535).contains(&length);
    invalid.require(fits, "query", "must be 1 to 65535 characters long");
    invalid.range("rows", &input.rows, 1..=1000);
    invalid.finish()?;
    files.needs(Capability::SqliteQueries).await?;
    let query = wire::SqliteQuery {
        file: path.absolute(),
        query: input.query,
        read_only: input.read_only,
        rows: input.rows,
    };
    let call = || files.client.query_sqlite(files.server, &query);
    if query.read_only {
        return call().await.map_err(told);
    }
    let details = json!({ "file": query.file, "query": query.query });
    files
        .act(cx, cx.entry(Event::FileQuery, details), call)
        .await
}
