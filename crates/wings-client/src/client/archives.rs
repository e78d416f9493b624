//! Packing, unpacking, copying and fetching files, at once or in the background.

use panel_domain::id::ServerId;
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use uuid::Uuid;

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::flavour::Flavour;
use crate::wire::files::{
    ArchiveFormat, CalagopusPull, Compress, Copied, Copy, CopyMany, CopyRemote, Decompress, Entry,
    GoPull, Operations, Pull, PullPreview, PullQuery, Pulls, Started,
};

/// What came of work that a daemon does at once or in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Done; the file that came of it, where the daemon says.
    Done(Option<Box<Entry>>),
    /// Goes on under this id; its end is told on the websocket.
    Started(Uuid),
}

/// A download of the node under way.
#[derive(Debug, Clone, PartialEq)]
pub struct PullStatus {
    /// Its id.
    pub id: Uuid,
    /// Where it goes; the Go daemons do not say.
    pub destination: Option<String>,
    /// Part that is done, 0–1; nothing when the whole is unknown.
    pub fraction: Option<f64>,
    /// Bytes that are here; the Go daemons do not say.
    pub bytes: Option<u64>,
    /// Bytes in all; the Go daemons do not say.
    pub total: Option<u64>,
}

impl From<GoPull> for PullStatus {
    fn from(pull: GoPull) -> Self {
        Self {
            id: pull.identifier,
            destination: None,
            fraction: Some(pull.progress.clamp(0.0, 1.0)),
            bytes: None,
            total: None,
        }
    }
}

impl From<CalagopusPull> for PullStatus {
    fn from(pull: CalagopusPull) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
        let fraction =
            (pull.total > 0).then(|| (pull.progress as f64 / pull.total as f64).min(1.0));
        Self {
            id: pull.identifier,
            destination: Some(pull.destination),
            fraction,
            bytes: Some(pull.progress),
            total: Some(pull.total),
        }
    }
}

impl NodeClient {
    /// Sends an order that is done at once (with or without telling the file) or goes on in the background (202 with an id).
    async fn work<B: Serialize + Sync>(
        &self,
        call: Call,
        request: RequestBuilder,
        body: &B,
    ) -> Result<Work, Error> {
        let (status, body) = self.exchange(call, request.json(body)).await?;
        if let Ok(started) = serde_json::from_slice::<Started>(&body) {
            return Ok(Work::Started(started.identifier));
        }
        if status == 202 && !body.is_empty() && body.as_ref() != b"{}" {
            return Err(Error::Unexpected {
                call: call.name,
                status,
                detail: "work was begun without an id".into(),
            });
        }
        Ok(Work::Done(serde_json::from_slice(&body).ok().map(Box::new)))
    }

    /// Packs files below `root` into an archive there. `name` is without an ending; the daemon makes one up when there is none. In the
    /// `background`, its end is told on the websocket. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for another format than `tar.gz` or a name on Pterodactyl, for a format that Pelican has not, and for
    /// `background` on the Go daemons; [`Error::Refused`] with 409 when the disk is full (Go), 404 or 417 (Calagopus); and as for every call.
    pub async fn compress(
        &self,
        server: ServerId,
        root: &str,
        files: Vec<String>,
        name: Option<&str>,
        format: ArchiveFormat,
        background: bool,
    ) -> Result<Work, Error> {
        let profile = self.profile().await?;
        let lacks = |capability| Error::LacksCapability {
            capability,
            flavour: profile.flavour,
        };
        let mut body = Compress {
            root: root.to_owned(),
            files,
            ..Compress::default()
        };
        match profile.flavour {
            Flavour::Pterodactyl if format != ArchiveFormat::TarGz || name.is_some() => {
                return Err(lacks(Capability::ArchiveFormats));
            }
            Flavour::Pterodactyl | Flavour::Pelican if background => {
                return Err(lacks(Capability::BackgroundOperations));
            }
            Flavour::Pterodactyl => {}
            Flavour::Pelican => {
                let extension = format
                    .pelican_extension()
                    .ok_or_else(|| lacks(Capability::ArchiveFormats))?;
                body.extension = Some(extension.to_owned());
                body.name = Some(name.unwrap_or_default().to_owned());
            }
            Flavour::Calagopus => {
                body.format = Some(format.as_str().to_owned());
                body.name = name.map(|name| format!("{name}.{}", format.extension()));
                body.foreground = Some(!background);
            }
        }
        self.work(
            Call::long("compress files", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "compress"]),
            &body,
        )
        .await
    }

    /// Unpacks an archive into `root`. Repeatable: the same files come of it again.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for `background` on the Go daemons; [`Error::Refused`] with 400 (Go) or 417 (Calagopus) for something that is
    /// no archive or does not fit; and as for every call.
    pub async fn decompress(
        &self,
        server: ServerId,
        root: &str,
        file: &str,
        background: bool,
    ) -> Result<Work, Error> {
        if background {
            self.require(Capability::BackgroundOperations).await?;
        }
        let body = Decompress {
            root: root.to_owned(),
            file: file.to_owned(),
            foreground: Some(!background),
        };
        self.work(
            Call::long("decompress file", Effect::Repeatable),
            self.server_request(Method::POST, server, &["files", "decompress"]),
            &body,
        )
        .await
    }

    /// Copies a file beside itself, under a name the daemon makes up when none is given. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for a name on the Go daemons, and as for every call.
    pub async fn copy_file(
        &self,
        server: ServerId,
        file: &str,
        name: Option<String>,
    ) -> Result<Work, Error> {
        if name.is_some() {
            self.require(Capability::NamedCopy).await?;
        }
        self.copy(server, file, name, false, true).await
    }

    /// As [`Self::copy_file`], replacing what is there if wanted, in the background. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn copy_file_in_background(
        &self,
        server: ServerId,
        file: &str,
        name: Option<String>,
        overwrite: bool,
    ) -> Result<Work, Error> {
        self.require(Capability::BackgroundCopy).await?;
        self.copy(server, file, name, overwrite, false).await
    }

    async fn copy(
        &self,
        server: ServerId,
        file: &str,
        name: Option<String>,
        overwrite: bool,
        foreground: bool,
    ) -> Result<Work, Error> {
        let body = Copy {
            location: file.to_owned(),
            path: file.to_owned(),
            name,
            overwrite,
            foreground,
        };
        self.work(
            Call::long("copy file", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "copy"]),
            &body,
        )
        .await
    }

    /// Copies many files; says how many, or under which id it goes on, and what was left out. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn copy_many(&self, server: ServerId, order: &CopyMany) -> Result<Copied, Error> {
        self.require(Capability::CopyMany).await?;
        self.fetch_json(
            Call::long("copy files", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "copy-many"]),
            order,
        )
        .await
    }

    /// Copies files to another server, on another node if need be. The token is signed by [`crate::tokens::TransferSigner`] for the
    /// destination's node. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn copy_remote(&self, server: ServerId, order: &CopyRemote) -> Result<Work, Error> {
        self.require(Capability::RemoteCopy).await?;
        self.work(
            Call::long("copy files to another server", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["files", "copy-remote"]),
            order,
        )
        .await
    }

    /// Lets the node fetch a file from the network. In the background it goes on under an id, otherwise the answer comes at its end.
    /// **Probe first.**
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 (Go) or 417 (Calagopus) when that is switched off, too many are under way or the address is private; 500 from the Go
    /// daemons when fetching failed; and as for every call.
    pub async fn pull_file(&self, server: ServerId, order: &Pull) -> Result<Work, Error> {
        // The Go daemons want a directory that is not empty.
        let root = if order.root.is_empty() {
            "/"
        } else {
            &order.root
        };
        let order = Pull {
            root: root.to_owned(),
            ..order.clone()
        };
        let call = if order.foreground {
            Call::long("pull file", Effect::ProbeFirst)
        } else {
            Call::with("pull file", Effect::ProbeFirst)
        };
        self.work(
            call,
            self.server_request(Method::POST, server, &["files", "pull"]),
            &order,
        )
        .await
    }

    /// Downloads of the node under way. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 (Go) when downloads are switched off, and as for every call.
    pub async fn pulls(&self, server: ServerId) -> Result<Vec<PullStatus>, Error> {
        const CALL: Call = Call::read("list pulls");
        let request = self.server_request(Method::GET, server, &["files", "pull"]);
        if self.profile().await?.flavour == Flavour::Calagopus {
            let pulls: Pulls<CalagopusPull> = self.fetch(CALL, request).await?;
            return Ok(pulls
                .downloads
                .into_iter()
                .flatten()
                .map(Into::into)
                .collect());
        }
        let pulls: Pulls<GoPull> = self.fetch(CALL, request).await?;
        Ok(pulls
            .downloads
            .into_iter()
            .flatten()
            .map(Into::into)
            .collect())
    }

    /// Ends a download of the node. Repeatable: one that is not there counts as ended.
    ///
    /// # Errors
    /// As for every call, except 404.
    pub async fn cancel_pull(&self, server: ServerId, pull: Uuid) -> Result<(), Error> {
        let pull = pull.to_string();
        let request = self.server_request(Method::DELETE, server, &["files", "pull", &pull]);
        gone_is_done(
            self.act(Call::with("cancel pull", Effect::Repeatable), request)
                .await,
        )
    }

    /// What a download would bring. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 417; and as for every call.
    pub async fn preview_pull(&self, server: ServerId, url: &str) -> Result<PullPreview, Error> {
        self.require(Capability::PullQuery).await?;
        self.fetch_json(
            Call::read("preview pull"),
            self.server_request(Method::POST, server, &["files", "pull", "query"]),
            &PullQuery {
                url: url.to_owned(),
            },
        )
        .await
    }

    /// What goes on in the background among a server's files. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn file_operations(&self, server: ServerId) -> Result<Operations, Error> {
        self.require(Capability::ListOperations).await?;
        self.fetch(
            Call::read("list file operations"),
            self.server_request(Method::GET, server, &["files", "operations"]),
        )
        .await
    }

    /// Ends work in the background. Repeatable: work that is not there counts as ended.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call, except 404.
    pub async fn abort_file_operation(
        &self,
        server: ServerId,
        operation: Uuid,
    ) -> Result<(), Error> {
        self.require(Capability::BackgroundOperations).await?;
        let operation = operation.to_string();
        let path = ["files", "operations", operation.as_str()];
        let request = self.server_request(Method::DELETE, server, &path);
        let call = Call::with("abort file operation", Effect::Repeatable);
        gone_is_done(self.act(call, request).await)
    }
}

/// What is not there any more needs no ending.
pub(super) fn gone_is_done(outcome: Result<(), Error>) -> Result<(), Error> {
    match outcome {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}
