//! Finding, hashing and looking into files.

use panel_domain::id::ServerId;
use reqwest::Method;

use super::{ByteStream, Call, NodeClient};
use crate::capability::Capability;
use crate::error::Error;
use crate::flavour::Flavour;
use crate::wire::files::{
    Algorithm, Entry, Fingerprints, PathFilter, Revision, Revisions, Search, SearchResults,
    SqliteQuery, SqliteResult, SqliteResults,
};

/// Shortest text that Pelican searches for, bytes.
const SHORTEST_PATTERN: usize = 3;

impl NodeClient {
    /// Files whose name contains `text` or, with `*` and `?`, matches it, whatever the case. Names in the answer are paths. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on Pterodactyl; [`Error::Refused`] with 404 when there is no such directory, 400 for a text of less than 3
    /// bytes; and as for every call.
    pub async fn find_files(
        &self,
        server: ServerId,
        directory: &str,
        text: &str,
        most: u32,
    ) -> Result<Vec<Entry>, Error> {
        const CALL: Call = Call::read("search files");
        let profile = self.require(Capability::FileSearch).await?;
        if text.len() < SHORTEST_PATTERN {
            return Err(Error::Refused {
                call: CALL.name,
                status: 400,
                message: "Pattern must be at least 3 characters long".into(),
            });
        }
        if profile.flavour == Flavour::Calagopus {
            let pattern = if text.contains(['*', '?']) {
                format!("**/{text}")
            } else {
                format!("**/*{text}*")
            };
            let search = Search {
                root: directory.to_owned(),
                path_filter: Some(PathFilter {
                    include: vec![pattern],
                    exclude: Vec::new(),
                    case_insensitive: true,
                }),
                size_filter: None,
                content_filter: None,
                per_page: most,
            };
            return self.search_files(server, &search).await;
        }
        let request = self
            .server_request(Method::GET, server, &["files", "search"])
            .query(&[("directory", directory), ("pattern", text)]);
        let call = Call::search(CALL.name);
        let (status, body) = self.exchange(call, request).await?;
        let mut found = first_value(call, status, &body)?;
        found.truncate(most as usize);
        Ok(found)
    }

    /// Files by name, size and content. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons; [`Error::Refused`] with 404; and as for every call.
    pub async fn search_files(
        &self,
        server: ServerId,
        search: &Search,
    ) -> Result<Vec<Entry>, Error> {
        self.require(Capability::ContentSearch).await?;
        let found: SearchResults = self
            .fetch_json(
                Call::search("search files"),
                self.server_request(Method::POST, server, &["files", "search"]),
                search,
            )
            .await?;
        Ok(found.results)
    }

    /// Checksums of files, by path as given; those that cannot be read are left out. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn fingerprints(
        &self,
        server: ServerId,
        algorithm: Algorithm,
        files: &[String],
    ) -> Result<Fingerprints, Error> {
        self.require(Capability::FileFingerprints).await?;
        let files: Vec<_> = files.iter().map(|file| ("files", file)).collect();
        let request = self
            .server_request(Method::GET, server, &["files", "fingerprints"])
            .query(&[("algorithm", algorithm.as_str())])
            .query(&files);
        self.fetch(Call::search("fingerprint files"), request).await
    }

    /// Former versions of a file. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn revisions(&self, server: ServerId, file: &str) -> Result<Vec<Revision>, Error> {
        self.require(Capability::FileRevisions).await?;
        let request = self
            .server_request(Method::GET, server, &["files", "revisions"])
            .query(&[("file", file)]);
        let answer: Revisions = self.fetch(Call::read("list revisions"), request).await?;
        Ok(answer.revisions)
    }

    /// A former version of a file, as a stream. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 404; and as for every call.
    pub async fn read_revision(
        &self,
        server: ServerId,
        file: &str,
        revision: i64,
    ) -> Result<ByteStream, Error> {
        self.require(Capability::FileRevisions).await?;
        let revision = revision.to_string();
        let request = self
            .server_request(Method::GET, server, &["files", "revisions", &revision])
            .query(&[("file", file)]);
        self.stream(Call::stream("read revision"), request).await
    }

    /// The directories below `directory` that hold the most. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn largest_directories(
        &self,
        server: ServerId,
        directory: &str,
        ignored: &[String],
    ) -> Result<Vec<Entry>, Error> {
        self.require(Capability::LargestDirectories).await?;
        let ignored: Vec<_> = ignored.iter().map(|pattern| ("ignored", pattern)).collect();
        let request = self
            .server_request(Method::GET, server, &["files", "largest-directories"])
            .query(&[("directory", directory)])
            .query(&ignored);
        self.fetch(Call::search("list largest directories"), request)
            .await
    }

    /// Runs statements in a SQLite file of the server. Repeatable when `read_only`; **at most once** otherwise.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 400 for a statement that fails, 408 for one that
    /// takes too long, 417 for a file that is no database; and as for every call.
    pub async fn query_sqlite(
        &self,
        server: ServerId,
        query: &SqliteQuery,
    ) -> Result<Vec<SqliteResult>, Error> {
        self.require(Capability::SqliteQueries).await?;
        let call = if query.read_only {
            Call::search("query SQLite file")
        } else {
            Call::with("query SQLite file", crate::error::Effect::AtMostOnce)
        };
        let answer: SqliteResults = self
            .fetch_json(
                call,
                self.server_request(Method::POST, server, &["files", "sqlite-query"]),
                query,
            )
            .await?;
        Ok(answer.results)
    }
}

/// Pelican answers a search in a directory that is not there with two values in a row and status 200: an object with a message, then an
/// empty list. The first one counts.
fn first_value(call: Call, status: u16, body: &[u8]) -> Result<Vec<Entry>, Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Answer {
        Found(Option<Vec<Entry>>),
        Missing { message: String },
    }
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<Answer>();
    match values.next() {
        Some(Ok(Answer::Found(found))) => Ok(found.unwrap_or_default()),
        Some(Ok(Answer::Missing { message })) => Err(Error::Refused {
            call: call.name,
            status: 404,
            message,
        }),
        other => Err(Error::Unexpected {
            call: call.name,
            status,
            detail: match other {
                Some(Err(error)) => error.to_string(),
                _ => "an empty answer".into(),
            },
        }),
    }
}
