//! What is remembered from one `up` to the next.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Outcome;
use crate::private::free_port;
use crate::stack::Ports;

/// Its name in `.roost`.
pub(super) const FILE: &str = "state.json";
const PANEL_PORT: u16 = 8000;

/// The content of the file, which only its owner may read: it holds the key and the account's password.
#[derive(Debug)]
pub(super) struct State {
    file: PathBuf,
    pub(super) encryption_key: String,
    pub(super) username: String,
    pub(super) password: String,
    /// Whether the panel has that account.
    pub(super) account_made: bool,
    pub(super) postgres_port: u16,
    pub(super) redis_port: u16,
    pub(super) ports: Ports,
}

impl State {
    /// What is remembered, completed by what is not. `port` is the panel's if it matters.
    pub(super) fn load(folder: &Path, port: Option<u16>) -> Outcome<Self> {
        let file = folder.join(FILE);
        let known: Value = match std::fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text)
                .map_err(|error| format!("{}: {error}", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({}),
            Err(error) => return Err(error.into()),
        };
        let text = |name: &str| known[name].as_str().map(str::to_owned);
        let port_of = |name: &str| match known[name]
            .as_u64()
            .and_then(|port| u16::try_from(port).ok())
        {
            Some(port) => Ok(port),
            None => free_port(),
        };
        let panel = match port {
            Some(port) => port,
            None if known["panel_port"].is_u64() => port_of("panel_port")?,
            None if TcpListener::bind(("127.0.0.1", PANEL_PORT)).is_ok() => PANEL_PORT,
            None => free_port()?,
        };
        let state = Self {
            encryption_key: text("encryption_key").map_or_else(|| random_hex(32), Ok)?,
            username: text("username").unwrap_or_else(|| "admin".to_owned()),
            password: text("password").map_or_else(|| random_hex(8), Ok)?,
            account_made: known["account_made"] == true,
            postgres_port: port_of("postgres_port")?,
            redis_port: port_of("redis_port")?,
            ports: Ports {
                panel,
                server_ops: port_of("server_ops_port")?,
                worker_ops: port_of("worker_ops_port")?,
                node: port_of("node_port")?,
                sftp: port_of("sftp_port")?,
            },
            file,
        };
        state.save()?;
        Ok(state)
    }

    /// Writes the file anew, so that a reader sees the old or the new content and never half of one.
    pub(super) fn save(&self) -> Outcome {
        let content = json!({
            "encryption_key": self.encryption_key,
            "username": self.username,
            "password": self.password,
            "account_made": self.account_made,
            "postgres_port": self.postgres_port,
            "redis_port": self.redis_port,
            "panel_port": self.ports.panel,
            "server_ops_port": self.ports.server_ops,
            "worker_ops_port": self.ports.worker_ops,
            "node_port": self.ports.node,
            "sftp_port": self.ports.sftp,
        });
        let unfinished = self.file.with_extension("json.new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(serde_json::to_string_pretty(&content)?.as_bytes())?;
        file.sync_all()?;
        Ok(std::fs::rename(unfinished, &self.file)?)
    }
}

/// Random bytes of the system as hexadecimal digits.
fn random_hex(bytes: usize) -> Outcome<String> {
    let mut buffer = vec![0; bytes];
    File::open("/dev/urandom")?.read_exact(&mut buffer)?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_drawn_is_remembered_and_kept_from_others() {
        let folder = std::env::temp_dir().join(format!("roost-state-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = State::load(&folder, None).unwrap();
        let second = State::load(&folder, Some(4711)).unwrap();
        assert_eq!(
            (first.encryption_key, first.password),
            (second.encryption_key, second.password)
        );
        assert_eq!(
            (first.postgres_port, second.ports.panel),
            (second.postgres_port, 4711)
        );
        assert_eq!(
            folder.join(FILE).metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
