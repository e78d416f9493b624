//! Public keys of users for SFTP.

use chrono::{DateTime, Utc};
use panel_domain::ssh_key::SshKeyProvider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// A public key that opens the files of the user's servers over SFTP.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SshKey {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// `SHA256:` and the hash of the key.
    pub fingerprint: String,
    /// When it was added.
    pub created: DateTime<Utc>,
}

/// A new SSH key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSshKey {
    /// What people call it, unique among the user's keys.
    pub name: String,
    /// The key as in a `.pub` file.
    pub public_key: String,
}

/// Keys that somebody publishes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSshKeys {
    /// Where.
    pub provider: SshKeyProvider,
    /// What they are called there.
    pub username: String,
}

/// Changes of an SSH key; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSshKey {
    /// What people call it, unique among the user's keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// One SSH key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SshKeyBody {
    /// The key.
    pub ssh_key: SshKey,
}

/// The SSH keys that were imported.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedSshKeys {
    /// Those that the account did not have before.
    pub ssh_keys: Vec<SshKey>,
}

/// A page of SSH keys.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SshKeys {
    /// The keys.
    pub ssh_keys: Page<SshKey>,
}
