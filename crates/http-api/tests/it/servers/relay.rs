//! Consoles, downloads and uploads that the panel passes on.

mod memory;

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use panel_testkit::{TestApp, eventually};
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RANGE};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wings_client::wire::server::ServerState;
use wings_sim::{Dialect, Effect};

use super::Stage;
use super::files::links::{browser, form};

const ALL: [Dialect; 4] = [
    Dialect::Pterodactyl,
    Dialect::Pelican,
    Dialect::Calagopus,
    Dialect::CalagopusNext,
];

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn relaying(dialect: Dialect) -> Stage {
    Stage::with(TestApp::builder().wings_proxy(), |options| {
        *options = options.clone().speaking(dialect);
    })
    .await
}

impl Stage {
    /// Address and token of the console.
    async fn console(&self) -> (String, String) {
        let access = self.owner.get(&self.path("/websocket")).await.ok();
        let text = |name: &str| access[name].as_str().unwrap().to_owned();
        (text("url"), text("token"))
    }

    fn relay(&self, path: &str) -> String {
        let node = self.server.node.id;
        format!("{}wings-proxy/{node}/{path}", self.app.url())
    }
}

async fn say(socket: &mut Socket, event: &str, args: &[&str]) {
    let message = json!({ "event": event, "args": args }).to_string();
    socket.send(Message::text(message)).await.unwrap();
}

/// Reads until this event comes; gives its first argument.
async fn hear(socket: &mut Socket, event: &str) -> String {
    let heard = timeout(PATIENCE, async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            let Message::Text(text) = message else {
                continue;
            };
            let heard: Value = serde_json::from_str(&text).unwrap();
            if heard["event"] == event {
                return heard["args"][0].as_str().unwrap_or_default().to_owned();
            }
        }
    });
    let heard = heard.await;
    heard.unwrap_or_else(|_| panic!("no {event} was heard"))
}

/// The status that an upgrade was refused with.
async fn refused(url: &str, origin: Option<&str>) -> u16 {
    let mut request = url.into_client_request().unwrap();
    if let Some(origin) = origin {
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
    }
    match connect_async(request).await {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    }
}

#[tokio::test]
async fn a_console_is_relayed() {
    for dialect in ALL {
        let stage = relaying(dialect).await;
        let (url, token) = stage.console().await;
        let panel = stage.app.url().as_str().replace("http://", "ws://");
        assert!(url.starts_with(&panel), "{url}");
        let (mut socket, _) = connect_async(&url).await.unwrap();
        say(&mut socket, "auth", &[&token]).await;
        hear(&mut socket, "auth success").await;
        let server = stage.server.id.uuid();
        say(&mut socket, "set state", &["start"]).await;
        stage
            .sim
            .wait_for_state(server, ServerState::Starting)
            .await
            .unwrap();
        assert!(stage.sim.advance(server).await);
        stage.sim.print(server, "hello from the game");
        while hear(&mut socket, "console output").await != "hello from the game" {}
        say(&mut socket, "send command", &["list"]).await;
        eventually("the command", async || {
            stage.effects().contains(&Effect::Command)
        })
        .await;
        stage.sim.kill().await;
        let told = timeout(PATIENCE, async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Close(frame))) => break frame.is_some(),
                    Some(Ok(_)) => {}
                    _ => break false,
                }
            }
        });
        assert_eq!(told.await, Ok(true), "{dialect:?}: the browser is told");
    }
}

/// nobody gets to a node who does not show a token first; B-12: no page of another site either.
#[tokio::test]
async fn a_55_a_socket_is_not_opened_without_a_token() {
    let stage = relaying(Dialect::Calagopus).await;
    let (url, token) = stage.console().await;
    let (bare, _) = url.split_once('?').unwrap();
    assert_eq!(refused(bare, None).await, 401);
    assert_eq!(refused(&format!("{bare}?token=x"), None).await, 401);
    let another = panel_domain::id::ServerId::new_v4().to_string();
    let elsewhere = url.replace(&stage.server.id.to_string(), &another);
    assert_eq!(
        refused(&elsewhere, None).await,
        401,
        "a token of another server"
    );
    let nowhere = url.replace(&stage.server.node.id.to_string(), &another);
    assert_eq!(
        refused(&nowhere, None).await,
        401,
        "a token of another node"
    );
    assert_eq!(refused(&url, Some("https://evil.example")).await, 403);
    assert_eq!(refused(&url, Some(stage.app.url().as_str())).await, 101);
    let forged = format!("{}x", &token[..token.len() - 1]);
    assert_eq!(refused(&format!("{bare}?token={forged}"), None).await, 401);
}

/// a token is good for what it was made for, and for nothing else.
#[tokio::test]
async fn a_22_each_token_opens_one_thing() {
    let stage = relaying(Dialect::CalagopusNext).await;
    stage.write("/a.txt", "content").await;
    let (console, websocket) = stage.console().await;
    let (console, _) = console.split_once('?').unwrap();
    let token_of = |url: String| {
        let (_, token) = url.split_once("token=").unwrap();
        token.split('&').next().unwrap().to_owned()
    };
    let download = token_of(stage.link("download?files=a.txt").await);
    let upload = token_of(stage.link("upload").await);
    let client = browser();
    for (kind, token) in [
        ("websocket", &websocket),
        ("download", &download),
        ("upload", &upload),
    ] {
        let opened = refused(&format!("{console}?token={token}"), None).await;
        assert_eq!(
            opened,
            if kind == "websocket" { 101 } else { 401 },
            "{kind}"
        );
        let file = stage.relay(&format!("download/file?token={token}"));
        let opened = client.get(file).send().await.unwrap().status();
        assert_eq!(opened, if kind == "download" { 200 } else { 401 }, "{kind}");
        let backup = stage.relay(&format!("download/backup?token={token}"));
        assert_eq!(
            client.get(backup).send().await.unwrap().status(),
            401,
            "{kind}"
        );
        let sent = stage.relay(&format!("upload/file?token={token}"));
        let sent = client.post(sent).multipart(form(&[("b.txt", "b")]));
        let opened = sent.send().await.unwrap().status();
        assert_eq!(opened, if kind == "upload" { 200 } else { 401 }, "{kind}");
    }
    // Nothing else of a node is passed on.
    for path in ["api/system", "api/servers", "download/other", ""] {
        let asked = client
            .get(stage.relay(path))
            .bearer_auth("x")
            .send()
            .await
            .unwrap();
        assert_eq!(asked.status(), 404, "{path}");
    }
}

/// N-23: what is in somebody's server is never a page of the panel.
#[tokio::test]
async fn n_23_downloads_are_saved_not_shown() {
    for dialect in ALL {
        let stage = relaying(dialect).await;
        stage.write("/page.html", "<script>alert(1)</script>").await;
        let url = stage.link("download?files=page.html").await;
        assert!(url.starts_with(stage.app.url().as_str()), "{url}");
        let answer = browser().get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{dialect:?}");
        let header = |name| answer.headers()[name].to_str().unwrap();
        assert_eq!(header(CONTENT_TYPE.as_str()), "application/octet-stream");
        let disposition = header(CONTENT_DISPOSITION.as_str());
        assert_eq!(disposition, "attachment; filename=\"page.html\"");
        assert_eq!(
            header("content-security-policy"),
            "default-src 'none'; sandbox"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-length"), "25");
        assert_eq!(answer.text().await.unwrap(), "<script>alert(1)</script>");
    }
}

#[tokio::test]
async fn a_part_of_a_file_is_passed_on_as_such() {
    let stage = relaying(Dialect::Calagopus).await;
    stage.write("/a.txt", "0123456789").await;
    let url = stage.link("download?files=a.txt").await;
    let part = browser().get(&url).header(RANGE, "bytes=2-4");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 2-4/10");
    assert_eq!(part.text().await.unwrap(), "234");
}

#[tokio::test]
async fn an_upload_is_relayed() {
    for dialect in ALL {
        let stage = relaying(dialect).await;
        let url = stage.link("upload").await;
        let client = browser();
        let long = "x".repeat(3 * 1024 * 1024);
        let sent = client
            .post(format!("{url}&directory=/new"))
            .multipart(form(&[("a.txt", "a"), ("long.txt", &long)]))
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 200, "{dialect:?}");
        assert_eq!(stage.on_node("/new/a.txt").as_deref(), Some("a"));
        assert_eq!(stage.on_node("/new/long.txt"), Some(long));
        let url = stage.link("upload").await;
        let wrong = client.post(&url).body("no form").send().await.unwrap();
        assert_eq!(wrong.status(), 400);
    }
}

#[tokio::test]
async fn an_upload_in_parts_is_relayed() {
    let stage = relaying(Dialect::CalagopusNext).await;
    let url = format!("{}&directory=/new&file=a.txt", stage.link("upload").await);
    let client = browser();
    for (offset, part, last) in [(0, "one ", false), (4, "two", true)] {
        let asked = client.head(&url).send().await.unwrap();
        assert_eq!(
            asked.headers()["upload-offset"],
            offset.to_string().as_str()
        );
        let mut sent = client
            .patch(&url)
            .header(CONTENT_TYPE, "application/offset+octet-stream")
            .header("upload-offset", offset)
            .header("upload-length", 7);
        if last {
            sent = sent.header("upload-complete", "?1");
        }
        assert_eq!(sent.body(part).send().await.unwrap().status(), 200);
    }
    assert_eq!(stage.on_node("/new/a.txt").as_deref(), Some("one two"));
    let wrong = client
        .patch(&url)
        .header("upload-offset", 3)
        .header("upload-length", 7);
    let told = wrong.body("x").send().await.unwrap();
    assert_eq!(told.status(), 409);
    let asked = client.head(&url).send().await.unwrap();
    assert_eq!(
        told.headers()["upload-offset"],
        asked.headers()["upload-offset"]
    );
}

#[tokio::test]
async fn nothing_is_relayed_unless_the_operator_wants_it() {
    let stage = Stage::set().await;
    stage.write("/a.txt", "content").await;
    let url = stage.link("download?files=a.txt").await;
    let (_, query) = url.split_once('?').unwrap();
    let relayed = stage.relay(&format!("download/file?{query}"));
    assert_eq!(browser().get(&relayed).send().await.unwrap().status(), 404);
}
