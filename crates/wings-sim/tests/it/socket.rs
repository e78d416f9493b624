//! The socket of a server as a browser uses it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use panel_domain::clock::{Clock, ManualClock, SystemClock};
use panel_domain::id::{ServerId, UserId};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, websocket_url};
use wings_client::wire::server::{PowerAction, ServerState, Utilization};
use wings_client::wire::websocket::{ClientEvent, Message, ServerEvent};
use wings_sim::{Effect, SimOptions, WingsSim};

use crate::panel::{Panel, client, installed, target};

struct Browser(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Browser {
    async fn open(sim: &WingsSim, server: ServerId, origin: &str) -> Result<Self, Error> {
        let mut request = websocket_url(&sim.url(), server)
            .as_str()
            .into_client_request()?;
        request
            .headers_mut()
            .insert("Origin", origin.parse().unwrap());
        Ok(Self(connect_async(request).await?.0))
    }

    async fn send(&mut self, event: ClientEvent, arg: &str) {
        let text = serde_json::to_string(&Message::with(event, arg)).unwrap();
        self.0.send(Frame::text(text)).await.unwrap();
    }

    /// The next message; nothing when the socket ends.
    async fn next(&mut self) -> Option<Message> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(20), self.0.next())
                .await
                .unwrap();
            match frame? {
                Ok(Frame::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Frame::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Skips to the next message of this event.
    async fn next_of(&mut self, event: ServerEvent) -> Message {
        loop {
            let message = self.next().await.unwrap();
            if message.event == event.as_str() {
                return message;
            }
        }
    }

    /// Skips to the line of the console that contains `text`.
    async fn line(&mut self, text: &str) -> String {
        loop {
            let mut message = self.next_of(ServerEvent::ConsoleOutput).await;
            let line = message.args.remove(0);
            if line.contains(text) {
                return line;
            }
        }
    }
}

struct Page {
    user: UserId,
    server: ServerId,
}

impl Page {
    fn token(&self, sim: &WingsSim, permissions: &[&str], now: DateTime<Utc>) -> String {
        let node = target(sim);
        let issuer: Url = "https://panel.example.com".parse().unwrap();
        let signer = Signer {
            node: &node,
            issuer: &issuer,
            user: self.user,
            server: self.server,
        };
        let permissions = permissions.iter().map(|text| (*text).to_owned()).collect();
        signer
            .websocket(permissions, None, now, Uuid::new_v4())
            .unwrap()
            .0
    }
}

async fn opened(panel: &Panel, sim: &WingsSim, permissions: &[&str]) -> (Page, Browser) {
    let page = Page {
        user: UserId::new_v4(),
        server: installed(panel, sim).await,
    };
    let mut browser = Browser::open(sim, page.server, &panel.config().remote)
        .await
        .unwrap();
    let token = page.token(sim, permissions, SystemClock.now());
    browser.send(ClientEvent::Auth, &token).await;
    let success = browser.next().await.unwrap();
    assert_eq!(success.event, "auth success");
    assert_eq!(success.args, permissions);
    let status = browser.next().await.unwrap();
    assert_eq!(status, Message::with(ServerEvent::Status, "offline"));
    (page, browser)
}

const EVERYTHING: &[&str] = &["websocket.connect", "*"];

#[tokio::test]
async fn a_console_from_start_to_stop() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let (page, mut browser) = opened(&panel, &sim, EVERYTHING).await;
    browser.send(ClientEvent::SetState, "start").await;
    let starting = browser.next_of(ServerEvent::Status).await;
    assert_eq!(starting.args, ["starting"]);
    browser.line("Finished pulling").await;
    sim.advance(page.server.uuid()).await;
    browser.line(")! For help, type ").await;
    assert_eq!(browser.next_of(ServerEvent::Status).await.args, ["running"]);
    let stats = browser.next_of(ServerEvent::Stats).await;
    let load: Utilization = serde_json::from_str(&stats.args[0]).unwrap();
    assert!(load.memory_bytes > 0);

    browser.send(ClientEvent::SendCommand, "list").await;
    browser.line("> list").await;
    browser
        .line("There are 0 of a max of 20 players online:")
        .await;
    browser.send(ClientEvent::SendLogs, "").await;
    browser.line(":/home/container$ java").await;
    browser.line("There are 0 of a max of 20").await;
    browser.send(ClientEvent::Ping, "x").await;
    assert_eq!(browser.next_of(ServerEvent::Pong).await.args, ["x"]);

    browser.send(ClientEvent::SendCommand, "stop").await;
    assert_eq!(
        browser.next_of(ServerEvent::Status).await.args,
        ["stopping"]
    );
    sim.advance(page.server.uuid()).await;
    assert_eq!(browser.next_of(ServerEvent::Status).await.args, ["offline"]);

    sim.flush_activity().await.unwrap();
    let told = &panel.calls_of("POST", "/activity")[0].body["data"];
    let events: Vec<_> = (0..3).map(|row| told[row]["event"].clone()).collect();
    assert_eq!(
        events,
        [
            "server:power.start",
            "server:console.command",
            "server:console.command"
        ]
    );
    assert_eq!(told[1]["metadata"]["command"], "list");
}

#[tokio::test]
async fn an_installation_is_seen_by_those_who_may() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let permissions = &["websocket.connect", "admin.websocket.install"];
    let (page, mut browser) = opened(&panel, &sim, permissions).await;
    let mut other = Browser::open(&sim, page.server, &panel.config().remote)
        .await
        .unwrap();
    let token = page.token(&sim, &["websocket.connect"], SystemClock.now());
    other.send(ClientEvent::Auth, &token).await;
    other.next_of(ServerEvent::Status).await;
    client(&sim)
        .reinstall_server(page.server, false, None)
        .await
        .unwrap();
    sim.finish_install(page.server.uuid(), true).await.unwrap();
    browser.next_of(ServerEvent::InstallStarted).await;
    browser.next_of(ServerEvent::InstallOutput).await;
    let completed = browser.next_of(ServerEvent::InstallCompleted).await;
    assert_eq!(completed.args, ["true"]);
    let seen = other.next().await.unwrap();
    assert_eq!(seen.event, "install started");
    let seen = other.next().await.unwrap();
    assert_eq!(
        seen.event, "install completed",
        "no output without the permission"
    );
}

#[tokio::test]
async fn what_the_token_does_not_allow_does_not_happen() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let (page, mut browser) = opened(&panel, &sim, &["websocket.connect", "control.stop"]).await;
    browser.send(ClientEvent::SetState, "start").await;
    browser.send(ClientEvent::SendStats, "").await;
    let next = browser.next().await.unwrap();
    assert_eq!(next.event, "stats", "the start was ignored");
    client(&sim)
        .power(page.server, PowerAction::Start)
        .await
        .unwrap();
    sim.advance(page.server.uuid()).await;
    browser.send(ClientEvent::SendCommand, "list").await;
    browser.send(ClientEvent::SetState, "kill").await;
    sim.wait_for_state(page.server.uuid(), ServerState::Offline)
        .await
        .unwrap();
    let commands = sim
        .ledger()
        .iter()
        .filter(|entry| entry.effect == Effect::Command)
        .count();
    assert_eq!(commands, 0);
}

#[tokio::test]
async fn those_who_are_not_who_they_say_are_dropped() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let remote = panel.config().remote;
    let page = Page {
        user: UserId::new_v4(),
        server: installed(&panel, &sim).await,
    };
    let foreign = Browser::open(&sim, page.server, "https://evil.example.com").await;
    assert!(matches!(foreign, Err(Error::Http(answer)) if answer.status() == 403));
    let unknown = Browser::open(&sim, ServerId::new_v4(), &remote).await;
    assert!(matches!(unknown, Err(Error::Http(answer)) if answer.status() == 404));

    let mut browser = Browser::open(&sim, page.server, &remote).await.unwrap();
    browser.send(ClientEvent::SendLogs, "").await;
    assert_eq!(browser.next().await, None, "nothing before a token");

    let mut browser = Browser::open(&sim, page.server, &remote).await.unwrap();
    browser.send(ClientEvent::Auth, "no.token.this").await;
    assert_eq!(browser.next().await, None);

    let mut browser = Browser::open(&sim, page.server, &remote).await.unwrap();
    let token = page.token(&sim, &["control.start"], SystemClock.now());
    browser.send(ClientEvent::Auth, &token).await;
    assert_eq!(browser.next().await, None, "without websocket.connect");

    let mut browser = Browser::open(&sim, page.server, &remote).await.unwrap();
    let old = SystemClock.now() - TimeDelta::hours(1);
    let token = page.token(&sim, EVERYTHING, old);
    browser.send(ClientEvent::Auth, &token).await;
    assert_eq!(browser.next().await.unwrap().event, "token expired");
    assert_eq!(
        browser.next().await.unwrap(),
        Message::with(ServerEvent::JwtError, "JWT expired")
    );
    let token = page.token(&sim, EVERYTHING, SystemClock.now());
    browser.send(ClientEvent::Auth, &token).await;
    assert_eq!(browser.next().await.unwrap().event, "auth success");
}

#[tokio::test]
async fn a_token_is_renewed_on_the_open_socket() {
    let panel = Panel::start();
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let options = SimOptions {
        token_interval: Duration::from_millis(20),
        clock: clock.clone(),
        ..SimOptions::stepped(panel.config())
    };
    let sim = WingsSim::start(options).await.unwrap();
    let (page, mut browser) = opened(&panel, &sim, EVERYTHING).await;
    clock.advance(TimeDelta::seconds(545));
    browser.next_of(ServerEvent::TokenExpiring).await;
    let token = page.token(&sim, EVERYTHING, clock.now());
    browser.send(ClientEvent::Auth, &token).await;
    browser.next_of(ServerEvent::AuthSuccess).await;
    clock.advance(TimeDelta::seconds(700));
    browser.next_of(ServerEvent::TokenExpired).await;
    browser.send(ClientEvent::SendLogs, "").await;
    while let Some(message) = browser.next().await {
        assert_ne!(message.event, "console output");
    }
}

#[tokio::test]
async fn a_user_who_is_shut_out_is_disconnected_and_cannot_return_with_the_same_token() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let (page, mut browser) = opened(&panel, &sim, EVERYTHING).await;
    let token = page.token(&sim, EVERYTHING, SystemClock.now());
    client(&sim).revoke(page.user, page.server).await.unwrap();
    assert_eq!(browser.next().await, None);
    let mut again = Browser::open(&sim, page.server, &panel.config().remote)
        .await
        .unwrap();
    again.send(ClientEvent::Auth, &token).await;
    assert_eq!(again.next().await.unwrap().event, "token expired");
}

#[tokio::test]
async fn a_restart_makes_tokens_worthless_and_a_deletion_ends_sockets() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let (page, mut browser) = opened(&panel, &sim, EVERYTHING).await;
    let token = page.token(&sim, EVERYTHING, SystemClock.now());
    sim.restart().await.unwrap();
    assert_eq!(browser.next().await, None);
    let mut again = Browser::open(&sim, page.server, &panel.config().remote)
        .await
        .unwrap();
    again.send(ClientEvent::Auth, &token).await;
    assert_eq!(again.next().await.unwrap().event, "token expired");
    assert_eq!(again.next().await.unwrap().event, "jwt error");
    client(&sim).delete_server(page.server).await.unwrap();
    assert_eq!(again.next().await, None);
}
