//! Signed tokens that let a browser talk to a node: JWT, HS256, keyed with the node's token.
//!
//! Every token carries the superset of claims that the three flavours want; which of them a flavour checks is in the reference of
//! the protocol (Calagopus refuses a token without `iss`, an `aud` list and `jti`; Pelican one without `scope` and `user_uuid`).

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
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
    /// `GET /download/file`, `/download/directory`, `/download/files`
    FileDownload,
    /// `POST /upload/file`
    FileUpload,
    /// `GET /download/backup`
    BackupDownload,
    /// `POST /api/transfers` and `/api/transfers/files`, by the source's daemon
    Transfer,
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
    /// What it is about: the server of a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// For whom; nobody for a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<Uuid>,
    /// Where.
    pub server_uuid: Uuid,
    /// Websocket: what the user may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// Websocket: console output only with `control.read-console` (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_console_read_permission: Option<bool>,
    /// Websocket: the user's name, for those who edit a file together (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// File download: which file; of several files, the directory they are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_path: Option<String>,
    /// Download of several files: which (Calagopus).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_paths: Option<Vec<String>>,
    /// Backup download: which backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup_uuid: Option<Uuid>,
    /// Copy to another server: the server the files come from (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Uuid>,
    /// Copy to another server: the directory they come from (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Copy to another server: the directory they go to (Calagopus 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_path: Option<String>,
    /// File upload and websocket: patterns of files this user may not touch (Calagopus; on the websocket Calagopus 1).
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
    /// must not see installations and transfers: Calagopus reads it as everything. `ignored_files` are patterns of files that the user may
    /// not touch: Calagopus 1 opens files on this socket, and hides none from somebody whose token names none. To be left out for the Go
    /// daemons, which know of no such files; Pelican takes messages of 4096 bytes only.
    ///
    /// # Errors
    /// When signing fails.
    pub fn websocket(
        self,
        permissions: Vec<String>,
        ignored_files: Option<Vec<String>>,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<(String, DateTime<Utc>), SignError> {
        let mut claims = self.claims(Scope::Websocket, WEBSOCKET_LIFETIME, now, unique);
        // Without it Calagopus sends the console to everybody who is connected; the Go daemons do so whatever it says.
        claims.use_console_read_permission = Some(true);
        claims.permissions = Some(permissions);
        claims.ignored_files = ignored_files;
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

    /// A token for the download of several files below `root` as one archive (Calagopus).
    ///
    /// # Errors
    /// When signing fails.
    pub fn files_download(
        self,
        root: &str,
        files: Vec<String>,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<String, SignError> {
        let mut claims = self.claims(Scope::FileDownload, LINK_LIFETIME, now, unique);
        claims.file_path = Some(root.to_owned());
        claims.file_paths = Some(files);
        self.sign(&claims)
    }

    fn claims(self, scope: Scope, lifetime: TimeDelta, now: DateTime<Utc>, unique: Uuid) -> Claims {
        Claims {
            user_uuid: Some(self.user.uuid()),
            ..Claims::new(
                self.node,
                self.issuer,
                self.server,
                token_id(self.user, self.server),
                scope,
                Life {
                    lifetime,
                    now,
                    unique,
                },
            )
        }
    }

    fn sign(self, claims: &Claims) -> Result<String, SignError> {
        sign(self.node, claims)
    }
}

/// Signs what the source of a transfer shows to its destination.
#[derive(Debug, Clone, Copy)]
pub struct TransferSigner<'a> {
    /// The node that will receive the server, and the token.
    pub destination: &'a NodeTarget,
    /// The panel's public address.
    pub issuer: &'a Url,
    /// The server that is moved, or that the files go to.
    pub server: ServerId,
}

impl TransferSigner<'_> {
    /// A token for the transfer of the server, without the word `Bearer `.
    ///
    /// # Errors
    /// When signing fails.
    pub fn transfer(self, now: DateTime<Utc>, unique: Uuid) -> Result<String, SignError> {
        sign(self.destination, &self.claims(now, unique))
    }

    /// A token for a copy of files of the server `from` into a directory of this one, without the word `Bearer ` (Calagopus 1).
    ///
    /// # Errors
    /// When signing fails.
    pub fn copy(
        self,
        from: ServerId,
        root: &str,
        destination_path: &str,
        now: DateTime<Utc>,
        unique: Uuid,
    ) -> Result<String, SignError> {
        let claims = Claims {
            server: Some(from.uuid()),
            root: Some(root.to_owned()),
            destination_path: Some(destination_path.to_owned()),
            ..self.claims(now, unique)
        };
        sign(self.destination, &claims)
    }

    fn claims(self, now: DateTime<Utc>, unique: Uuid) -> Claims {
        let life = Life {
            lifetime: LINK_LIFETIME,
            now,
            unique,
        };
        let jti = format!("transfer.{}.{}", self.server, unique.simple());
        Claims {
            sub: Some(self.server.to_string()),
            ..Claims::new(
                self.destination,
                self.issuer,
                self.server,
                jti,
                Scope::Transfer,
                life,
            )
        }
    }
}

/// When a token is made, how long it is good for, and what sets it apart.
struct Life {
    lifetime: TimeDelta,
    now: DateTime<Utc>,
    unique: Uuid,
}

impl Claims {
    fn new(
        node: &NodeTarget,
        issuer: &Url,
        server: ServerId,
        jti: String,
        scope: Scope,
        life: Life,
    ) -> Self {
        let without_slash = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Self {
            iss: without_slash(issuer),
            aud: vec![without_slash(&node.url)],
            jti,
            iat: (life.now - BACKDATED_BY).timestamp(),
            nbf: (life.now - TimeDelta::minutes(5)).timestamp(),
            exp: (life.now + life.lifetime).timestamp(),
            scope,
            unique_id: life.unique.simple().to_string(),
            sub: None,
            user_uuid: None,
            server_uuid: server.uuid(),
            permissions: None,
            use_console_read_permission: None,
            user_name: None,
            file_path: None,
            file_paths: None,
            backup_uuid: None,
            server: None,
            root: None,
            destination_path: None,
            ignored_files: None,
        }
    }
}

fn sign(node: &NodeTarget, claims: &Claims) -> Result<String, SignError> {
    let key = EncodingKey::from_secret(node.token.expose().as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(SignError)
}

/// The claims of a token that this panel signed for `node`, while it is good. Nothing for any other: another key or algorithm, another
/// node, one that has ended or has not begun.
#[must_use]
pub fn verify(node: &NodeTarget, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_audience(&[node.url.as_str().trim_end_matches('/')]);
    rules.set_required_spec_claims(&["exp", "aud", "iss"]);
    // By the clock that is given, below.
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(node.token.expose().as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules)
        .ok()?
        .claims;
    let seconds = now.timestamp();
    (claims.nbf <= seconds && seconds < claims.exp).then_some(claims)
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
