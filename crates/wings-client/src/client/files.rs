//! The file area of a server.

use bytes::Bytes;
use panel_domain::id::{ServerId, UserId};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ByteStream, Call, Content, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::files::{
    Chmod, CreateDirectory, CreateSymlink, Delete, Deleted, Entry, EntryPage, ModeChange, Move,
    Rename, Renamed, Updated, Written,
};

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
            ..EntryPage::default()
        })
    }

    /// As [`Self::list_files`], in another order (`size_desc`, `modified_asc`, ...) and without what matches one of `ignored`. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for [`Self::list_files`].
    pub async fn list_files_sorted(
        &self,
        server: ServerId,
        directory: &str,
        sort: &str,
        ignored: &[String],
        page: u32,
        per_page: u32,
    ) -> Result<EntryPage, Error> {
        self.require(Capability::SortedFileList).await?;
        let ignored: Vec<_> = ignored.iter().map(|pattern| ("ignored", pattern)).collect();
        let request = self
            .server_request(Method::GET, server, &["files", "list"])
            .query(&[("directory", directory), ("sort", sort)])
            .query(&[("page", page.max(1)), ("per_page", per_page.max(1))])
            .query(&ignored);
        self.fetch(Call::read("list files"), request).await
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
    ) -> Result<ByteStream, Error> {
        let mut request = self
            .server_request(Method::GET, server, &["files", "contents"])
            .query(&[("file", file)]);
        if let Some(max_size) = max_size {
            request = request.query(&[("max_size", max_size)]);
        }
        self.stream(Call::stream("read file"), request).await
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

    /// Writes a whole file as its content comes, with a bound on the time between two pieces only. `user` is kept with the former version
    /// where the daemon keeps those; its number comes back then. Repeatable with the same content.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the content stops coming, and as for [`Self::write_file`].
    pub async fn write_file_stream(
        &self,
        server: ServerId,
        file: &str,
        user: Option<UserId>,
        content: Content,
    ) -> Result<Option<i64>, Error> {
        let mut request = self
            .server_request(Method::POST, server, &["files", "write"])
            .query(&[("file", file)])
            .header(CONTENT_TYPE, "text/plain");
        if let Some(user) = user {
            request = request.query(&[("user", user.to_string())]);
        }
        let call = Call::with("write file", Effect::Repeatable);
        let (_, body) = self.send_content(call, request, content).await?;
        // Only the newest daemons say more than that it is done.
        let written: Written = serde_json::from_slice(&body).unwrap_or_default();
        Ok(written.revision_id)
    }

    /// Sends an order about several files and reads how many it concerned, where the daemon says.
    async fn count<T: DeserializeOwned, B: Serialize + Sync>(
        &self,
        call: Call,
        request: RequestBuilder,
        order: &B,
    ) -> Result<Option<T>, Error> {
        let (_, body) = self.exchange(call, request.json(order)).await?;
        // The Go daemons answer nothing.
        Ok(serde_json::from_slice(&body).ok())
    }

    /// Renames or moves files below `root`, and says how many where the daemon does. **Probe first.** Calagopus leaves out what
    /// conflicts, without an error.
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 when a target exists (Go), and as for every call.
    pub async fn rename_files(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<Move>,
    ) -> Result<Option<u64>, Error> {
        let body = Rename {
            root: root.to_owned(),
            files,
        };
        let counted: Option<Renamed> = self
            .count(
                Call::with("rename files", Effect::ProbeFirst),
                self.server_request(Method::PUT, server, &["files", "rename"]),
                &body,
            )
            .await?;
        Ok(counted.map(|counted| counted.renamed))
    }

    /// Deletes files and directories below `root`, and says how many where the daemon does; those that are not there are left out.
    /// Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 422 for an empty list (Go), and as for every call.
    pub async fn delete_files(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<String>,
    ) -> Result<Option<u64>, Error> {
        let body = Delete {
            root: root.to_owned(),
            files,
        };
        let counted: Option<Deleted> = self
            .count(
                Call::with("delete files", Effect::Repeatable),
                self.server_request(Method::POST, server, &["files", "delete"]),
                &body,
            )
            .await?;
        Ok(counted.map(|counted| counted.deleted))
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

    /// Makes a symbolic link below `root`. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn create_symlink(
        &self,
        server: ServerId,
        root: &str,
        link: &str,
        target: &str,
    ) -> Result<(), Error> {
        self.require(Capability::Symlinks).await?;
        let body = CreateSymlink {
            root: root.to_owned(),
            link: link.to_owned(),
            target: target.to_owned(),
        };
        self.act_json(
            Call::with("create symlink", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "create-symlink"]),
            &body,
        )
        .await
    }

    /// Sets modes, given in octal digits, and says of how many files where the daemon does. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for `recursive` on every daemon but Calagopus 1; [`Error::Refused`] with 400 for a mode that is none, and as for every call.
    pub async fn change_modes(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<ModeChange>,
    ) -> Result<Option<u64>, Error> {
        if files.iter().any(|change| change.recursive) {
            self.require(Capability::RecursiveModes).await?;
        }
        let body = Chmod {
            root: root.to_owned(),
            files,
        };
        let counted: Option<Updated> = self
            .count(
                Call::with("change modes", Effect::Repeatable),
                self.server_request(Method::POST, server, &["files", "chmod"]),
                &body,
            )
            .await?;
        Ok(counted.map(|counted| counted.updated))
    }
}
