//! Websockets of a node, opened by the panel: to pass on a console, and to follow what a daemon streams that way.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use panel_domain::id::{NodeId, ServerId};
use reqwest::header::{
    CONNECTION, HeaderValue, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use url::Url;

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Cause, Error};
use crate::wire::system::SystemStats;

/// Largest message that is taken from a node: a console line and a load report are far smaller.
const LARGEST_MESSAGE: usize = 1024 * 1024;

/// What comes over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text.
    Text(String),
    /// Bytes.
    Binary(bytes::Bytes),
    /// The other side closes, with a code and a reason where it gives them. Nothing comes after it.
    Closed(Option<(u16, String)>),
}

/// An open websocket of a node. Pings are answered while it is read.
#[derive(Debug)]
pub struct NodeSocket {
    node: NodeId,
    call: &'static str,
    socket: WebSocketStream<reqwest::Upgraded>,
    /// Bound on taking a message to be sent.
    patience: Duration,
}

impl NodeSocket {
    fn broken(&self, cause: Cause) -> Error {
        Error::Unreachable {
            node: self.node,
            call: self.call,
            cause,
        }
    }

    /// The next frame. May wait for ever: a socket is quiet as long as nothing happens. Can be dropped and called again.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when the connection breaks.
    pub async fn next(&mut self) -> Result<Frame, Error> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Frame::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(bytes))) => return Ok(Frame::Binary(bytes)),
                Some(Ok(Message::Close(close))) => {
                    return Ok(Frame::Closed(close.map(|close| {
                        (close.code.into(), close.reason.as_str().to_owned())
                    })));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(_)) => return Err(self.broken(Cause::Broken)),
                None => return Ok(Frame::Closed(None)),
            }
        }
    }

    async fn send(&mut self, message: Message) -> Result<(), Error> {
        match tokio::time::timeout(self.patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.broken(Cause::Broken)),
            Err(_) => Err(self.broken(Cause::Deadline)),
        }
    }

    /// Sends a text.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when the connection breaks or does not take it in time.
    pub async fn send_text(&mut self, text: String) -> Result<(), Error> {
        self.send(Message::Text(text.into())).await
    }

    /// Sends bytes.
    ///
    /// # Errors
    /// As for [`Self::send_text`].
    pub async fn send_binary(&mut self, bytes: bytes::Bytes) -> Result<(), Error> {
        self.send(Message::Binary(bytes)).await
    }

    /// Closes the socket, with a code and reason.
    ///
    /// # Errors
    /// As for [`Self::send_text`].
    pub async fn close(&mut self, code: u16, reason: String) -> Result<(), Error> {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        self.send(Message::Close(Some(frame))).await
    }
}

impl NodeClient {
    async fn open_socket(&self, call: Call, request: RequestBuilder) -> Result<NodeSocket, Error> {
        let key = generate_key();
        let accept = derive_accept_key(key.as_bytes());
        let request = request
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key);
        let response = self.open_upgrade(call, request).await?;
        let status = response.status();
        let unexpected = |detail: String| Error::Unexpected {
            call: call.name,
            status: status.as_u16(),
            detail,
        };
        let accepted = response.headers().get(SEC_WEBSOCKET_ACCEPT);
        if status != StatusCode::SWITCHING_PROTOCOLS
            || accepted != HeaderValue::try_from(accept).ok().as_ref()
        {
            return Err(unexpected("no websocket was opened".into()));
        }
        let upgraded = response
            .upgrade()
            .await
            .map_err(|error| unexpected(error.to_string()))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        Ok(NodeSocket {
            node: self.id(),
            call: call.name,
            socket: WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await,
            patience: self.stream_piece(),
        })
    }

    /// As [`Self::open`], for an answer that changes the protocol.
    async fn open_upgrade(
        &self,
        call: Call,
        request: RequestBuilder,
    ) -> Result<reqwest::Response, Error> {
        let began = Instant::now();
        let permit = self.permit(call)?;
        let head =
            tokio::time::timeout(self.shared.settings.deadlines.normal, request.send()).await;
        let response = match head {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.transport_failure(call, permit, &error, began)),
            Err(_) => return Err(self.unreachable(call, permit, Cause::Deadline, began)),
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            permit.answered();
            self.measure(call, "ok", began);
            return Ok(response);
        }
        match self.receive(call, permit, response, began).await {
            Err(error) => Err(error),
            Ok((status, _)) => Err(Error::Unexpected {
                call: call.name,
                status,
                detail: "no websocket was opened".into(),
            }),
        }
    }

    /// The websocket of a server, for the console. The first message must be `auth` with a signed token. `panel` is the panel's public
    /// address: the Go daemons let nobody in who does not come from there.
    ///
    /// # Errors
    /// [`Error::Refused`] with 404 when the daemon does not know the server, 403 for another panel, 400 when too many are open (Pelican); and
    /// as for every call.
    pub async fn console_socket(&self, server: ServerId, panel: &Url) -> Result<NodeSocket, Error> {
        let server = server.to_string();
        let request = self
            .bare_request(Method::GET, &["api", "servers", &server, "ws"])
            .header(ORIGIN, panel.as_str().trim_end_matches('/'));
        self.open_socket(Call::stream("console socket"), request)
            .await
    }

    /// The load of the machine, once a second. Read it with [`SystemStats::of_frame`].
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call.
    pub async fn statistics_socket(&self) -> Result<NodeSocket, Error> {
        self.require(Capability::NodeStatistics).await?;
        let request = self.request(Method::GET, &["api", "system", "stats", "ws"]);
        self.open_socket(Call::stream("statistics socket"), request)
            .await
    }

    /// The load of all servers of the node, as long as it is read.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call.
    pub async fn utilization_socket(&self) -> Result<NodeSocket, Error> {
        self.require(Capability::LiveUtilization).await?;
        let request = self.request(Method::GET, &["api", "servers", "utilization", "ws"]);
        self.open_socket(Call::stream("utilization socket"), request)
            .await
    }

    /// One of the daemon's own logs, from its last `lines` on.
    ///
    /// # Errors
    /// As for [`Self::utilization_socket`].
    pub async fn node_log_socket(&self, file: &str, lines: u32) -> Result<NodeSocket, Error> {
        self.require(Capability::FollowNodeLogs).await?;
        let request = self
            .request(Method::GET, &["api", "system", "logs", file, "ws"])
            .query(&[("lines", lines)]);
        self.open_socket(Call::stream("node log socket"), request)
            .await
    }

    /// What comes of the transfers to and from this node.
    ///
    /// # Errors
    /// As for [`Self::utilization_socket`].
    pub async fn transfer_socket(&self) -> Result<NodeSocket, Error> {
        self.require(Capability::TransferProgress).await?;
        let request = self.request(Method::GET, &["api", "transfers", "ws"]);
        self.open_socket(Call::stream("transfer socket"), request)
            .await
    }

    /// A tunnel to a port of a server, `protocol` being `tcp` or `udp`: binary frames are bytes or datagrams, the text `refused` means that nothing
    /// listens there.
    ///
    /// # Errors
    /// As for [`Self::utilization_socket`].
    pub async fn port_socket(
        &self,
        server: ServerId,
        protocol: &str,
        port: u16,
    ) -> Result<NodeSocket, Error> {
        self.require(Capability::PortTunnel).await?;
        let port = port.to_string();
        let request = self
            .server_request(Method::GET, server, &["ws", "query"])
            .query(&[("protocol", protocol), ("port", port.as_str())]);
        self.open_socket(Call::stream("port socket"), request).await
    }
}

impl SystemStats {
    /// The figures in a frame of [`NodeClient::statistics_socket`], in bytes; nothing for another frame.
    #[must_use]
    pub fn of_frame(frame: &Frame) -> Option<Self> {
        let Frame::Text(text) = frame else {
            return None;
        };
        serde_json::from_str::<Self>(text).ok().map(Self::in_bytes)
    }
}
