//! The socket of a server, with the life cycle of its token as a Calagopus 0.22 daemon keeps it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ORIGIN;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{CloseCode, CloseReason, Message as Frame, Session};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;
use wings_client::tokens::{Claims, Scope};
use wings_client::wire::server::{PowerAction, ServerState};
use wings_client::wire::websocket::{ClientEvent, Message, ServerEvent};

use super::answers::{known_server, refuse};
use super::{Shared, is_allowed_origin};
use crate::core::{Core, Event};
use crate::power;
use crate::token::{self, Invalid};

/// Lines of the console that are sent on request.
const HISTORY: usize = 150;
/// Longest frame that is looked at.
const LONGEST: usize = 32 * 1024;
const PING: Duration = Duration::from_secs(30);
/// A token with this much left is told to be ending.
const EXPIRING: i64 = 60;

pub(super) async fn open(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let server = known_server(&core, &path)?;
    let origin = request
        .headers()
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    if core.options.check_origin
        && let Some(origin) = origin
        && !is_allowed_origin(&core, origin)
    {
        return Err(refuse(StatusCode::FORBIDDEN, "origin is not allowed").into());
    }
    let (response, session, mut frames) = actix_ws::handle(&request, body)?;
    let mut socket = Socket {
        core: Arc::clone(&core),
        server,
        session,
        claims: None,
        greeted: false,
        last_stats: String::new(),
    };
    actix_web::rt::spawn(async move {
        let mut events = socket.core.events.subscribe();
        let mut look = tokio::time::interval(socket.core.options.token_interval);
        let mut ping = tokio::time::interval(PING);
        look.tick().await;
        ping.tick().await;
        let end = loop {
            let step = tokio::select! {
                frame = frames.recv() => match frame {
                    Some(Ok(frame)) => socket.frame(frame).await,
                    _ => Err(End::Gone),
                },
                event = events.recv() => match event {
                    Ok(event) => socket.event(event).await,
                    // Too slow: what was missed is missed, as on a real daemon.
                    Err(RecvError::Lagged(_)) => Ok(()),
                    Err(RecvError::Closed) => Err(End::Gone),
                },
                _ = look.tick() => socket.look_at_token().await,
                _ = ping.tick() => socket.session.ping(&[1, 2, 3]).await.map_err(|_| End::Gone),
            };
            if let Err(end) = step {
                break end;
            }
        };
        let closed = match end {
            // Without a close frame, as a real daemon drops those it does not trust.
            End::Dropped | End::Gone => return,
            End::Revoked => {
                let reason = CloseReason {
                    code: CloseCode::Normal,
                    description: Some("permission revoked".into()),
                };
                socket.session.close(Some(reason)).await
            }
            End::Deleted => socket.session.close(None).await,
        };
        if closed.is_err() {
            tracing::debug!("the socket was closed already");
        }
    });
    Ok(response)
}

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Gone,
    Dropped,
    Revoked,
    Deleted,
}

struct Socket {
    core: Arc<Core>,
    server: Uuid,
    session: Session,
    /// Of the token in force; nothing before the first and after its end.
    claims: Option<Claims>,
    greeted: bool,
    last_stats: String,
}

impl Socket {
    async fn send(&mut self, message: &Message) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|_| End::Gone)?;
        self.session.text(text).await.map_err(|_| End::Gone)
    }

    async fn frame(&mut self, frame: Frame) -> Result<(), End> {
        match frame {
            Frame::Text(text) if text.len() <= LONGEST => {
                let Ok(value) = serde_json::from_str::<Value>(&text) else {
                    return Ok(());
                };
                // A message without arguments is ignored, even where it needs none.
                if value.get("args").is_none() {
                    return Ok(());
                }
                match serde_json::from_value::<Message>(value) {
                    Ok(message) => self.message(message).await,
                    Err(_) => Ok(()),
                }
            }
            Frame::Text(_) | Frame::Pong(_) | Frame::Continuation(_) | Frame::Nop => Ok(()),
            Frame::Binary(_) => {
                self.send(&Message::with(
                    ServerEvent::JwtError,
                    "binary messages are not supported",
                ))
                .await
            }
            Frame::Ping(bytes) => self.session.pong(&bytes).await.map_err(|_| End::Gone),
            Frame::Close(_) => Err(End::Gone),
        }
    }

    async fn message(&mut self, message: Message) -> Result<(), End> {
        let Some(event) = ClientEvent::parse(&message.event) else {
            return Ok(());
        };
        let arg = message.args.first().map_or("", String::as_str);
        if event == ClientEvent::Auth {
            return self.authenticate(arg).await;
        }
        let Some(claims) = self.valid_claims() else {
            return Err(End::Dropped);
        };
        match event {
            ClientEvent::Auth | ClientEvent::SendStatus => Ok(()),
            ClientEvent::Ping => {
                let mut pong = message;
                pong.event = ServerEvent::Pong.to_string();
                self.send(&pong).await
            }
            ClientEvent::SetState => self.set_state(&claims, arg).await,
            ClientEvent::SendCommand => {
                if token::holds(&claims, "control.console")
                    && power::command(&self.core, self.server, arg)
                {
                    self.note(
                        &claims,
                        "server:console.command",
                        serde_json::json!({ "command": arg }),
                    );
                }
                Ok(())
            }
            ClientEvent::SendLogs => self.send_logs().await,
            ClientEvent::SendStats => self.send_stats().await,
        }
    }

    fn note(&self, claims: &Claims, event: &str, metadata: Value) {
        self.core
            .note_activity(self.server, Some(claims.user_uuid), event, metadata);
    }

    /// The claims in force, if the token is still good.
    fn valid_claims(&self) -> Option<Claims> {
        let claims = self.claims.clone()?;
        token::check(&self.core, &claims).ok().map(|()| claims)
    }

    async fn authenticate(&mut self, text: &str) -> Result<(), End> {
        let claims = token::read(&self.core, text).map_err(|_| End::Dropped)?;
        let checked = token::check(&self.core, &claims);
        if checked == Err(Invalid::Expired) || claims.server_uuid != self.server {
            self.send(&Message::bare(ServerEvent::TokenExpired)).await?;
            return self
                .send(&Message::with(ServerEvent::JwtError, "JWT expired"))
                .await;
        }
        if claims.scope != Scope::Websocket || !token::holds(&claims, "websocket.connect") {
            return Err(End::Dropped);
        }
        let permissions = claims.permissions.clone().unwrap_or_default();
        self.claims = Some(claims);
        self.send(&Message {
            event: ServerEvent::AuthSuccess.to_string(),
            args: permissions,
        })
        .await?;
        if !std::mem::replace(&mut self.greeted, true) {
            let state = self.core.read_server(self.server, |server| server.state);
            let state = state.unwrap_or(ServerState::Offline);
            self.send(&Message::with(ServerEvent::Status, state.as_str()))
                .await?;
        }
        Ok(())
    }

    async fn set_state(&mut self, claims: &Claims, arg: &str) -> Result<(), End> {
        let Ok(action) = serde_json::from_value::<PowerAction>(Value::from(arg)) else {
            return Ok(());
        };
        if !token::holds(claims, action.permission()) {
            return Ok(());
        }
        match power::act(&self.core, self.server, action) {
            Ok(()) => {
                self.note(claims, &format!("server:power.{action}"), Value::Null);
                Ok(())
            }
            Err(refused) => {
                let text = format!("\u{1b}[1;41m{}\u{1b}[0m", refused.text());
                self.send(&Message::with(ServerEvent::DaemonMessage, text))
                    .await
            }
        }
    }

    async fn send_logs(&mut self) -> Result<(), End> {
        let lines = self.core.read_server(self.server, |server| {
            if server.state == ServerState::Offline {
                return Vec::new();
            }
            let skip = server.console.len().saturating_sub(HISTORY);
            server.console.iter().skip(skip).cloned().collect()
        });
        for line in lines.unwrap_or_default() {
            self.send(&Message::with(ServerEvent::ConsoleOutput, line))
                .await?;
        }
        Ok(())
    }

    async fn send_stats(&mut self) -> Result<(), End> {
        let (now, seed) = (self.core.now(), self.core.options.seed);
        let load = self
            .core
            .read_server(self.server, |server| server.utilization(now, seed));
        match load.map(|load| serde_json::to_string(&load)) {
            Some(Ok(text)) => self.send(&Message::with(ServerEvent::Stats, text)).await,
            _ => Ok(()),
        }
    }

    async fn event(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Message {
                server,
                gate,
                message,
            } if server == self.server => {
                let Some(claims) = self.valid_claims() else {
                    return Ok(());
                };
                if gate.is_some_and(|permission| !token::holds(&claims, permission)) {
                    return Ok(());
                }
                if message.event == ServerEvent::ConsoleOutput.as_str()
                    && claims.use_console_read_permission == Some(true)
                    && !token::holds(&claims, "control.read-console")
                {
                    return Ok(());
                }
                if message.event == ServerEvent::Stats.as_str() {
                    let stats = message.args.concat();
                    if stats == self.last_stats {
                        return Ok(());
                    }
                    self.last_stats = stats;
                }
                self.send(&message).await
            }
            Event::Revoked { server, user } if server == self.server => {
                let Some(claims) = self.claims.clone() else {
                    return Ok(());
                };
                if claims.user_uuid != user {
                    return Ok(());
                }
                let now = self.core.now();
                self.core
                    .memory(|memory| memory.denied.insert(claims.jti, now));
                Err(End::Revoked)
            }
            Event::Gone { server } if server == self.server => {
                if self.claims.is_some() {
                    self.send(&Message::with(ServerEvent::Deleted, "null"))
                        .await?;
                }
                Err(End::Deleted)
            }
            Event::Message { .. } | Event::Revoked { .. } | Event::Gone { .. } => Ok(()),
        }
    }

    async fn look_at_token(&mut self) -> Result<(), End> {
        let Some(claims) = &self.claims else {
            return Ok(());
        };
        if token::check(&self.core, claims).is_err() {
            self.claims = None;
            return self.send(&Message::bare(ServerEvent::TokenExpired)).await;
        }
        if claims.exp - self.core.now().timestamp() <= EXPIRING {
            return self.send(&Message::bare(ServerEvent::TokenExpiring)).await;
        }
        Ok(())
    }
}
