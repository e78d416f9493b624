//! The file area of a server.

use std::time::Duration;

use bytes::Bytes;
use panel_domain::id::ServerId;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, Response};

use super::{Call, NodeClient};
use crate::error::{Cause, Effect, Error};
use crate::flavour::Capability;
use crate::wire::files::{
    Chmod, Copy, CreateDirectory, Delete, Entry, EntryPage, ModeChange, Move, Rename,
};
use panel_domain::id::NodeId;

/// A file on its way from a node.
#[derive(Debug)]
pub struct FileStream {
    node: NodeId,
    response: Response,
    piece: Duration,
}

impl FileStream {
    /// Bytes to expect; an estimate for files that the daemon unpacks on the fly, and unknown for some.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// The next piece, or nothing at the end.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when the connection breaks or no piece comes in time.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let cause = match tokio::time::timeout(self.piece, self.response.chunk()).await {
            Ok(Ok(piece)) => return Ok(piece),
            Ok(Err(_)) => Cause::Broken,
            Err(_) => Cause::Deadline,
        };
        Err(Error::Unreachable {
            node: self.node,
            call: "read file",
            cause,
        })
    }
}

impl NodeClient {
    /// Entries of a directory, directories first, by name. `page` counts from 1. The Go daemons give all at once; the page is then cut
    /// here. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 404 when there is no such directory (500 on Pterodactyl), 417 when it is a file (Calagopus); and as
    /// for every call.
    pub async fn list_files(
        &self,
        server: ServerId,
        directory: &str,
        page: u32,
        per_page: u32,
    ) -> Result<EntryPage, Error> {
        const CALL: Call = Call::read("list files");
        let paged = self
            .profile()
            .await?
            .capabilities()
            .has(Capability::PagedFileList);
        if paged {
            let request = self
                .server_request(Method::GET, server, &["files", "list"])
                .query(&[("directory", directory), ("sort", "name_asc")])
                .query(&[("page", page.max(1)), ("per_page", per_page.max(1))]);
            return self.fetch(CALL, request).await;
        }
        let request = self
            .server_request(Method::GET, server, &["files", "list-directory"])
            .query(&[("directory", directory)]);
        let all: Option<Vec<Entry>> = self.fetch(CALL, request).await?;
        let all = all.unwrap_or_default();
        let skip = (page.max(1) - 1) as usize * per_page.max(1) as usize;
        Ok(EntryPage {
            total: all.len() as u64,
            entries: all
                .into_iter()
                .skip(skip)
                .take(per_page.max(1) as usize)
                .collect(),
        })
    }

    /// Reads a file as a stream. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 404 when there is no such file (500 on Pterodactyl), 413 when it is longer than `max_size` bytes and the
    /// daemon looks at that (Calagopus); and as for every call.
    pub async fn read_file(
        &self,
        server: ServerId,
        file: &str,
        max_size: Option<u64>,
    ) -> Result<FileStream, Error> {
        let mut request = self
            .server_request(Method::GET, server, &["files", "contents"])
            .query(&[("file", file)]);
        if let Some(max_size) = max_size {
            request = request.query(&[("max_size", max_size)]);
        }
        Ok(FileStream {
            node: self.id(),
            response: self.open(Call::stream("read file"), request).await?,
            piece: self.stream_piece(),
        })
    }

    /// Writes a whole file; directories on its way are made. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] when a directory has that name, the disk is full, or the egg forbids the file; and as for every call.
    pub async fn write_file(
        &self,
        server: ServerId,
        file: &str,
        content: Bytes,
    ) -> Result<(), Error> {
        let request = self
            .server_request(Method::POST, server, &["files", "write"])
            .query(&[("file", file)])
            .header(CONTENT_TYPE, "text/plain")
            // The Go daemons refuse a body without its length.
            .header(CONTENT_LENGTH, content.len())
            .body(content);
        self.act(Call::long("write file", Effect::Repeatable), request)
            .await
    }

    /// Renames or moves files below `root`. **Probe first.** Calagopus leaves out what conflicts, without an error.
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 when a target exists (Go), and as for every call.
    pub async fn rename_files(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<Move>,
    ) -> Result<(), Error> {
        let body = Rename {
            root: root.to_owned(),
            files,
        };
        self.act_json(
            Call::with("rename files", Effect::ProbeFirst),
            self.server_request(Method::PUT, server, &["files", "rename"]),
            &body,
        )
        .await
    }

    /// Copies a file beside itself, under a name the daemon makes up when none is given. **Probe first.**
    ///
    /// # Errors
    /// As for every call.
    pub async fn copy_file(
        &self,
        server: ServerId,
        file: &str,
        name: Option<String>,
    ) -> Result<(), Error> {
        let body = Copy {
            location: file.to_owned(),
            path: file.to_owned(),
            name,
        };
        self.act_json(
            Call::long("copy file", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "copy"]),
            &body,
        )
        .await
    }

    /// Deletes files and directories below `root`; those that are not there are left out. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 422 for an empty list (Go), and as for every call.
    pub async fn delete_files(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<String>,
    ) -> Result<(), Error> {
        let body = Delete {
            root: root.to_owned(),
            files,
        };
        self.act_json(
            Call::with("delete files", Effect::Repeatable),
            self.server_request(Method::POST, server, &["files", "delete"]),
            &body,
        )
        .await
    }

    /// Makes a directory. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] when a file has that name, and as for every call.
    pub async fn create_directory(
        &self,
        server: ServerId,
        root: &str,
        name: &str,
    ) -> Result<(), Error> {
        let body = CreateDirectory {
            name: name.to_owned(),
            path: root.to_owned(),
            root: root.to_owned(),
        };
        self.act_json(
            Call::with("create directory", Effect::Repeatable),
            self.server_request(Method::POST, server, &["files", "create-directory"]),
            &body,
        )
        .await
    }

    /// Sets modes, given in octal digits. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 for a mode that is none, and as for every call.
    pub async fn change_modes(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<ModeChange>,
    ) -> Result<(), Error> {
        let body = Chmod {
            root: root.to_owned(),
            files,
        };
        self.act_json(
            Call::with("change modes", Effect::Repeatable),
            self.server_request(Method::POST, server, &["files", "chmod"]),
            &body,
        )
        .await
    }
}
