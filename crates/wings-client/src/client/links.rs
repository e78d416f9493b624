//! What a browser opens with a signed token, for the panel to pass on: downloads and uploads. The node's own token is not sent.

use panel_domain::id::ServerId;
use reqwest::header::{CONTENT_TYPE, RANGE};
use reqwest::{Method, RequestBuilder};

use super::{ByteStream, Call, Content, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::files::ArchiveFormat;

/// What a signed link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// A file.
    File,
    /// A directory as an archive (Calagopus).
    Directory,
    /// Several files as an archive (Calagopus).
    Files,
    /// A backup the node keeps.
    Backup,
}

impl Link {
    /// Its path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::File => "download/file",
            Self::Directory => "download/directory",
            Self::Files => "download/files",
            Self::Backup => "download/backup",
        }
    }
}

/// How a link is to be opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Download {
    /// A `Range` header to pass on (Calagopus; not sent to others, which would ignore it).
    pub range: Option<String>,
    /// How to pack what is packed on the way (Calagopus).
    pub archive_format: Option<ArchiveFormat>,
}

/// Where an upload goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTarget {
    /// To which server.
    pub server: ServerId,
    /// The signed token.
    pub token: String,
    /// Into which directory.
    pub directory: String,
}

impl NodeClient {
    fn link_request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let segments: Vec<&str> = path.split('/').collect();
        self.bare_request(method, &segments)
            .query(&[("token", token)])
    }

    /// Opens a signed link, as a stream. Each use counts: the Go daemons accept a token once, Calagopus a few times.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for directories and several files on the Go daemons; [`Error::Refused`] with 401 (Calagopus) or 500 (Go) for a token that is
    /// not good, 404 from the Go daemons for one that was used; and as for every call.
    pub async fn download(
        &self,
        link: Link,
        token: &str,
        how: &Download,
    ) -> Result<ByteStream, Error> {
        let capabilities = self.profile().await?.capabilities();
        if matches!(link, Link::Directory | Link::Files) {
            self.require(Capability::DirectoryDownload).await?;
        }
        let mut request = self.link_request(Method::GET, link.path(), token);
        if let Some(format) = how.archive_format
            && capabilities.has(Capability::DirectoryDownload)
        {
            request = request.query(&[("archive_format", format.as_str())]);
        }
        if let Some(range) = &how.range
            && capabilities.has(Capability::RangeDownloads)
        {
            request = request.header(RANGE, range);
        }
        self.stream(Call::stream("download"), request).await
    }

    /// Passes on an upload form as it comes. `content_type` is the browser's, with the form's boundary.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when it stops coming; [`Error::Refused`] for a token that is not good (as for [`Self::download`]), a file that is too
    /// large (400, or 417 from Calagopus) or forbidden (403, or 404 from Calagopus); and as for every call.
    pub async fn upload(
        &self,
        target: &UploadTarget,
        content_type: &str,
        form: Content,
    ) -> Result<(), Error> {
        let request = self
            .link_request(Method::POST, "upload/file", &target.token)
            .query(&[("directory", &target.directory)])
            .header(CONTENT_TYPE, content_type);
        let call = Call::with("upload", Effect::Repeatable);
        self.send_content(call, request, form).await.map(drop)
    }

    fn resumable(&self, method: Method, target: &UploadTarget, file: &str) -> RequestBuilder {
        self.link_request(method, "upload/file", &target.token)
            .query(&[("directory", target.directory.as_str()), ("file", file)])
    }

    /// How much of a file has arrived by [`Self::resume_upload`], bytes. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn upload_offset(&self, target: &UploadTarget, file: &str) -> Result<u64, Error> {
        const CALL: Call = Call::read("get upload offset");
        self.require(Capability::ResumableUpload).await?;
        let request = self.resumable(Method::HEAD, target, file);
        let response = self.open(CALL, request).await?;
        let status = response.status().as_u16();
        response
            .headers()
            .get("Upload-Offset")
            .and_then(|offset| offset.to_str().ok()?.parse().ok())
            .ok_or(Error::Unexpected {
                call: CALL.name,
                status,
                detail: "no Upload-Offset".into(),
            })
    }

    /// Sends a part of a file that begins at `offset`, of `total` bytes in all. Repeatable: a part at another place than the end of what has
    /// arrived is refused.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Interrupted`] when it stops coming; [`Error::Refused`] with 409 for a wrong offset, 429
    /// when there are too many; and as for every call.
    pub async fn resume_upload(
        &self,
        target: &UploadTarget,
        file: &str,
        offset: u64,
        total: u64,
        part: Content,
        last: bool,
    ) -> Result<(), Error> {
        self.require(Capability::ResumableUpload).await?;
        let mut request = self
            .resumable(Method::PATCH, target, file)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header("Upload-Offset", offset)
            .header("Upload-Length", total);
        if last {
            request = request.header("Upload-Complete", "?1");
        }
        let call = Call::with("resume upload", Effect::Repeatable);
        self.send_content(call, request, part).await.map(drop)
    }
}
