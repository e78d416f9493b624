//! What sets the daemons apart, one test for each line of the reference that a panel can trip over.

use std::collections::BTreeMap;

use panel_domain::clock::{Clock, SystemClock};
use panel_domain::id::{BackupId, ServerId, UserId};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, TransferSigner};
use wings_client::wire::backups::{CreateBackup, RestoreBackup};
use wings_client::wire::files::ArchiveFormat;
use wings_client::wire::server::{CreateServer, PowerAction, ServerState};
use wings_client::wire::transfers::{StartTransfer, TransferredServer};
use wings_client::wire::websocket::{Message, ServerEvent};
use wings_client::{Frame, NodeSocket};
use wings_sim::{Dialect, Effect, SimOptions, WingsSim};

use crate::panel::{Panel, TOKEN, client, document, installed, target};

async fn node(panel: &Panel, dialect: Dialect) -> WingsSim {
    let mut options = SimOptions::stepped(panel.config()).speaking(dialect);
    options.refuse_private_pulls = false;
    WingsSim::start(options).await.unwrap()
}

const GO: [Dialect; 2] = [Dialect::Pterodactyl, Dialect::Pelican];

/// Row 2.1 and 2.2: page 0 first, `null` for nothing, and the reset last of all.
#[tokio::test]
async fn go_daemons_boot_with_page_zero_and_say_null_afterwards() {
    for dialect in GO {
        let panel = Panel::start();
        panel.add(document(Uuid::new_v4()));
        let sim = node(&panel, dialect).await;
        let reset = panel.wait_for("POST", "/servers/reset", 1).await;
        let calls = panel.calls();
        assert_eq!(calls[0].path, "/api/remote/servers");
        assert!(calls[0].query.starts_with("page=0&per_page=50"));
        assert_eq!(calls.last().unwrap().path, "/api/remote/servers/reset");
        assert_eq!(reset[0].raw, b"null");
        assert!(reset[0].user_agent.starts_with(match dialect {
            Dialect::Pelican => "Pelican Wings/v",
            _ => "Pterodactyl Wings/v",
        }));
        assert_eq!(sim.servers().len(), 1);
    }
}

/// Row 2.2: Calagopus says that it starts before it asks for anything, without a body.
#[tokio::test]
async fn calagopus_resets_first() {
    let panel = Panel::start();
    let _sim = node(&panel, Dialect::Calagopus).await;
    let calls = panel.calls();
    assert_eq!(calls[0].path, "/api/remote/servers/reset");
    assert!(calls[0].raw.is_empty());
    assert!(calls[1].query.starts_with("page=1&"));
}

/// Rows 5.1 and 5.2: the Go daemons forget an installation with their process, Calagopus goes on with it.
#[tokio::test]
async fn go_daemons_forget_what_they_were_installing() {
    for dialect in [Dialect::Pterodactyl, Dialect::Calagopus] {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let order = CreateServer {
            uuid: panel.add(document(Uuid::new_v4())),
            start_on_completion: false,
            skip_scripts: false,
        };
        client(&sim).create_server(&order).await.unwrap();
        sim.restart().await.unwrap();
        assert_eq!(sim.servers()[0].installing, !dialect.is_go());
    }
}

/// Row 2.3: a start without the panel's word is a start only on Calagopus.
#[tokio::test]
async fn go_daemons_do_not_start_without_the_panel() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus] {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        panel.refuse(&server.to_string(), 404);
        client(&sim)
            .power(server, PowerAction::Start)
            .await
            .unwrap();
        if dialect.is_go() {
            sim.wait_for_ledger("a start", |ledger| {
                ledger
                    .iter()
                    .any(|entry| entry.effect == Effect::PowerStart)
            })
            .await
            .unwrap();
            sim.wait_for_state(server.uuid(), ServerState::Offline)
                .await
                .unwrap();
        } else {
            sim.wait_for_state(server.uuid(), ServerState::Starting)
                .await
                .unwrap();
        }
    }
}

/// Row 2.12: what a Go daemon reports has no fields of Calagopus, and null for no parts; a refused report costs the archive.
#[tokio::test]
async fn go_daemons_delete_a_backup_that_the_panel_does_not_want() {
    for dialect in [Dialect::Pterodactyl, Dialect::Calagopus] {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        let backup = BackupId::new_v4();
        panel.refuse(&format!("/backups/{backup}"), 400);
        let order = CreateBackup {
            adapter: "wings".into(),
            uuid: backup.uuid(),
            ignore: String::new(),
        };
        client(&sim).create_backup(server, &order).await.unwrap();
        let told = panel
            .wait_for("POST", &format!("/backups/{backup}"), 1)
            .await;
        let fields = told[0].body.as_object().unwrap();
        assert_eq!(fields.contains_key("browsable"), !dialect.is_go());
        if dialect.is_go() {
            assert_eq!(fields["parts"], Value::Null);
            sim.wait_for_ledger("the deletion", |ledger| {
                ledger
                    .iter()
                    .any(|entry| entry.effect == Effect::BackupDeleted)
            })
            .await
            .unwrap();
        } else {
            assert_eq!(sim.backups(), [(backup.uuid(), server.uuid())]);
        }
    }
}

/// Rows 2.11 and 5.8: an archive goes to where the panel says, part by part, and comes back from there.
#[tokio::test]
async fn backups_go_to_signed_addresses_and_come_back() {
    for dialect in Dialect::ALL {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        let node = client(&sim);
        let backup = BackupId::new_v4();
        let order = CreateBackup {
            adapter: "s3".into(),
            uuid: backup.uuid(),
            ignore: "logs\n".into(),
        };
        node.create_backup(server, &order).await.unwrap();
        let told = panel
            .wait_for("POST", &format!("/backups/{backup}"), 1)
            .await;
        let asked = panel
            .calls()
            .into_iter()
            .find(|call| call.method == "GET" && call.path.contains("/backups/"))
            .unwrap();
        if dialect == Dialect::CalagopusNext {
            assert!(asked.path.ends_with("/s3/parts"));
            assert_eq!(asked.query, "from_part=1");
        } else {
            assert!(asked.query.starts_with("size="));
        }
        assert_eq!(told[0].body["successful"], json!(true), "{dialect:?}");
        let parts = told[0].body["parts"].as_array().unwrap().clone();
        let mut archive = Vec::new();
        for (number, part) in (1..).zip(&parts) {
            assert_eq!(part["part_number"], json!(number));
            assert!(part["etag"].as_str().unwrap().starts_with('"'));
            archive.extend(
                panel
                    .object(&format!("/objects/{backup}/{number}"))
                    .unwrap(),
            );
        }
        assert_eq!(told[0].body["size"], json!(archive.len()));
        assert!(sim.backups().is_empty(), "it is elsewhere");

        node.delete_files(server, "/", vec!["world".into()])
            .await
            .unwrap();
        let restore = RestoreBackup {
            adapter: "s3".into(),
            truncate_directory: true,
            download_url: Some(panel.file(&archive)),
        };
        node.restore_backup(server, backup, &restore).await.unwrap();
        panel.wait_for("POST", "/restore", 1).await;
        assert!(sim.file(server.uuid(), "world/level.dat").is_some());
        assert!(sim.file(server.uuid(), "logs/latest.log").is_none());
    }
}

fn transfer(panel: &Panel, to: &WingsSim, server: ServerId) -> StartTransfer {
    let destination = target(to);
    let signer = TransferSigner {
        destination: &destination,
        issuer: &panel.url,
        server,
    };
    let token = signer.transfer(SystemClock.now(), Uuid::new_v4()).unwrap();
    StartTransfer {
        url: destination.url.join("api/transfers").unwrap().to_string(),
        token: format!("Bearer {token}"),
        server: TransferredServer {
            uuid: server.uuid(),
            start_on_completion: false,
        },
        server_id: server.uuid(),
        backups: Vec::new(),
        delete_backups: false,
        archive_format: ArchiveFormat::TarGz,
        compression_level: None,
        multiplex_streams: 0,
    }
}

/// Row 5.5: who understands whom.
#[tokio::test]
async fn transfers_between_flavours() {
    use Dialect::{Calagopus, Pelican, Pterodactyl};
    for (from, to, arrives) in [
        (Pterodactyl, Pterodactyl, true),
        (Pelican, Pelican, true),
        (Calagopus, Calagopus, true),
        (Pterodactyl, Calagopus, true),
        (Pterodactyl, Pelican, false),
        (Calagopus, Pelican, false),
        (Pelican, Pterodactyl, false),
    ] {
        let panel = Panel::start();
        let source = node(&panel, from).await;
        let destination = node(&panel, to).await;
        let server = installed(&panel, &source).await;
        let order = transfer(&panel, &destination, server);
        client(&source)
            .start_transfer(server, &order)
            .await
            .unwrap();
        let end = if arrives { "success" } else { "failure" };
        let path = format!("/servers/{server}/transfer/{end}");
        let told = panel.wait_for("POST", &path, 1).await;
        if arrives {
            let body = if to.is_go() {
                Value::Null
            } else {
                json!({"backups": []})
            };
            assert_eq!(told[0].body, body, "{from:?} to {to:?}");
            // Calagopus reports an installation that never was.
            let reports = panel.calls_of("POST", &format!("/servers/{server}/install"));
            assert_eq!(reports.len(), 1 + usize::from(!to.is_go()));
        }
        assert_eq!(
            destination.servers().len(),
            usize::from(arrives),
            "{from:?} to {to:?}"
        );
    }
}

/// Row 5.5: backups go along where the daemon does that.
#[tokio::test]
async fn backups_travel_with_their_server() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus] {
        let panel = Panel::start();
        let source = node(&panel, dialect).await;
        let destination = node(&panel, dialect).await;
        let server = installed(&panel, &source).await;
        let backup = BackupId::new_v4();
        let order = CreateBackup {
            adapter: "wings".into(),
            uuid: backup.uuid(),
            ignore: String::new(),
        };
        client(&source).create_backup(server, &order).await.unwrap();
        panel
            .wait_for("POST", &format!("/backups/{backup}"), 1)
            .await;
        let order = StartTransfer {
            backups: vec![backup.uuid()],
            ..transfer(&panel, &destination, server)
        };
        client(&source)
            .start_transfer(server, &order)
            .await
            .unwrap();
        panel.wait_for("POST", "/transfer/success", 1).await;
        assert_eq!(destination.backups(), [(backup.uuid(), server.uuid())]);
    }
}

/// Row 23: a Go daemon takes a new token at once, in both directions; Calagopus does not.
#[tokio::test]
async fn tokens_rotate_on_go_daemons_only() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus] {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let mut config = panel.config();
        config.token = "another".into();
        client(&sim).update_configuration(&config).await.unwrap();
        let old = client(&sim).servers().await;
        assert_eq!(old.is_err(), dialect.is_go());
        if let Err(error) = old {
            assert_eq!(error.status(), Some(403));
        }
    }
}

async fn say(socket: &mut NodeSocket, event: &str, arg: &str) {
    let text = serde_json::to_string(&Message::with(event, arg)).unwrap();
    socket.send_text(text).await.unwrap();
}

async fn hear(socket: &mut NodeSocket) -> Message {
    match socket.next().await.unwrap() {
        Frame::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn websocket_token(sim: &WingsSim, panel: &Url, server: ServerId, user: UserId) -> String {
    let node = target(sim);
    let signer = Signer {
        node: &node,
        issuer: panel,
        user,
        server,
    };
    let permissions = vec!["websocket.connect".to_owned(), "control.console".to_owned()];
    let (token, _) = signer
        .websocket(permissions, None, SystemClock.now(), Uuid::new_v4())
        .unwrap();
    token
}

/// Rows 4.1 and 4.3, and 2.6: the Go daemons want an origin, keep the socket whatever comes, and withhold what a token no longer covers.
#[tokio::test]
async fn go_sockets_stay_open_and_say_what_is_wrong() {
    for dialect in GO {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        let node = client(&sim);
        let foreign = "https://elsewhere.example.com".parse().unwrap();
        let refused = node.console_socket(server, &foreign).await.unwrap_err();
        assert_eq!(refused.status(), Some(403));

        let mut socket = node.console_socket(server, &panel.url).await.unwrap();
        say(&mut socket, "send stats", "").await;
        let error = hear(&mut socket).await;
        assert_eq!(error.args, ["jwt: no jwt present"]);
        say(&mut socket, "auth", "nonsense").await;
        assert_eq!(
            hear(&mut socket).await.event,
            ServerEvent::DaemonError.as_str()
        );

        let user = UserId::new_v4();
        let token = websocket_token(&sim, &panel.url, server, user);
        let mut socket = node.console_socket(server, &panel.url).await.unwrap();
        say(&mut socket, "auth", &token).await;
        let success = hear(&mut socket).await;
        assert_eq!(success.event, ServerEvent::AuthSuccess.as_str());
        assert!(success.args.is_empty());
        assert_eq!(hear(&mut socket).await.event, ServerEvent::Status.as_str());
        assert_eq!(hear(&mut socket).await.event, ServerEvent::Stats.as_str());

        node.revoke(user, server).await.unwrap();
        if dialect == Dialect::Pelican {
            // Everybody's socket there is closed.
            assert!(matches!(
                socket.next().await,
                Ok(Frame::Closed(_)) | Err(wings_client::Error::Unreachable { .. })
            ));
            continue;
        }
        sim.print(server.uuid(), "a line");
        let withheld = hear(&mut socket).await;
        assert_eq!(withheld.event, ServerEvent::JwtError.as_str());
        assert!(withheld.args[0].contains("denylist"), "{withheld:?}");
    }
}

/// Rows 4.8 and 4.9: Pelican lets nobody onto a suspended server, and no more than 30 sockets onto any.
#[tokio::test]
async fn pelican_limits_its_sockets() {
    let panel = Panel::start();
    let sim = node(&panel, Dialect::Pelican).await;
    let server = installed(&panel, &sim).await;
    let node = client(&sim);
    let mut sockets = Vec::new();
    for _ in 0..30 {
        sockets.push(node.console_socket(server, &panel.url).await.unwrap());
    }
    let more = node.console_socket(server, &panel.url).await.unwrap_err();
    assert_eq!(more.status(), Some(400));
    drop(sockets);

    let other = installed(&panel, &sim).await;
    panel.edit(other.uuid(), |document| document.settings.suspended = true);
    node.sync_server(other, None).await.unwrap();
    let mut socket = node.console_socket(other, &panel.url).await.unwrap();
    assert_eq!(
        socket.next().await.unwrap(),
        Frame::Closed(Some((4409, "server is suspended".into())))
    );

    let mut socket = node.console_socket(other, &panel.url).await.unwrap();
    assert!(matches!(socket.next().await.unwrap(), Frame::Closed(_)));
}

/// Rows 1.5 and 1.6: the words and statuses of a request that is let in nowhere or that nobody foresaw.
#[tokio::test]
async fn refusals_sound_like_their_daemon() {
    let expected: BTreeMap<&str, [u16; 2]> = BTreeMap::from([
        ("no token", [401, 401]),
        ("wrong token", [403, 401]),
        ("unknown server", [404, 404]),
        ("no uuid", [404, 400]),
        ("empty body", [400, 415]),
        ("bad action", [422, 422]),
    ]);
    for dialect in Dialect::ALL {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = |path: &str| sim.url().join(path).unwrap();
        let good = |request: reqwest::RequestBuilder| request.bearer_auth(TOKEN);
        let power = url(&format!("/api/servers/{server}/power"));
        let commands = url(&format!("/api/servers/{server}/commands"));
        let unknown = url(&format!("/api/servers/{}", Uuid::new_v4()));
        for (name, request) in [
            ("no token", http.get(url("/api/system"))),
            ("wrong token", http.get(url("/api/system")).bearer_auth("x")),
            ("unknown server", good(http.get(unknown))),
            ("no uuid", good(http.get(url("/api/servers/x")))),
            ("empty body", good(http.post(commands))),
            (
                "bad action",
                good(http.post(power)).json(&json!({"action": "explode"})),
            ),
        ] {
            let answer = request.send().await.unwrap();
            let wanted = expected[name][usize::from(!dialect.is_go())];
            assert_eq!(answer.status(), wanted, "{dialect:?} {name}");
            assert_eq!(
                answer.headers().contains_key("X-Request-Id"),
                dialect.is_go(),
                "{dialect:?} {name}"
            );
            let signed = answer.headers().contains_key("User-Agent");
            assert_eq!(signed, dialect == Dialect::Pelican);
        }
    }
}

/// Row 6.1: parts of a file are given by Calagopus only.
#[tokio::test]
async fn calagopus_gives_parts_of_downloads() {
    use wings_client::{Download, Link};
    for dialect in [Dialect::Pterodactyl, Dialect::Calagopus] {
        let panel = Panel::start();
        let sim = node(&panel, dialect).await;
        let server = installed(&panel, &sim).await;
        let target = target(&sim);
        let signer = Signer {
            node: &target,
            issuer: &panel.url,
            user: UserId::new_v4(),
            server,
        };
        let token = signer
            .file_download("/eula.txt", SystemClock.now(), Uuid::new_v4())
            .unwrap();
        let how = Download {
            range: Some("bytes=5-8".into()),
            archive_format: None,
        };
        let stream = client(&sim)
            .download(Link::File, &token, &how)
            .await
            .unwrap();
        let (status, range) = (stream.status(), stream.content_range().map(str::to_owned));
        let content = stream.collect(100).await.unwrap();
        if dialect.is_go() {
            assert_eq!((status, range), (200, None));
        } else {
            assert_eq!((status, range), (206, Some("bytes 5-8/10".into())));
            assert_eq!(content, b"true");
        }
    }
}
