//! The panel's side as the daemon uses it: `/api/remote`, with the retries a daemon makes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::try_join_all;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use reqwest::multipart::Form;
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wings_client::wire::remote::{
    ActivityBatch, BackupResult, BootServer, InstallResult, InstallationScript, RestoreResult,
    ServerDocument, ServerPage, SftpAuth, SftpGrant, StateReport, UploadParts,
};

use crate::SIMULATOR_HEADER;
use crate::archive;
use crate::dialect::Dialect;
use crate::files::FileArea;
use crate::options::{SimError, SimOptions};

/// How often a report is tried, as by a real daemon (`remote_query.retry_limit`).
const ATTEMPTS: u32 = 10;
const PER_PAGE: u32 = 50;

/// The panel did not do what the daemon asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteFailure {
    /// It answered with an error.
    #[error("{path} was answered {status}: {body}")]
    Refused {
        /// What was asked.
        path: String,
        /// HTTP status.
        status: u16,
        /// The answer's text.
        body: String,
    },
    /// It did not answer.
    #[error("{path} was not answered: {reason}")]
    Silent {
        /// What was asked.
        path: String,
        /// Why.
        reason: String,
    },
    /// It answered something that the daemon cannot read.
    #[error("{path} was answered something unreadable: {reason}")]
    Unreadable {
        /// What was asked.
        path: String,
        /// Why.
        reason: String,
    },
}

impl RemoteFailure {
    /// A daemon tries again after silence, 5xx and unreadable answers, and takes every 4xx as final.
    fn is_final(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status < 500)
    }
}

#[derive(Debug)]
pub(crate) struct Remote {
    http: reqwest::Client,
    base: String,
    authorization: Mutex<String>,
    user_agent: String,
    retry: Duration,
    dialect: Dialect,
}

/// The client that daemons ask the panel with.
pub(crate) fn http_client() -> Result<reqwest::Client, SimError> {
    wings_client::install_tls_provider();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(15))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(SimError::Client)
}

fn bearer(token_id: &str, token: &str) -> String {
    format!("Bearer {token_id}.{token}")
}

impl Remote {
    pub(crate) fn new(options: &SimOptions, http: reqwest::Client) -> Self {
        let config = &options.config;
        Self {
            http,
            base: format!("{}/api/remote", config.remote.trim_end_matches('/')),
            authorization: Mutex::new(bearer(&config.token_id, &config.token)),
            user_agent: options.dialect.user_agent(&config.token_id),
            retry: options.retry,
            dialect: options.dialect,
        }
    }

    /// Uses another credential from now on.
    pub(crate) fn change_token(&self, token_id: &str, token: &str) {
        *self.credential() = bearer(token_id, token);
    }

    fn credential(&self) -> MutexGuard<'_, String> {
        // Replaced as a whole, so a panic elsewhere leaves it usable.
        self.authorization
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// An order without content: the Go daemons send the four letters `null`, the others nothing.
    async fn bare(&self, path: &str) -> Result<(), RemoteFailure> {
        let null = self.dialect.is_go().then_some(&());
        self.retried(Method::POST, path, null).await.map(drop)
    }

    async fn once<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Vec<u8>, RemoteFailure> {
        let silent = |error: reqwest::Error| RemoteFailure::Silent {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header(AUTHORIZATION, self.credential().clone())
            .header(USER_AGENT, &self.user_agent)
            .header(ACCEPT, self.dialect.accept())
            .header(SIMULATOR_HEADER, "wings-sim");
        if self.dialect.is_go() && body.is_none() {
            // Theirs is on every request, also where there is nothing.
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let body = response.bytes().await.map_err(silent)?;
        if status < StatusCode::BAD_REQUEST {
            return Ok(body.to_vec());
        }
        Err(RemoteFailure::Refused {
            path: path.to_owned(),
            status: status.as_u16(),
            body: String::from_utf8_lossy(&body).chars().take(300).collect(),
        })
    }

    async fn retried<B: Serialize + Sync>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Vec<u8>, RemoteFailure> {
        let mut attempt = 1;
        loop {
            match self.once(method.clone(), path, body).await {
                Err(failure) if !failure.is_final() && attempt < ATTEMPTS => {
                    tracing::warn!(%failure, attempt, "asking the panel again");
                    tokio::time::sleep(self.retry * attempt * attempt).await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteFailure> {
        let body = self.retried::<()>(Method::GET, path, None).await?;
        read(path, &body)
    }

    async fn post<B: Serialize + Sync>(&self, path: &str, body: &B) -> Result<(), RemoteFailure> {
        self.retried(Method::POST, path, Some(body)).await.map(drop)
    }

    /// The first request of a boot; no retry here, the boot has its own patience.
    pub(crate) async fn reset(&self) -> Result<(), RemoteFailure> {
        let null = self.dialect.is_go().then_some(&());
        self.once(Method::POST, "/servers/reset", null)
            .await
            .map(drop)
    }

    async fn page(&self, page: u64) -> Result<ServerPage, RemoteFailure> {
        let path = format!("/servers?page={page}&per_page={PER_PAGE}");
        let body = self.once::<()>(Method::GET, &path, None).await?;
        read(&path, &body)
    }

    /// The servers of a boot: page after page, or (Go) page 0 and then all others at once.
    pub(crate) async fn servers(&self) -> Result<Vec<BootServer>, RemoteFailure> {
        let mut page = u64::from(!self.dialect.is_go());
        let mut read = self.page(page).await?;
        let mut servers = std::mem::take(&mut read.data);
        if self.dialect.is_go() {
            let rest = (read.meta.current_page + 1)..=read.meta.last_page;
            for found in try_join_all(rest.map(|page| self.page(page))).await? {
                servers.extend(found.data);
            }
            return Ok(servers);
        }
        while read.meta.current_page < read.meta.last_page {
            page = read.meta.current_page + 1;
            read = self.page(page).await?;
            servers.extend(std::mem::take(&mut read.data));
        }
        Ok(servers)
    }

    pub(crate) async fn server(&self, server: Uuid) -> Result<ServerDocument, RemoteFailure> {
        self.get(&format!("/servers/{server}")).await
    }

    pub(crate) async fn install_script(
        &self,
        server: Uuid,
    ) -> Result<InstallationScript, RemoteFailure> {
        self.get(&format!("/servers/{server}/install")).await
    }

    pub(crate) async fn install_result(
        &self,
        server: Uuid,
        result: InstallResult,
    ) -> Result<(), RemoteFailure> {
        self.post(&format!("/servers/{server}/install"), &result)
            .await
    }

    pub(crate) async fn state(
        &self,
        server: Uuid,
        report: StateReport,
    ) -> Result<(), RemoteFailure> {
        let path = format!("/servers/{server}/container/status");
        self.once(Method::POST, &path, Some(&report))
            .await
            .map(drop)
    }

    /// One attempt only, as by a real daemon.
    pub(crate) async fn activity(&self, batch: &ActivityBatch) -> Result<(), RemoteFailure> {
        self.once(Method::POST, "/activity", Some(batch))
            .await
            .map(drop)
    }

    pub(crate) async fn sftp_auth(&self, auth: &SftpAuth) -> Result<SftpGrant, RemoteFailure> {
        let body = self.retried(Method::POST, "/sftp/auth", Some(auth)).await?;
        read("/sftp/auth", &body)
    }

    pub(crate) async fn backup_result(
        &self,
        backup: Uuid,
        result: &BackupResult,
    ) -> Result<(), RemoteFailure> {
        let path = format!("/backups/{backup}");
        if !self.dialect.is_go() {
            return self.post(&path, result).await;
        }
        // These say no more than the four fields and the parts, which are null where there are none.
        let parts = result.parts.as_ref().filter(|parts| !parts.is_empty());
        let result = serde_json::json!({
            "checksum": result.checksum, "checksum_type": result.checksum_type,
            "size": result.size, "successful": result.successful, "parts": parts,
        });
        self.post(&path, &result).await
    }

    /// Where to put the parts of an archive of `size` bytes.
    pub(crate) async fn upload_parts(
        &self,
        backup: Uuid,
        size: u64,
    ) -> Result<UploadParts, RemoteFailure> {
        if self.dialect == Dialect::CalagopusNext {
            return self
                .get(&format!("/backups/{backup}/s3/parts?from_part=1"))
                .await;
        }
        self.get(&format!("/backups/{backup}?size={size}")).await
    }

    /// The end of a deletion that went on in the background (Calagopus 1).
    pub(crate) async fn deletion_result(
        &self,
        backup: Uuid,
        successful: bool,
    ) -> Result<(), RemoteFailure> {
        let result = serde_json::json!({ "successful": successful });
        self.post(&format!("/backups/{backup}/deletion"), &result)
            .await
    }

    /// The end of a transfer; `backups` are those that came along.
    pub(crate) async fn transfer_result(
        &self,
        server: Uuid,
        successful: bool,
        backups: &[Uuid],
    ) -> Result<(), RemoteFailure> {
        let end = if successful { "success" } else { "failure" };
        let path = format!("/servers/{server}/transfer/{end}");
        if self.dialect.is_go() {
            return self.bare(&path).await;
        }
        self.post(&path, &serde_json::json!({ "backups": backups }))
            .await
    }

    pub(crate) async fn restore_result(
        &self,
        backup: Uuid,
        result: RestoreResult,
    ) -> Result<(), RemoteFailure> {
        let result = RestoreResult {
            server_uuid: result.server_uuid.filter(|_| !self.dialect.is_go()),
            ..result
        };
        self.post(&format!("/backups/{backup}/restore"), &result)
            .await
    }

    /// Puts a part of an archive somewhere; gives its ETag as it came.
    pub(crate) async fn put(&self, address: &str, content: Vec<u8>) -> Result<String, String> {
        let response = self
            .http
            .put(address)
            .body(content)
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("a part was answered {}", response.status()));
        }
        let etag = response.headers().get("ETag");
        etag.and_then(|etag| etag.to_str().ok())
            .map(str::to_owned)
            .ok_or_else(|| "a part was answered without an ETag".to_owned())
    }

    /// Fetches a file from anywhere.
    pub(crate) async fn fetch(&self, address: &str) -> Result<Vec<u8>, String> {
        let response = self.open(address).await?;
        let content = response.bytes().await;
        content
            .map(|content| content.to_vec())
            .map_err(|error| error.without_url().to_string())
    }

    async fn open(&self, address: &str) -> Result<reqwest::Response, String> {
        self.http
            .get(address)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| error.without_url().to_string())
    }

    /// Fetches a backup; the Go daemons want it to be named one.
    pub(crate) async fn fetch_archive(&self, address: &str) -> Result<FileArea, String> {
        let response = self.open(address).await?;
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if self.dialect.is_go() && !["application/x-gzip", "application/gzip"].contains(&kind) {
            return Err(format!(
                "The provided backup link is not a supported content type. {kind} is not application/x-gzip."
            ));
        }
        let content = response
            .bytes()
            .await
            .map_err(|error| error.without_url().to_string())?;
        archive::unpack(&content).ok_or_else(|| "this is no archive".to_owned())
    }

    /// Sends a server to another node; gives the status of the answer.
    pub(crate) async fn send_server(
        &self,
        address: &str,
        authorization: &str,
        form: Form,
    ) -> Result<u16, String> {
        self.http
            .post(address)
            .header(AUTHORIZATION, authorization)
            .multipart(form)
            .send()
            .await
            .map(|response| response.status().as_u16())
            .map_err(|error| error.without_url().to_string())
    }
}

fn read<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T, RemoteFailure> {
    serde_json::from_slice(body).map_err(|error| RemoteFailure::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
