//! The panel's side as the daemon uses it: `/api/remote`, with the retries a Calagopus daemon makes.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use wings_client::wire::config::NodeConfig;
use wings_client::wire::remote::{
    ActivityBatch, BackupResult, BootServer, InstallResult, InstallationScript, RestoreResult,
    ServerDocument, ServerPage, SftpAuth, SftpGrant, StateReport,
};

use crate::options::SimError;
use crate::{SIMULATOR_HEADER, VERSION};

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
    authorization: String,
    retry: Duration,
}

impl Remote {
    pub(crate) fn new(config: &NodeConfig, retry: Duration) -> Result<Self, SimError> {
        wings_client::install_tls_provider();
        let version = VERSION.split(':').next().unwrap_or(VERSION);
        let http = reqwest::Client::builder()
            .user_agent(format!(
                "calagopus wings/v{version} (id:{})",
                config.token_id
            ))
            .timeout(Duration::from_secs(15))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SimError::Client)?;
        Ok(Self {
            http,
            base: format!("{}/api/remote", config.remote.trim_end_matches('/')),
            authorization: format!("Bearer {}.{}", config.token_id, config.token),
            retry,
        })
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
            .header(AUTHORIZATION, &self.authorization)
            .header(ACCEPT, "application/vnd.pterodactyl.v1+json")
            .header(SIMULATOR_HEADER, "wings-sim");
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
        self.once::<()>(Method::POST, "/servers/reset", None)
            .await
            .map(drop)
    }

    pub(crate) async fn servers(&self) -> Result<Vec<BootServer>, RemoteFailure> {
        let mut servers = Vec::new();
        let mut page = 1;
        loop {
            let path = format!("/servers?page={page}&per_page={PER_PAGE}");
            let body = self.once::<()>(Method::GET, &path, None).await?;
            let read: ServerPage = read(&path, &body)?;
            servers.extend(read.data);
            if read.meta.current_page >= read.meta.last_page {
                return Ok(servers);
            }
            page = read.meta.current_page + 1;
        }
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
        self.post(&format!("/backups/{backup}"), result).await
    }

    pub(crate) async fn restore_result(
        &self,
        backup: Uuid,
        result: RestoreResult,
    ) -> Result<(), RemoteFailure> {
        self.post(&format!("/backups/{backup}/restore"), &result)
            .await
    }
}

fn read<T: DeserializeOwned>(path: &str, body: &[u8]) -> Result<T, RemoteFailure> {
    serde_json::from_slice(body).map_err(|error| RemoteFailure::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
