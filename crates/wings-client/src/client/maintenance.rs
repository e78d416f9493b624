//! Looking after a Calagopus daemon.

use std::collections::BTreeMap;

use reqwest::Method;

use super::{ByteStream, Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::maintenance::{
    LogFile, LogFiles, ResticOrder, ResticTask, TaskAnswer, TaskResult, Upgrade, UpgradeStarted,
    UsedPort, UsedPorts,
};
use crate::wire::system::Applied;

/// What a panel never changes on a node: who it is, whom it obeys, where it keeps things and what it lets in.
const NEVER_PUSHED: &[&str] = &[
    "uuid",
    "token",
    "token_id",
    "remote",
    "remote_headers",
    "allowed_mounts",
    "ignore_panel_config_updates",
    "ignore_panel_wings_upgrades",
    "docker.socket",
    "api.host",
    "api.port",
    "api.ssl",
    "api.trusted_proxies",
    "api.disable_remote_download",
    "api.remote_download_blocked_cidrs",
    "api.schedule.steps.http_request",
    "system.data",
    "system.passwd",
    "system.user",
    "system.username",
    "system.backups.restic.repository",
    "system.backups.restic.password_file",
    "system.backups.mounting.path",
];

/// Removes from a change of a daemon's configuration what a panel never changes.
fn make_harmless(patch: &mut serde_json::Value) {
    for path in NEVER_PUSHED {
        take_out(patch, path);
    }
    let system = patch.get_mut("system");
    if let Some(system) = system.and_then(serde_json::Value::as_object_mut) {
        system.retain(|key, _| !key.ends_with("_directory"));
    }
}

/// Removes what lies at a path of keys, if it is there.
fn take_out(value: &mut serde_json::Value, path: &str) {
    match path.split_once('.') {
        Some((key, rest)) => {
            if let Some(inner) = value.get_mut(key) {
                take_out(inner, rest);
            }
        }
        None => {
            if let Some(object) = value.as_object_mut() {
                object.shift_remove(path);
            }
        }
    }
}

impl NodeClient {
    /// The daemon's whole configuration, secrets included before 1.0: read what you need and drop the rest. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn configuration(&self) -> Result<serde_json::Value, Error> {
        self.require(Capability::Configuration).await?;
        self.fetch(
            Call::read("get configuration"),
            self.request(Method::GET, &["api", "system", "config"]),
        )
        .await
    }

    /// Changes parts of the daemon's configuration; false when the node is told to ignore it. What the daemon must not take from a panel
    /// (its identity, its folders, where it listens) is taken out of `patch` first. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, which take a whole configuration ([`NodeClient::update_configuration`]); and as for every call.
    pub async fn patch_configuration(&self, patch: &serde_json::Value) -> Result<bool, Error> {
        self.require(Capability::Configuration).await?;
        let mut patch = patch.clone();
        make_harmless(&mut patch);
        let answer: Applied = self
            .fetch_json(
                Call::with("patch configuration", Effect::Repeatable),
                self.request(Method::POST, &["api", "update"]),
                &patch,
            )
            .await?;
        Ok(answer.applied)
    }

    /// The daemon's own log files, oldest first. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn node_logs(&self) -> Result<Vec<LogFile>, Error> {
        self.require(Capability::NodeLogs).await?;
        let answer: LogFiles = self
            .fetch(
                Call::read("list node logs"),
                self.request(Method::GET, &["api", "system", "logs"]),
            )
            .await?;
        Ok(answer.log_files)
    }

    /// One of the daemon's own logs, unpacked, as a stream; only its last `lines` where asked. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and for `lines` on Calagopus before 1.0; [`Error::Refused`] with 404, which older daemons call 400,
    /// when there is no such file; and as for every call.
    pub async fn node_log(&self, file: &str, lines: Option<u32>) -> Result<ByteStream, Error> {
        self.require(Capability::NodeLogs).await?;
        let mut request = self.request(Method::GET, &["api", "system", "logs", file]);
        if let Some(lines) = lines {
            self.require(Capability::FollowNodeLogs).await?;
            request = request.query(&[("lines", lines)]);
        }
        match self.stream(Call::stream("read node log"), request).await {
            Err(Error::Refused {
                call,
                status: 400,
                message,
            }) => Err(Error::Refused {
                call,
                status: 404,
                message,
            }),
            other => other,
        }
    }

    /// Replaces the daemon by another version; it fetches that, answers, and restarts. False when the node is told to ignore it.
    /// **At most once.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons; [`Error::Refused`] with 409 when the content is not the expected one; and as for every call.
    pub async fn upgrade(&self, upgrade: &Upgrade) -> Result<bool, Error> {
        self.require(Capability::Upgrade).await?;
        let answer: UpgradeStarted = self
            .fetch_json(
                Call::long("upgrade", Effect::AtMostOnce),
                self.request(Method::POST, &["api", "system", "upgrade"]),
                upgrade,
            )
            .await?;
        Ok(answer.applied.unwrap_or(true))
    }

    /// Starts a task on a restic repository; how it went when `foreground`, nothing when it goes on. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 409 while one runs; and as for every call.
    pub async fn start_restic_task(
        &self,
        task: ResticTask,
        order: &ResticOrder,
    ) -> Result<Option<TaskResult>, Error> {
        self.require(Capability::ResticMaintenance).await?;
        let path = ["api", "system", "restic", task.as_str()];
        let request = self.request(Method::POST, &path).json(order);
        let call = Call::long("start restic task", Effect::ProbeFirst);
        let (status, body) = self.exchange(call, request).await?;
        if status == 202 {
            return Ok(None);
        }
        let answer: TaskAnswer =
            serde_json::from_slice(&body).map_err(|error| Error::Unexpected {
                call: call.name,
                status,
                detail: error.to_string(),
            })?;
        Ok(Some(answer.result))
    }

    /// How the last task of this kind went; nothing when there was none. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call, except 404.
    pub async fn restic_task(&self, task: ResticTask) -> Result<Option<TaskResult>, Error> {
        self.require(Capability::ResticMaintenance).await?;
        let path = ["api", "system", "restic", task.as_str()];
        let answer: Result<TaskAnswer, Error> = self
            .fetch(
                Call::read("get restic task"),
                self.request(Method::GET, &path),
            )
            .await;
        match answer {
            Ok(answer) => Ok(Some(answer.result)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ports that something listens on, by address. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 400; and as for every call.
    pub async fn used_ports(
        &self,
        addresses: &[String],
    ) -> Result<BTreeMap<String, Vec<UsedPort>>, Error> {
        self.require(Capability::UsedPorts).await?;
        let query: Vec<_> = addresses.iter().map(|address| ("ip", address)).collect();
        let request = self
            .request(Method::GET, &["api", "ports", "used"])
            .query(&query);
        let answer: UsedPorts = self.fetch(Call::read("list used ports"), request).await?;
        Ok(answer.used)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_never_pushed_is_taken_out_at_any_depth() {
        let mut patch = json!({
            "token": "x", "debug": true,
            "api": {"port": 1, "upload_limit": 5}, "docker": {"socket": "/x"},
            "system": {"log_directory": "/etc", "timezone": "UTC"},
        });
        make_harmless(&mut patch);
        assert_eq!(
            patch,
            json!({"debug": true, "api": {"upload_limit": 5}, "docker": {}, "system": {"timezone": "UTC"}})
        );
    }
}
