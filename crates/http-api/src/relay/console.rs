//! Consoles: a socket of the browser and a socket of the node, what comes by one going out by the other.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, rt, web};
use actix_ws::{
    AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, Session,
};
use futures_util::StreamExt as _;
use panel_domain::id::{NodeId, ServerId};
use panel_service::relay::{self, Frame, NodeSocket};
use serde::Deserialize;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::open_sockets::OpenSocket;
use crate::drain::Drain;
use crate::error::{Answer, BadRequest, Failure};
use crate::extract::{Caller, Path, Query};
use crate::middleware::csrf;
use crate::state::AppState;

/// Largest message that is taken from a browser: twice what the largest one of a daemon's protocol has.
const LARGEST_MESSAGE: usize = 64 * 1024;
/// Bytes on their way to a browser that it has not said to have got. A ping behind them is answered when it has.
const WINDOW: usize = 512 * 1024;
/// How long a browser may take for an answer to a ping, and to take what is sent to it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take to take the last word.
const FAREWELL: Duration = Duration::from_secs(5);
/// How often a quiet browser is asked whether it is there.
const QUIET: Duration = Duration::from_secs(30);
/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// The query of a console's address.
#[derive(Debug, Deserialize)]
pub(super) struct ConsoleQuery {
    #[serde(default)]
    token: String,
}

/// Opens the socket to the node first, so that a browser is told why it gets none.
pub(super) async fn open(
    caller: Caller,
    Path((node, server)): Path<(NodeId, ServerId)>,
    Query(query): Query<ConsoleQuery>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Answer<HttpResponse> {
    if csrf::is_foreign(request.headers(), &state.options().url) {
        return Err(BadRequest::CrossSite.into());
    }
    let pass = relay::console_pass(&caller, node, server, query.token).await?;
    let user = pass.user.ok_or(panel_service::Error::Unauthenticated)?;
    let counted = state.sockets().open(user, server)?;
    let (response, session, messages) = actix_ws::handle(&request, payload).map_err(|_| {
        let invalid = panel_domain::validate::Invalid::of("upgrade", "must be a websocket");
        Failure::from(BadRequest::Malformed(invalid))
    })?;
    let node = relay::open_console(&caller, &pass).await?;
    let messages = messages
        .max_frame_size(LARGEST_MESSAGE)
        .aggregate_continuations()
        .max_continuation_size(LARGEST_MESSAGE);
    let console = Console {
        node,
        session,
        unanswered: None,
        sent: 0,
        heard: Instant::now(),
        drain: state.drain().clone(),
        _counted: counted,
    };
    rt::spawn(console.relay(messages));
    Ok(response)
}

/// A console that is relayed.
struct Console {
    node: NodeSocket,
    session: Session,
    /// Since when a ping waits for its answer.
    unanswered: Option<Instant>,
    /// Bytes that went to the browser since the last ping.
    sent: usize,
    /// When the browser was last heard of.
    heard: Instant,
    drain: Drain,
    _counted: OpenSocket,
}

/// Why a relay ends.
enum End {
    /// One side is gone.
    Gone,
    /// Both sides are told this.
    Close(CloseReason),
}

impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self::Gone
    }
}

fn close(code: CloseCode, reason: &str) -> End {
    End::Close(CloseReason {
        code,
        description: Some(reason.to_owned()),
    })
}

/// Waits until something is on its way to the browser. What is sent to one that takes nothing waits for ever.
async fn on_its_way(sent: impl Future<Output = Result<(), Closed>>) -> Result<(), End> {
    Ok(timeout(PATIENCE, sent).await.map_err(|_| End::Gone)??)
}

/// Tells the browser that this is the end. Whoever is gone already hears nothing.
async fn say_farewell(session: Session, reason: Option<CloseReason>) {
    timeout(FAREWELL, session.close(reason)).await.ok();
}

impl Console {
    async fn relay(mut self, mut messages: AggregatedMessageStream) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = loop {
            let step = tokio::select! {
                // A browser that does not keep up makes the daemon wait.
                frame = self.node.next(), if self.sent < WINDOW => match frame {
                    Ok(frame) => self.give_browser(frame).await,
                    Err(_) => Err(close(CloseCode::Error, "the node cannot be reached")),
                },
                message = messages.next() => match message {
                    Some(Ok(message)) => self.give_node(message).await,
                    Some(Err(_)) => Err(close(CloseCode::Size, "this message cannot be passed on")),
                    None => Err(End::Gone),
                },
                _ = ticks.tick() => self.look().await,
            };
            if let Err(end) = step {
                break end;
            }
        };
        let reason = match end {
            End::Gone => None,
            End::Close(reason) => Some(reason),
        };
        let code = reason
            .as_ref()
            .map_or(CloseCode::Normal, |reason| reason.code);
        self.node.close(code.into(), String::new()).await.ok();
        say_farewell(self.session, reason).await;
    }

    async fn give_browser(&mut self, frame: Frame) -> Result<(), End> {
        match frame {
            Frame::Text(text) => {
                self.sent += text.len();
                on_its_way(self.session.text(text)).await?;
            }
            Frame::Binary(bytes) => {
                self.sent += bytes.len();
                on_its_way(self.session.binary(bytes)).await?;
            }
            Frame::Closed(reason) => {
                let (code, reason) = reason.unwrap_or((1001, String::new()));
                return Err(close(CloseCode::from(code), &reason));
            }
        }
        if self.sent >= WINDOW {
            self.ping().await?;
        }
        Ok(())
    }

    async fn give_node(&mut self, message: AggregatedMessage) -> Result<(), End> {
        self.heard = Instant::now();
        let passed = match message {
            AggregatedMessage::Text(text) => self.node.send_text(text.to_string()).await,
            AggregatedMessage::Binary(bytes) => self.node.send_binary(bytes).await,
            AggregatedMessage::Ping(bytes) => return on_its_way(self.session.pong(&bytes)).await,
            AggregatedMessage::Pong(_) => {
                if self.unanswered.take().is_some() {
                    self.sent = 0;
                }
                return Ok(());
            }
            AggregatedMessage::Close(reason) => {
                let reason = reason.unwrap_or(CloseReason::from(CloseCode::Normal));
                return Err(End::Close(reason));
            }
        };
        passed.map_err(|_| close(CloseCode::Error, "the node cannot be reached"))
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered.is_none() {
            self.unanswered = Some(Instant::now());
            on_its_way(self.session.ping(b"")).await?;
        }
        Ok(())
    }

    /// What is due without anything having come.
    async fn look(&mut self) -> Result<(), End> {
        if self.drain.has_begun() {
            return Err(close(
                CloseCode::Restart,
                "the panel restarts; open the console again",
            ));
        }
        if self
            .unanswered
            .is_some_and(|since| since.elapsed() > PATIENCE)
        {
            return Err(End::Gone);
        }
        if self.heard.elapsed() > QUIET {
            self.ping().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest as _;
    use actix_web::http::header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
    use actix_web::test::TestRequest;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_browser_that_takes_nothing_is_not_waited_for() {
        let (request, mut payload) = TestRequest::default()
            .insert_header((UPGRADE, "websocket"))
            .insert_header((CONNECTION, "Upgrade"))
            .insert_header((SEC_WEBSOCKET_VERSION, "13"))
            .insert_header((SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="))
            .to_http_parts();
        let payload = web::Payload::from_request(&request, &mut payload).await;
        // Nobody reads the answer.
        let (_answer, mut session, _messages) =
            actix_ws::handle(&request, payload.unwrap()).unwrap();
        while timeout(TICK, session.text("x")).await.is_ok() {}
        let ping = on_its_way(session.ping(b"")).await;
        assert!(matches!(ping, Err(End::Gone)));
        say_farewell(session, None).await;
    }
}
