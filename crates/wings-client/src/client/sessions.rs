//! Who is connected to a node's servers, and how they are shut out.

use panel_domain::id::{ServerId, UserId};
use reqwest::Method;

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::tokens;
use crate::wire::server::{
    Broadcast, DeauthorizeUser, DenyTokens, SetPermissions, UserPermissions,
};

impl NodeClient {
    /// Refuses every token with one of these ids that was issued before now, on the whole node. Repeatable; the daemon forgets it with its
    /// restart, which refuses older tokens by itself.
    ///
    /// # Errors
    /// As for every call.
    pub async fn deny_tokens(&self, server: ServerId, jtis: Vec<String>) -> Result<(), Error> {
        self.act_json(
            Call::with("deny tokens", Effect::Repeatable),
            self.server_request(Method::POST, server, &["ws", "deny"]),
            &DenyTokens { jtis },
        )
        .await
    }

    /// Closes a user's sockets and SFTP sessions on these servers (on Pelican the sockets of everybody there). Repeatable. Nothing is sent for
    /// an empty list, which the daemons would take for all servers.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on Pterodactyl, and as for every call.
    pub async fn deauthorize_user(&self, user: UserId, servers: &[ServerId]) -> Result<(), Error> {
        if servers.is_empty() {
            return Ok(());
        }
        self.require(Capability::DeauthorizeUser).await?;
        self.send_deauthorize_user(user, servers).await
    }

    async fn send_deauthorize_user(&self, user: UserId, servers: &[ServerId]) -> Result<(), Error> {
        let body = DeauthorizeUser {
            user: user.uuid(),
            servers: servers.iter().map(|server| server.uuid()).collect(),
        };
        self.act_json(
            Call::with("deauthorize user", Effect::Repeatable),
            self.request(Method::POST, &["api", "deauthorize-user"]),
            &body,
        )
        .await
    }

    /// Replaces what a user may do over SFTP; without permissions the user is disconnected. Open sockets keep their token's. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn set_permissions(
        &self,
        server: ServerId,
        users: Vec<UserPermissions>,
    ) -> Result<(), Error> {
        self.require(Capability::WebsocketPermissions).await?;
        self.act_json(
            Call::with("set permissions", Effect::Repeatable),
            self.server_request(Method::POST, server, &["ws", "permissions"]),
            &SetPermissions {
                user_permissions: users,
            },
        )
        .await
    }

    /// Tells the open sockets of a server something. **At most once.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn broadcast(&self, server: ServerId, broadcast: &Broadcast) -> Result<(), Error> {
        self.require(Capability::Broadcast).await?;
        self.act_json(
            Call::with("broadcast", Effect::AtMostOnce),
            self.server_request(Method::POST, server, &["ws", "broadcast"]),
            broadcast,
        )
        .await
    }

    /// Ends what a user has on a server, by whatever this daemon offers: sockets and SFTP are closed where that can be done, and tokens
    /// from [`crate::tokens`] are denied everywhere. Repeatable. Tokens made in the same second are refused as well.
    ///
    /// Whether a daemon can close SFTP sessions is not told by its flavour: Pterodactyl's has taken the call over from Pelican's in a
    /// later version. So it is tried, and a daemon that does not know it is content with the rest.
    ///
    /// # Errors
    /// As for every call. What can be done in spite of an error has been done.
    pub async fn revoke(&self, user: UserId, server: ServerId) -> Result<(), Error> {
        let closed = match self.send_deauthorize_user(user, &[server]).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        };
        let denied = self
            .deny_tokens(server, vec![tokens::token_id(user, server)])
            .await;
        closed.and(denied)
    }
}
