//! Signed tokens that let a browser talk to a node: JWT, HS256, keyed with the node's token.
//!
//! Every token carries the superset of claims that the three flavours want; which of them a flavour checks is in the reference of
//! the protocol (Calagopus refuses a token without `iss`, an `aud` list and `jti`; Pelican one without `scope` and `user_uuid`).

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use panel_domain::id::{BackupId, ServerId, UserId};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::target::NodeTarget;

/// How far `iat` is put back: Calagopus refuses a token from a second it has not reached yet, so a panel whose clock is ahead by less than
/// this still works. Costs that a token is refused when its node restarted, or denied its user, less than this ago.
pub const BACKDATED_BY: TimeDelta = TimeDelta::seconds(5);
/// Lifetime of a websocket token; it is renewed on the open socket.
pub const WEBSOCKET_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Lifetime of the tokens in links.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// `GET /api/servers/{server}/ws`
    Websocket,
    /// `GET /download/file`
    FileDownload,
    /// `POST /upload/file`
    FileUpload,
    /// `GET /download/backup`
    BackupDownload,
}

/// The claims of a token; those a purpose has no use for are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The panel's address.
    pub iss: String,
    /// The node's address; a list, as Calagopus wants it.
    pub aud: Vec<String>,
    /// What revoking goes by: the same for all tokens of a user on a server, see [`token_id`].
    pub jti: String,
    /// Issued, seconds since 1970.
    pub iat: i64,
    /// Not before.
    pub nbf: i64,
    /// Ends.
    pub exp: i64,
    /// What it is good for.
    pub scope: Scope,
    /// Different in every token: links work once (Go) or a few times (Calagopus).
    pub unique_id: String,
    /// For whom.
    pub user_uuid: Uuid,
    /// Where.
    pub server_uuid: Uuid,
    /// Websocket: what the user may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// Websocket: console output only with `control.read-console` (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_console_read_permission: Option<bool>,
    /// File download: which file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_path: Option<String>,
    /// Backup download: which backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_uuid: Option<Uuid>,
    /// File upload: patterns of files this user may not touch (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored_files: Option<Vec<String>>,
}

/// The `jti` of every token of a user on a server, for [`crate::NodeClient::deny_tokens`].
#[must_use]
pub fn token_id(user: UserId, server: ServerId) -> String {
    format!("{user}.{server}")
}

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token cannot be signed: {0}")]
pub struct SignError(#[source] jsonwebtoken::errors::Error);

/// Signs tokens for one node, for one user on one server.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The node that will receive the token.
    pub node: &'a NodeTarget,
    /// The panel's public address.
    pub issuer: &'a Url,
    /// For whom.
    pub user: UserId,
    /// Where.
    pub server: ServerId,
}

impl Signer<'_> {
    /// A token for the server's websocket with exactly these permissions, and when it ends. Do not put `*` into the token of somebody who
    /// must not see installations and transfers: Calagopus reads it as everything.
    ///
    /// # Errors
    /// When signing fails.
    pub fn websocket(
        self,
        permissions: Vec<String>,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<(String, DateTime<Utc>), SignError> {
        let mut claims = self.claims(Scope::Websocket, WEBSOCKET_LIFETIME, now, unique);
        // Without it Calagopus sends the console to everybody who is connected; the Go daemons do so whatever it says.
        claims.use_console_read_permission = Some(true);
        claims.permissions = Some(permissions);
        Ok((self.sign(&claims)?, now + WEBSOCKET_LIFETIME))
    }

    /// A token for the download of one file.
    ///
    /// # Errors
    /// When signing fails.
    pub fn file_download(
        self,
        file: &str,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<String, SignError> {
        let mut claims = self.claims(Scope::FileDownload, LINK_LIFETIME, now, unique);
        claims.file_path = Some(file.to_owned());
        self.sign(&claims)
    }

    /// A token for an upload of files; the directory is the browser's to say.
    ///
    /// # Errors
    /// When signing fails.
    pub fn file_upload(
        self,
        ignored_files: Vec<String>,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<String, SignError> {
        let mut claims = self.claims(Scope::FileUpload, LINK_LIFETIME, now, unique);
        claims.ignored_files = Some(ignored_files);
        self.sign(&claims)
    }

    /// A token for the download of one backup.
    ///
    /// # Errors
    /// When signing fails.
    pub fn backup_download(
        self,
        backup: BackupId,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<String, SignError> {
        let mut claims = self.claims(Scope::BackupDownload, LINK_LIFETIME, now, unique);
        claims.backup_uuid = Some(backup.uuid());
        self.sign(&claims)
    }

    fn claims(self, scope: Scope, lifetime: TimeDelta, now: DateTime<Utc>, unique: Uuid) -> Claims {
        let without_slash = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Claims {
            iss: without_slash(self.issuer),
            aud: vec![without_slash(&self.node.url)],
            jti: token_id(self.user, self.server),
            iat: (now - BACKDATED_BY).timestamp(),
            nbf: (now - TimeDelta::minutes(5)).timestamp(),
            exp: (now + lifetime).timestamp(),
            scope,
            unique_id: unique.simple().to_string(),
            user_uuid: self.user.uuid(),
            server_uuid: self.server.uuid(),
            permissions: None,
            use_console_read_permission: None,
            file_path: None,
            backup_uuid: None,
            ignored_files: None,
        }
    }

    fn sign(self, claims: &Claims) -> Result<String, SignError> {
        let key = EncodingKey::from_secret(self.node.token.expose().as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(SignError)
    }
}

/// The address a browser opens for a server's console: the node's with `ws` for `http`.
#[must_use]
pub fn websocket_url(public: &Url, server: ServerId) -> Url {
    let mut url = public.clone();
    let scheme = if public.scheme() == "https" {
        "wss"
    } else {
        "ws"
    };
    // Both are no-ops for an address that has no authority, which the panel does not accept for a node.
    if url.set_scheme(scheme).is_ok()
        && let Ok(mut segments) = url.path_segments_mut()
    {
        segments
            .pop_if_empty()
            .extend(["api", "servers", &server.to_string(), "ws"]);
    }
    url
}

/// The address of a signed link: `download/file`, `download/backup` or `upload/file` with its token.
#[must_use]
pub fn link_url(public: &Url, path: &str, token: &str) -> Url {
    let mut url = public.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path.split('/'));
    }
    url.query_pairs_mut().append_pair("token", token);
    url
}
