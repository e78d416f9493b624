//! The socket of a server, with the life cycle of its token as the daemon that is played keeps it.

mod limits;

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
use crate::dialect::Dialect;
use crate::power;
use crate::token::{self, Invalid};
use limits::{Limits, Place};

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
    // The Go daemons let nobody in who does not say where the page is from.
    let foreign = match origin {
        Some(origin) => !is_allowed_origin(&core, origin),
        None => core.dialect().is_go(),
    };
    if core.options.check_origin && foreign {
        return Err(refuse(StatusCode::FORBIDDEN, "origin is not allowed").into());
    }
    let Some(place) = Place::take(&core, server) else {
        let text = "Too many open websocket connections.";
        return Err(refuse(StatusCode::BAD_REQUEST, text).into());
    };
    let (response, session, mut frames) = actix_ws::handle(&request, body)?;
    let suspended = core.read_server(server, |server| server.document.settings.suspended);
    if core.dialect() == Dialect::Pelican && suspended == Some(true) {
        let reason = CloseReason {
            code: CloseCode::Other(4409),
            description: Some("server is suspended".into()),
        };
        if session.close(Some(reason)).await.is_err() {
            tracing::debug!("the socket was closed already");
        }
        return Ok(response);
    }
    let mut socket = Socket {
        core: Arc::clone(&core),
        server,
        session,
        claims: None,
        greeted: false,
        last_stats: String::new(),
        limits: Limits::default(),
    };
    actix_web::rt::spawn(async move {
        let _place = place;
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
    limits: Limits,
}

impl Socket {
    async fn send(&mut self, message: &Message) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|_| End::Gone)?;
        self.session.text(text).await.map_err(|_| End::Gone)
    }

    /// A text of the Go daemons about something that went wrong.
    async fn complain(&mut self, event: ServerEvent, text: &str) -> Result<(), End> {
        let text = format!("Error Event [{}]: {text}", Uuid::new_v4());
        self.send(&Message::with(event, text)).await
    }

    async fn frame(&mut self, frame: Frame) -> Result<(), End> {
        let go = self.core.dialect().is_go();
        match frame {
            Frame::Text(text) if text.len() <= LONGEST => {
                let Ok(value) = serde_json::from_str::<Value>(&text) else {
                    return Ok(());
                };
                // A message without arguments is ignored, even where it needs none.
                if !go && value.get("args").is_none() {
                    return Ok(());
                }
                match serde_json::from_value::<Message>(value) {
                    Ok(message) => self.message(message).await,
                    Err(_) => Ok(()),
                }
            }
            Frame::Text(_) | Frame::Pong(_) | Frame::Continuation(_) | Frame::Nop => Ok(()),
            Frame::Binary(_) if go => Ok(()),
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
        let go = self.core.dialect().is_go();
        if self.core.dialect() == Dialect::Pelican && !self.limits.permit(event, self.core.now()) {
            let throttled = Message::with(ServerEvent::Throttled, event.as_str());
            return self.send(&throttled).await;
        }
        // The Go daemons take all arguments together for one.
        let arg = if go {
            message.args.concat()
        } else {
            message.args.first().cloned().unwrap_or_default()
        };
        let arg = arg.as_str();
        if event == ClientEvent::Auth {
            return if go {
                self.authenticate_go(arg).await
            } else {
                self.authenticate(arg).await
            };
        }
        let Some(claims) = self.valid_claims() else {
            if !go {
                return Err(End::Dropped);
            }
            let text = if self.claims.is_some() {
                "jwt: exp claim is invalid"
            } else {
                "jwt: no jwt present"
            };
            return self.send(&Message::with(ServerEvent::JwtError, text)).await;
        };
        match event {
            ClientEvent::SendStatus if self.core.dialect() == Dialect::CalagopusNext => {
                self.send_status().await
            }
            ClientEvent::Auth | ClientEvent::SendStatus => Ok(()),
            ClientEvent::Ping if go => Ok(()),
            ClientEvent::Ping => {
                let mut pong = message;
                pong.event = ServerEvent::Pong.to_string();
                self.send(&pong).await
            }
            ClientEvent::SetState => self.set_state(&claims, arg).await,
            ClientEvent::SendCommand => {
                if token::holds(&self.core, &claims, "control.console")
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
            .note_activity(self.server, claims.user_uuid, event, metadata);
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
        if claims.scope != Scope::Websocket
            || !token::holds(&self.core, &claims, "websocket.connect")
        {
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
            self.send_status().await?;
        }
        Ok(())
    }

    /// As the Go daemons do it: they keep the socket whatever is wrong, and say nothing of permissions.
    async fn authenticate_go(&mut self, text: &str) -> Result<(), End> {
        let Ok(claims) = token::read(&self.core, text) else {
            let text = "an unexpected error was encountered while handling this request";
            return self.complain(ServerEvent::DaemonError, text).await;
        };
        let pelican = self.core.dialect() == Dialect::Pelican;
        let refused = if claims.exp <= self.core.now().timestamp() {
            Some("jwt: exp claim is invalid")
        } else if token::check(&self.core, &claims).is_err() {
            Some("jwt: created too far in past (denylist)")
        } else if (pelican && claims.scope != Scope::Websocket)
            || !token::holds(&self.core, &claims, "websocket.connect")
        {
            Some("jwt: missing connect permission")
        } else {
            None
        };
        if let Some(text) = refused {
            return self.complain(ServerEvent::JwtError, text).await;
        }
        self.claims = Some(claims);
        self.send(&Message::bare(ServerEvent::AuthSuccess)).await?;
        if std::mem::replace(&mut self.greeted, true) {
            return Ok(());
        }
        self.send_status().await?;
        let idle = self.core.read_server(self.server, |server| {
            server.state == ServerState::Offline && !server.is_locked()
        });
        if idle == Some(true) {
            return self.send_stats().await;
        }
        Ok(())
    }

    async fn send_status(&mut self) -> Result<(), End> {
        let state = self.core.read_server(self.server, |server| server.state);
        let state = state.unwrap_or(ServerState::Offline);
        self.send(&Message::with(ServerEvent::Status, state.as_str()))
            .await
    }

    async fn set_state(&mut self, claims: &Claims, arg: &str) -> Result<(), End> {
        let Ok(action) = serde_json::from_value::<PowerAction>(Value::from(arg)) else {
            return Ok(());
        };
        if !token::holds(&self.core, claims, action.permission()) {
            return Ok(());
        }
        match power::act(&self.core, self.server, action) {
            Ok(()) => {
                self.note(claims, &format!("server:power.{action}"), Value::Null);
                Ok(())
            }
            Err(refused) if self.core.dialect().is_go() => {
                self.complain(ServerEvent::DaemonError, refused.text())
                    .await
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
        let load = self.core.read_server(self.server, |server| {
            server.utilization_in(now, seed, self.core.dialect())
        });
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
                    return self.withheld().await;
                };
                if self.core.dialect().is_go() && claims.server_uuid != self.server {
                    let text = "jwt: server uuid mismatch";
                    return self.send(&Message::with(ServerEvent::JwtError, text)).await;
                }
                if gate.is_some_and(|permission| !token::holds(&self.core, &claims, permission)) {
                    return Ok(());
                }
                if !self.core.dialect().is_go()
                    && message.event == ServerEvent::ConsoleOutput.as_str()
                    && claims.use_console_read_permission == Some(true)
                    && !token::holds(&self.core, &claims, "control.read-console")
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
            Event::Revoked { server, user }
                if server == self.server && !self.core.dialect().is_go() =>
            {
                let Some(claims) = self.claims.clone() else {
                    return Ok(());
                };
                if claims.user_uuid != Some(user) {
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
            Event::Closed { server } if server == self.server => Err(End::Dropped),
            Event::Broadcast { server, order } if server == self.server => {
                let Some(claims) = self.valid_claims() else {
                    return Ok(());
                };
                let meant = order.users.is_empty()
                    || claims
                        .user_uuid
                        .is_some_and(|user| order.users.contains(&user));
                let may = order
                    .permissions
                    .iter()
                    .all(|permission| token::holds(&self.core, &claims, permission));
                if meant && may {
                    return self.send(&order.message).await;
                }
                Ok(())
            }
            Event::Message { .. }
            | Event::Revoked { .. }
            | Event::Closed { .. }
            | Event::Broadcast { .. }
            | Event::Gone { .. } => Ok(()),
        }
    }

    /// In place of something that the token does not cover any more: the Go daemons say why, Calagopus keeps quiet.
    async fn withheld(&mut self) -> Result<(), End> {
        let Some(claims) = self.claims.clone().filter(|_| self.core.dialect().is_go()) else {
            return Ok(());
        };
        let text = if claims.exp <= self.core.now().timestamp() {
            "jwt: exp claim is invalid"
        } else {
            "jwt: created too far in past (denylist)"
        };
        self.send(&Message::with(ServerEvent::JwtError, text)).await
    }

    async fn look_at_token(&mut self) -> Result<(), End> {
        let Some(claims) = &self.claims else {
            return Ok(());
        };
        if self.core.dialect().is_go() {
            // They look at the end only, and keep the token.
            let left = claims.exp - self.core.now().timestamp();
            let event = match left {
                ..=0 => ServerEvent::TokenExpired,
                1..=EXPIRING => ServerEvent::TokenExpiring,
                _ => return Ok(()),
            };
            return self.send(&Message::bare(event)).await;
        }
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
