//! Moving servers between nodes.

use std::collections::BTreeMap;

use panel_domain::id::ServerId;
use reqwest::Method;
use uuid::Uuid;

use super::archives::gone_is_done;
use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::transfers::{StartTransfer, TransferCapabilities, TransferProgress};

impl NodeClient {
    /// Tells this node, the source, to send a server to another; the end comes by callback, but not after an error here. **Probe first.**
    /// Between flavours it does not work: the caller compares them.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for `backups` on Pterodactyl; [`Error::Refused`] with 409 when one is under way or the server is busy, 500 when it
    /// could not be stopped (Go); and as for every call.
    pub async fn start_transfer(
        &self,
        server: ServerId,
        order: &StartTransfer,
    ) -> Result<(), Error> {
        if !order.backups.is_empty() {
            self.require(Capability::TransferBackups).await?;
        }
        // The Go daemons stop the server first, within the request.
        self.act_json(
            Call::long("start transfer", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["transfer"]),
            order,
        )
        .await
    }

    /// Tells this node, the source, to stop sending a server; says whether it was sending. Repeatable.
    ///
    /// # Errors
    /// As for every call, except what says that there is no transfer (409 from the Go daemons, 417 from Calagopus).
    pub async fn cancel_outgoing_transfer(&self, server: ServerId) -> Result<bool, Error> {
        let request = self.server_request(Method::DELETE, server, &["transfer"]);
        let call = Call::with("cancel outgoing transfer", Effect::Repeatable);
        match self.act(call, request).await {
            Ok(()) => Ok(true),
            Err(Error::Refused {
                status: 404 | 409 | 417,
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Tells this node, the destination, to stop receiving a server. Repeatable: no transfer counts as cancelled.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, whose route for it always fails; and as for every call, except 404.
    pub async fn cancel_incoming_transfer(&self, server: ServerId) -> Result<(), Error> {
        self.require(Capability::CancelIncomingTransfer).await?;
        let server = server.to_string();
        let request = self.request(Method::DELETE, &["api", "transfers", &server]);
        let call = Call::with("cancel incoming transfer", Effect::Repeatable);
        gone_is_done(self.act(call, request).await)
    }

    /// What has come of the transfers to and from this node, by server. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn transfers(&self) -> Result<BTreeMap<Uuid, TransferProgress>, Error> {
        self.require(Capability::TransferProgress).await?;
        self.fetch(
            Call::read("list transfers"),
            self.request(Method::GET, &["api", "transfers"]),
        )
        .await
    }

    /// How this node packs and holds servers to their disk space. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::transfers`].
    pub async fn transfer_capabilities(&self) -> Result<TransferCapabilities, Error> {
        self.require(Capability::TransferProgress).await?;
        self.fetch(
            Call::read("get transfer capabilities"),
            self.request(Method::GET, &["api", "transfers", "capabilities"]),
        )
        .await
    }
}
