//! The `config.yml` of a node, which the panel makes and an administrator puts on the machine.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the panel writes of a daemon's configuration; the daemon fills the rest with its defaults. All flavours read these keys and
/// ignore those they do not know. Also the body of `POST /api/update`, of which Calagopus applies a part only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeConfig {
    /// Log more.
    #[serde(default)]
    pub debug: bool,
    /// The node.
    pub uuid: Uuid,
    /// Public half of the credential, 16 letters and digits.
    pub token_id: String,
    /// Secret half, 64 letters and digits; also the key of every signed token for this node.
    pub token: String,
    /// The daemon's own API.
    #[serde(default)]
    pub api: ApiConfig,
    /// Files and SFTP.
    #[serde(default)]
    pub system: SystemConfig,
    /// Folders of the node that servers may mount.
    #[serde(default)]
    pub allowed_mounts: Vec<String>,
    /// The panel's public origin, without a slash at the end: the browser's `Origin` is compared with it letter by letter.
    pub remote: String,
    /// Further origins that browsers may come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
}

/// The daemon's own API in [`NodeConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiConfig {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on.
    pub port: u16,
    /// TLS by the daemon itself.
    pub ssl: SslConfig,
    /// Largest upload through the browser, MiB.
    pub upload_limit: u64,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            host: "0.0.0.0".into(),
            port: 8080,
            ssl: SslConfig::default(),
            upload_limit: 100,
        }
    }
}

/// TLS by the daemon itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SslConfig {
    /// Whether; not behind a proxy that does it.
    pub enabled: bool,
    /// Path of the certificate chain on the node.
    pub cert: String,
    /// Path of its key on the node.
    pub key: String,
}

/// Files and SFTP in [`NodeConfig`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemConfig {
    /// Where the servers' files are; without it the daemon's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// SFTP.
    pub sftp: SftpConfig,
}

/// SFTP in [`NodeConfig`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SftpConfig {
    /// Port to listen on.
    pub bind_port: u16,
}

impl Default for SftpConfig {
    fn default() -> Self {
        Self { bind_port: 2022 }
    }
}

/// A `config.yml` that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not written.
    #[error("the node's configuration cannot be written as YAML: {0}")]
    Write(#[source] serde_saphyr::SerializeError),
    /// Not read.
    #[error("this is not a node's configuration: {0}")]
    Read(#[source] Box<serde_saphyr::Error>),
}

impl NodeConfig {
    /// The text of `config.yml`.
    ///
    /// # Errors
    /// When a text in it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, ConfigError> {
        serde_saphyr::to_string(self).map_err(ConfigError::Write)
    }

    /// Reads a `config.yml` (JSON is YAML too); unknown keys are ignored.
    ///
    /// # Errors
    /// When it is no YAML, or `uuid`, `token_id`, `token` or `remote` is missing.
    pub fn from_yaml(text: &str) -> Result<Self, ConfigError> {
        serde_saphyr::from_str(text).map_err(|error| ConfigError::Read(Box::new(error)))
    }
}

impl std::fmt::Debug for NodeConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeConfig")
            .field("uuid", &self.uuid)
            .field("token_id", &self.token_id)
            .field("token", &"…")
            .field("api", &self.api)
            .field("system", &self.system)
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> NodeConfig {
        NodeConfig {
            debug: false,
            uuid: Uuid::from_u128(0x2b1e_7c0a_5f0d_4f0b_9f2e_6a4a_5d7b_1c33),
            // Looks like a number: must come back as the text it is.
            token_id: "1234567890123456".into(),
            token: "0e12".repeat(16),
            api: ApiConfig::default(),
            system: SystemConfig::default(),
            allowed_mounts: vec!["/srv/shared".into()],
            remote: "https://panel.example.com".into(),
            allowed_origins: Vec::new(),
        }
    }

    #[test]
    fn survives_yaml() {
        let yaml = config().to_yaml().unwrap();
        assert_eq!(NodeConfig::from_yaml(&yaml).unwrap(), config(), "{yaml}");
        assert!(yaml.contains("port: 8080"), "{yaml}");
        assert!(
            yaml.contains("\"1234567890123456\"") || yaml.contains("'1234567890123456'"),
            "other readers of YAML would take it for a number: {yaml}"
        );
    }

    #[test]
    fn reads_what_other_panels_write() {
        let text = "uuid: 2b1e7c0a-5f0d-4f0b-9f2e-6a4a5d7b1c33\ntoken_id: AbCdEfGhIjKlMnOp\ntoken: secret\napi:\n  port: 8081\n  \
                    disable_openapi_docs: true\n  upload_limit: 0\nsystem:\n  sftp:\n    bind_port: 2022\nremote: https://panel.example.com\n";
        let read = NodeConfig::from_yaml(text).unwrap();
        assert_eq!(read.api.port, 8081);
        assert_eq!(read.api.upload_limit, 0);
        assert!(NodeConfig::from_yaml("uuid: x").is_err());
    }

    #[test]
    fn does_not_print_its_secret() {
        assert!(!format!("{:?}", config()).contains("0e12"));
    }
}
