//! Looking whether conditions hold.

use chrono::{DateTime, Utc};
use panel_domain::schedule::{Condition, Observation, Usage};
use panel_domain::server::PowerState;
use wings_client::wire::server::{ServerState, Utilization};

use super::{Execution, PATIENCE, PAUSE};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Entries of a folder that are looked through.
const MAX_ENTRIES: u32 = 10_000;

/// Whether a condition holds.
pub(super) enum Verdict {
    /// It does, or does not.
    Holds(bool),
    /// The node is away; it is asked again then.
    Later(DateTime<Utc>),
    /// The node does not say.
    Unknown(String),
}

impl Execution {
    /// Whether a condition holds, asking the node for what decides it.
    pub(super) async fn decide(
        &mut self,
        cx: &Cx,
        condition: &Condition,
    ) -> Result<Verdict, Error> {
        let mut seen = Observation::default();
        if condition.asks_usage() {
            let client = node_calls::client(cx, self.server.node).await?;
            match client.utilization(self.server()).await {
                Ok(usage) => seen.usage = Some(usage_of(&usage)),
                Err(error) => return Ok(self.unobserved(cx, &error)),
            }
        }
        for file in condition.asks_files() {
            let client = node_calls::client(cx, self.server.node).await?;
            match exists(&client, self.server(), file).await {
                Ok(there) => {
                    seen.files.insert(file.to_owned(), there);
                }
                Err(error) => return Ok(self.unobserved(cx, &error)),
            }
        }
        self.progress.until = None;
        Ok(match condition.holds(&seen, &self.progress.variables) {
            Ok(holds) => Verdict::Holds(holds),
            Err(unknown) => Verdict::Unknown(unknown.to_string()),
        })
    }

    fn unobserved(&mut self, cx: &Cx, error: &wings_client::Error) -> Verdict {
        match self.patience(cx) {
            Some(at) => Verdict::Later(at),
            None => Verdict::Unknown(error.to_string()),
        }
    }

    /// When a node that is away is to be asked again; `None` when it was waited for long enough.
    pub(super) fn patience(&mut self, cx: &Cx) -> Option<DateTime<Utc>> {
        let now = cx.now();
        let until = *self.progress.until.get_or_insert(now + PATIENCE);
        (now + PAUSE <= until).then_some(now + PAUSE)
    }
}

/// Whether a server has this file.
async fn exists(
    client: &wings_client::NodeClient,
    server: panel_domain::id::ServerId,
    file: &str,
) -> Result<bool, wings_client::Error> {
    let path = file.trim_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    match client
        .list_files(server, &format!("/{folder}"), 1, MAX_ENTRIES)
        .await
    {
        Ok(found) => Ok(found.entries.iter().any(|entry| entry.name == name)),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn usage_of(usage: &Utilization) -> Usage {
    Usage {
        state: state_of(usage.state),
        uptime_ms: u64::try_from(usage.uptime).unwrap_or(0),
        cpu: usage.cpu_absolute,
        memory: usage.memory_bytes,
        disk: u64::try_from(usage.disk_bytes).unwrap_or(0),
    }
}

const fn state_of(state: ServerState) -> PowerState {
    match state {
        ServerState::Offline => PowerState::Offline,
        ServerState::Starting => PowerState::Starting,
        ServerState::Running => PowerState::Running,
        ServerState::Stopping => PowerState::Stopping,
    }
}
