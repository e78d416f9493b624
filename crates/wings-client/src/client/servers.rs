//! Servers on a node.

use std::collections::BTreeMap;

use panel_domain::id::ServerId;
use reqwest::{Method, RequestBuilder};
use uuid::Uuid;

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::flavour::Flavour;
use crate::wire::remote::{InstallationScript, ServerDocument};
use crate::wire::server::{
    Affected, Commands, CreateServer, InstallLog, LogLines, Power, PowerAction, PowerMany,
    Reinstall, ScriptOutput, Server, ServerSelection, Sync, Utilization, UtilizationAnswer,
    VersionHash,
};

impl NodeClient {
    pub(super) fn server_request(
        &self,
        method: Method,
        server: ServerId,
        path: &[&str],
    ) -> RequestBuilder {
        let server = server.to_string();
        let mut segments = vec!["api", "servers", server.as_str()];
        segments.extend_from_slice(path);
        self.request(method, &segments)
    }

    /// All servers the daemon knows, with state and load. Repeatable.
    ///
    /// # Errors
    /// As for every call.
    pub async fn servers(&self) -> Result<Vec<Server>, Error> {
        self.fetch(
            Call::read("list servers"),
            self.request(Method::GET, &["api", "servers"]),
        )
        .await
    }

    /// One server with state and load. Repeatable; what a retry of a *probe first* call reads.
    ///
    /// # Errors
    /// [`Error::Refused`] with 404 when the daemon does not know it, and as for every call.
    pub async fn server(&self, server: ServerId) -> Result<Server, Error> {
        self.fetch(
            Call::probe("get server"),
            self.server_request(Method::GET, server, &[]),
        )
        .await
    }

    /// Load of one server. Repeatable. A daemon that is not known yet is not asked what it is for this: every one tells it with the server.
    ///
    /// # Errors
    /// As for [`Self::server`].
    pub async fn utilization(&self, server: ServerId) -> Result<Utilization, Error> {
        if !self
            .known_profile()
            .is_some_and(|profile| profile.capabilities().has(Capability::LiveUtilization))
        {
            return Ok(self.server(server).await?.utilization);
        }
        let answer: UtilizationAnswer = self
            .fetch(
                Call::probe("get utilization"),
                self.server_request(Method::GET, server, &["utilization"]),
            )
            .await?;
        Ok(answer.utilization)
    }

    /// Load of all servers of the node, by id. Repeatable. Daemons without a call for it are asked for their servers.
    ///
    /// # Errors
    /// As for every call.
    pub async fn utilizations(&self) -> Result<BTreeMap<Uuid, Utilization>, Error> {
        if self
            .profile()
            .await?
            .capabilities()
            .has(Capability::LiveUtilization)
        {
            return self
                .fetch(
                    Call::probe("get utilizations"),
                    self.request(Method::GET, &["api", "servers", "utilization"]),
                )
                .await;
        }
        let servers = self.servers().await?;
        Ok(servers
            .into_iter()
            .filter_map(|server| Some((server.uuid()?, server.utilization)))
            .collect())
    }

    /// Creates a server and starts its installation in the background; the result comes by callback. **Probe first**: the Go daemons do not
    /// refuse a second one. The daemon reads the server from the panel while it answers, so commit before.
    ///
    /// # Errors
    /// [`Error::Refused`]: 409 when it exists (Calagopus), 422 when the id is no version 4 UUID (Go), 500 when the daemon
    /// could not read the server from the panel; and as for every call.
    pub async fn create_server(&self, server: &CreateServer) -> Result<(), Error> {
        self.act_json(
            Call::with("create server", Effect::ProbeFirst),
            self.request(Method::POST, &["api", "servers"]),
            server,
        )
        .await
    }

    /// Makes the daemon take the server's present configuration, also its suspension (which stops it). Repeatable. Sent after every change
    /// of limits, allocations, variables, image, mounts, name or suspension. With `document`, Calagopus does not ask the panel; the
    /// Go daemons always do, so it is not sent to them.
    ///
    /// # Errors
    /// As for every call.
    pub async fn sync_server(
        &self,
        server: ServerId,
        document: Option<ServerDocument>,
    ) -> Result<(), Error> {
        const CALL: Call = Call::with("sync server", Effect::Repeatable);
        let request = self.server_request(Method::POST, server, &["sync"]);
        let inline = match document {
            Some(document)
                if self
                    .profile()
                    .await?
                    .capabilities()
                    .has(Capability::InlineSync) =>
            {
                Some(Box::new(document))
            }
            _ => None,
        };
        match inline {
            Some(server) => {
                self.act_json(
                    CALL,
                    request,
                    &Sync {
                        server: Some(server),
                    },
                )
                .await
            }
            None => self.act(CALL, request).await,
        }
    }

    /// Deletes a server with its files. Repeatable: one that is not there counts as deleted.
    ///
    /// # Errors
    /// As for every call, except 404.
    pub async fn delete_server(&self, server: ServerId) -> Result<(), Error> {
        let call = Call::with("delete server", Effect::Repeatable);
        let request = self.server_request(Method::DELETE, server, &[]);
        match self.act(call, request).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        }
    }

    /// Runs the installation again; the result comes by callback. **Probe first.** With `truncate` or `script`, the daemon must be able to
    /// take them; without, it asks the panel for the script.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for `truncate` or `script` on the Go daemons; [`Error::Refused`] with 409 when the server is busy or
    /// suspended; and as for every call.
    pub async fn reinstall_server(
        &self,
        server: ServerId,
        truncate: bool,
        script: Option<InstallationScript>,
    ) -> Result<(), Error> {
        if truncate || script.is_some() {
            self.require(Capability::ReinstallWithScript).await?;
        }
        let body = Reinstall {
            truncate_directory: truncate,
            installation_script: script,
        };
        self.act_json(
            Call::with("reinstall server", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["reinstall"]),
            &body,
        )
        .await
    }

    /// Runs the first installation again, without the stop that a reinstall begins with, where the daemon tells them apart (Go); a reinstall
    /// elsewhere. **Probe first.**
    ///
    /// # Errors
    /// As for [`Self::reinstall_server`].
    pub async fn install_server(&self, server: ServerId) -> Result<(), Error> {
        if self.profile().await?.flavour == Flavour::Calagopus {
            return self.reinstall_server(server, false, None).await;
        }
        self.act(
            Call::with("install server", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["install"]),
        )
        .await
    }

    /// Stops a running installation. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons; [`Error::Refused`] with 409 when none runs; and as for every call.
    pub async fn abort_install(&self, server: ServerId) -> Result<(), Error> {
        self.require(Capability::AbortInstall).await?;
        self.act(
            Call::with("abort install", Effect::Repeatable),
            self.server_request(Method::POST, server, &["install", "abort"]),
        )
        .await
    }

    /// Starts, stops, restarts or kills. **At most once.** Success means accepted: what comes of it is seen in the state only.
    ///
    /// # Errors
    /// [`Error::Refused`] with 400 for a start of a suspended server (Go), and as for every call.
    pub async fn power(&self, server: ServerId, action: PowerAction) -> Result<(), Error> {
        let body = Power {
            action,
            wait_seconds: None,
        };
        self.act_json(
            Call::with("power", Effect::AtMostOnce),
            self.server_request(Method::POST, server, &["power"]),
            &body,
        )
        .await
    }

    /// Does something to many servers; says how many it reached. **At most once.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn power_many(
        &self,
        servers: ServerSelection,
        action: PowerAction,
    ) -> Result<u64, Error> {
        self.require(Capability::PowerMany).await?;
        let body = PowerMany {
            servers,
            action,
            wait_seconds: None,
        };
        let answer: Affected = self
            .fetch_json(
                Call::with("power many", Effect::AtMostOnce),
                self.request(Method::POST, &["api", "servers", "power"]),
                &body,
            )
            .await?;
        Ok(answer.affected)
    }

    /// Writes lines to the server's console. **At most once.** Line ends are added by the daemon.
    ///
    /// # Errors
    /// [`Error::Refused`] with 502 (Go) or 417 (Calagopus) when the server is offline, and as for every call.
    pub async fn send_commands(
        &self,
        server: ServerId,
        commands: Vec<String>,
    ) -> Result<(), Error> {
        self.act_json(
            Call::with("send commands", Effect::AtMostOnce),
            self.server_request(Method::POST, server, &["commands"]),
            &Commands { commands },
        )
        .await
    }

    /// The last `lines` lines of the console, oldest first, without line ends; the Go daemons give 100 at most. Repeatable.
    ///
    /// # Errors
    /// [`Error::Refused`] with 500 on the Go daemons when there is no container, and as for every call.
    pub async fn console_log(&self, server: ServerId, lines: u32) -> Result<Vec<String>, Error> {
        const CALL: Call = Call::read("console log");
        let request = self.server_request(Method::GET, server, &["logs"]);
        if self.profile().await?.flavour == Flavour::Calagopus {
            let (_, body) = self
                .exchange(CALL, request.query(&[("lines", lines)]))
                .await?;
            return Ok(split_lines(&body));
        }
        let request = request.query(&[("size", lines.clamp(1, 100))]);
        let log: LogLines = self.fetch(CALL, request).await?;
        Ok(log.data.unwrap_or_default())
    }

    /// What the last installation printed, oldest first. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on Pterodactyl; [`Error::Refused`] with 404 (Calagopus) or 500 (Pelican) when there is no log; and as
    /// for every call.
    pub async fn install_log(&self, server: ServerId) -> Result<Vec<String>, Error> {
        const CALL: Call = Call::read("install log");
        let profile = self.require(Capability::InstallLog).await?;
        if profile.flavour == Flavour::Calagopus {
            let request = self.server_request(Method::GET, server, &["logs", "install"]);
            let (_, body) = self.exchange(CALL, request).await?;
            return Ok(split_lines(&body));
        }
        let request = self.server_request(Method::GET, server, &["install-logs"]);
        let log: InstallLog = self.fetch(CALL, request).await?;
        Ok(split_lines(log.data.as_bytes()))
    }

    /// Runs a script in a container of its own on the server's files, and waits; gives what it printed. **At most once.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons; [`Error::Refused`] with 500 when it failed; and as for every call.
    pub async fn run_script(
        &self,
        server: ServerId,
        script: &InstallationScript,
    ) -> Result<String, Error> {
        self.require(Capability::Script).await?;
        let request = self
            .server_request(Method::POST, server, &["script"])
            .json(script);
        let call = Call::long("run script", Effect::AtMostOnce);
        let (_, body) = self.exchange(call, request).await?;
        Ok(script_output(&body))
    }

    /// SHA-256 of the program of a server of this game (`minecraft_java`), in lower-case hex; nothing when there is none. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call, except 404.
    pub async fn version_hash(
        &self,
        server: ServerId,
        game: &str,
    ) -> Result<Option<String>, Error> {
        self.require(Capability::GameVersion).await?;
        let request = self
            .server_request(Method::GET, server, &["version"])
            .query(&[("game", game)]);
        let answer: Result<VersionHash, Error> =
            self.fetch(Call::search("get version"), request).await;
        match answer {
            Ok(found) => Ok(Some(found.hash)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What a script beside a server printed.
fn script_output(body: &[u8]) -> String {
    match serde_json::from_slice::<ScriptOutput>(body) {
        Ok(output) => output.stdout + &output.stderr,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

fn split_lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text)
        .lines()
        .map(|line| line.trim_end_matches('\r').to_owned())
        .collect()
}
