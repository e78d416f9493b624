//! The node itself.

use reqwest::Method;
use reqwest::header::USER_AGENT;

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::flavour::{Flavour, Profile};
use crate::wire::config::NodeConfig;
use crate::wire::system::{Applied, Overview, SystemInformation, SystemStats, SystemStatsAnswer};

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInformation {
    /// Flavour and version.
    pub profile: Profile,
    /// Machine and kernel.
    pub system: SystemInformation,
}

impl NodeClient {
    /// Asks the daemon what it is, and remembers it. Repeatable; the health check of a node.
    ///
    /// Flavours are told apart as follows: Pelican signs its answers with a `User-Agent`, Calagopus has an overview, the rest is
    /// Pterodactyl.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`] (401 or 403 when the node has another token), [`Error::Unexpected`].
    pub async fn information(&self) -> Result<NodeInformation, Error> {
        const CALL: Call = Call::probe("system information");
        let response = self
            .open(
                CALL,
                self.request(Method::GET, &["api", "system"])
                    .timeout(self.shared.settings.deadlines.probe),
            )
            .await?;
        let signed = response
            .headers()
            .get(USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .and_then(Flavour::of_user_agent);
        let status = response.status().as_u16();
        let unexpected = |detail: String| Error::Unexpected {
            call: CALL.name,
            status,
            detail,
        };
        let body = match self.body_of(response).await {
            Some(Ok(body)) => body,
            Some(Err(error)) => return Err(unexpected(super::Chain(&error).to_string())),
            None => return Err(unexpected("the answer stopped coming".into())),
        };
        let system: SystemInformation =
            serde_json::from_slice(&body).map_err(|error| unexpected(error.to_string()))?;
        let flavour = match signed {
            Some(flavour) => flavour,
            None => match self.fetch_overview().await {
                Ok(_) => Flavour::Calagopus,
                Err(Error::Refused { .. }) => Flavour::Pterodactyl,
                Err(error) => return Err(error),
            },
        };
        let profile = Profile {
            flavour,
            version: system.version.as_str().into(),
        };
        self.state.learn(profile.clone());
        Ok(NodeInformation { profile, system })
    }

    async fn fetch_overview(&self) -> Result<Overview, Error> {
        self.fetch(
            Call::probe("system overview"),
            self.request(Method::GET, &["api", "system", "overview"]),
        )
        .await
    }

    /// Processor, memory and server counts of the node. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn overview(&self) -> Result<Overview, Error> {
        self.require(Capability::Overview).await?;
        self.fetch_overview().await
    }

    /// Load of the node's machine, in bytes. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn statistics(&self) -> Result<SystemStats, Error> {
        self.require(Capability::NodeStatistics).await?;
        let answer: SystemStatsAnswer = self
            .fetch(
                Call::probe("system statistics"),
                self.request(Method::GET, &["api", "system", "stats"]),
            )
            .await?;
        Ok(answer.stats.in_bytes())
    }

    /// Pushes a new configuration; false when the node is told to ignore it. Repeatable. The Go daemons take a new token from it at once,
    /// so call it with the old one; Calagopus applies only ports, TLS, limits and origins.
    ///
    /// # Errors
    /// As for every call.
    pub async fn update_configuration(&self, configuration: &NodeConfig) -> Result<bool, Error> {
        let request = self
            .request(Method::POST, &["api", "update"])
            .json(configuration);
        let answer: Applied = self
            .fetch(
                Call::with("update configuration", Effect::Repeatable),
                request,
            )
            .await?;
        Ok(answer.applied)
    }
}
