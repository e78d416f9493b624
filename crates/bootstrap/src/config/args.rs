//! Flags that both programs accept; each overrides the setting of the same name.

use std::path::PathBuf;

use clap::Args;

/// Overrides from the command line. Secrets have no flag, since other users of a machine can read command lines.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// Read settings from this file; without the flag `.env` is read where it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Listen on this address or Unix socket (BIND)
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// Listen on this port (PORT)
    #[arg(long, global = true, value_name = "PORT")]
    pub port: Option<String>,
    /// Answer health and metrics on this address (APP_OPS_BIND)
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub ops_bind: Option<String>,
    /// Answer health and metrics on this port (APP_OPS_PORT)
    #[arg(long, global = true, value_name = "PORT")]
    pub ops_port: Option<String>,
    /// The panel's public address (APP_URL)
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Log as plain text and in more detail (APP_DEBUG)
    #[arg(long, global = true)]
    pub debug: bool,
}

impl ConfigArgs {
    /// The settings that the flags override, by key.
    pub(crate) fn overrides(&self) -> Vec<(&'static str, String)> {
        let given = [
            ("BIND", &self.bind),
            ("PORT", &self.port),
            ("APP_OPS_BIND", &self.ops_bind),
            ("APP_OPS_PORT", &self.ops_port),
            ("APP_URL", &self.url),
        ];
        let mut overrides: Vec<_> = given
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.clone()?)))
            .collect();
        if self.debug {
            overrides.push(("APP_DEBUG", "true".to_owned()));
        }
        overrides
    }
}
