//! Nodes that are dead, slow, strange, or run another daemon.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use panel_domain::clock::ManualClock;
use panel_domain::id::{NodeId, ServerId, UserId};
use serde_json::json;
use url::Url;
use wings_client::{
    Capability, Cause, Deadlines, Error, Flavour, NodeClient, NodeTarget, Nodes, Settings,
};

use crate::daemon::{Answer, Daemon, Seen};

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        DateTime::from_timestamp(1_766_000_000, 0).unwrap(),
    ))
}

pub(crate) fn target(url: &Url) -> NodeTarget {
    NodeTarget {
        id: NodeId::new_v4(),
        url: url.clone(),
        token_id: "tokenid".into(),
        token: "secret".into(),
    }
}

pub(crate) fn client(url: &Url) -> NodeClient {
    Nodes::new(clock(), Settings::default())
        .unwrap()
        .node(target(url))
}

fn system(version: &str) -> Answer {
    Answer::json(
        200,
        &json!({"architecture": "amd64", "cpu_count": 4, "kernel_version": "6", "os": "linux", "version": version}),
    )
}

fn quick() -> Settings {
    Settings {
        deadlines: Deadlines {
            probe: Duration::from_millis(200),
            normal: Duration::from_millis(200),
            stream_piece: Duration::from_millis(200),
            ..Deadlines::default()
        },
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_dead_node_rests_and_is_tried_again() {
    let clock = clock();
    let nodes = Nodes::new(clock.clone(), Settings::default()).unwrap();
    let daemon = Daemon::start(|_| Answer::json(200, &json!([])));
    let alive = nodes.node(target(&daemon.url));
    let gone = Daemon::start(|_| Answer::json(200, &json!([])));
    gone.stop().await;
    let dead = nodes.node(target(&gone.url));
    for _ in 0..3 {
        let error = dead.servers().await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Unreachable {
                    cause: Cause::Connect,
                    ..
                }
            ),
            "{error}"
        );
        assert!(!error.may_have_happened());
    }
    let error = dead.servers().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                cause: Cause::Resting,
                ..
            }
        ),
        "{error}"
    );
    assert!(nodes.resting_until(dead.id()).is_some());
    assert!(
        alive.servers().await.unwrap().is_empty(),
        "others are not affected"
    );
    clock.advance(TimeDelta::seconds(6));
    let error = dead.servers().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                cause: Cause::Connect,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_silent_node_costs_one_deadline_and_may_have_acted() {
    let nodes = Nodes::new(clock(), quick()).unwrap();
    let daemon = Daemon::start(|_| Answer::hang());
    let node = nodes.node(target(&daemon.url));
    let error = node.servers().await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Unreachable {
                cause: Cause::Deadline,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.may_have_happened());
}

/// Neither streams nor uploads have a deadline as a whole, so what comes before and after them needs one of its own.
#[tokio::test]
async fn a_node_that_falls_silent_in_the_middle_of_an_answer_is_not_waited_for() {
    // Answers may begin as late as they like on a busy machine: what is short is the patience with one that has begun.
    let deadlines = Deadlines {
        stream_piece: Duration::from_millis(200),
        ..Deadlines::default()
    };
    let settings = Settings {
        deadlines,
        ..Settings::default()
    };
    let nodes = Nodes::new(clock(), settings).unwrap();
    let daemon = Daemon::start(|seen| match seen.path.as_str() {
        "/api/system" => Answer::stall(200, "{\"version\": "),
        path if path.ends_with("/contents") => Answer::stall(500, "{\"error\": "),
        _ => Answer::stall(200, "{"),
    });
    let node = nodes.node(target(&daemon.url));
    let server = ServerId::new_v4();
    let refused = node.read_file(server, "/a", None).await.unwrap_err();
    assert_eq!(refused.status(), Some(500), "{refused}");
    let content = Bytes::from_static(b"new").into();
    let error = node
        .write_file_stream(server, "/a", None, content)
        .await
        .unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    assert!(error.may_have_happened());
    let error = node.information().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
}

/// Daemons that close a user's sessions on request, and daemons that do not know how, of the same flavours.
#[tokio::test]
async fn whether_a_daemon_can_shut_a_user_out_is_tried() {
    let (user, server) = (UserId::new_v4(), ServerId::new_v4());
    for (version, knows) in [("1.11.13", false), ("1.12.1", true)] {
        let daemon = Daemon::start(move |seen| match seen.path.as_str() {
            "/api/deauthorize-user" if !knows => Answer::text(404, "404 page not found"),
            "/api/system" => system(version),
            "/api/system/overview" => Answer::text(404, "404 page not found"),
            _ => Answer::text(204, ""),
        });
        client(&daemon.url).revoke(user, server).await.unwrap();
        let asked: Vec<String> = daemon.seen().into_iter().map(|seen| seen.path).collect();
        let deny = format!("/api/servers/{server}/ws/deny");
        assert_eq!(asked, ["/api/deauthorize-user", &deny], "{version}");
    }
    let failing = Daemon::start(|seen| match seen.path.as_str() {
        "/api/deauthorize-user" => Answer::text(500, "no"),
        _ => Answer::text(204, ""),
    });
    let error = client(&failing.url).revoke(user, server).await.unwrap_err();
    assert_eq!(error.status(), Some(500));
    assert!(
        failing.last().path.ends_with("/ws/deny"),
        "tokens are denied all the same"
    );
}

#[tokio::test]
async fn a_new_address_forgets_the_rest() {
    let nodes = Nodes::new(clock(), Settings::default()).unwrap();
    let gone = Daemon::start(|_| Answer::json(200, &json!([])));
    gone.stop().await;
    let moved = target(&gone.url);
    for _ in 0..4 {
        nodes.node(moved.clone()).servers().await.unwrap_err();
    }
    let daemon = Daemon::start(|_| Answer::json(200, &json!([])));
    let moved = NodeTarget {
        url: daemon.url.clone(),
        ..moved
    };
    nodes.node(moved).servers().await.unwrap();
}

#[tokio::test]
async fn flavours_are_told_apart() {
    let pelican = Daemon::start(|_| {
        let mut answer = system("1.0.0-beta");
        answer
            .headers
            .push(("User-Agent", "Pelican Wings/v1.0.0 (id:tokenid)".into()));
        answer
    });
    let pterodactyl = Daemon::start(|seen| match seen.path.as_str() {
        "/api/system" => system("1.11.13"),
        _ => Answer::text(404, "404 page not found"),
    });
    for (daemon, flavour) in [
        (pelican, Flavour::Pelican),
        (pterodactyl, Flavour::Pterodactyl),
    ] {
        let node = client(&daemon.url);
        assert_eq!(node.known_profile(), None);
        assert_eq!(node.information().await.unwrap().profile.flavour, flavour);
        assert_eq!(node.known_profile().unwrap().flavour, flavour);
    }
}

#[tokio::test]
async fn what_a_daemon_cannot_do_is_not_asked_of_it() {
    let daemon = Daemon::start(|seen| match seen.path.as_str() {
        "/api/system" => system("1.11.13"),
        _ => Answer::text(404, "404 page not found"),
    });
    let node = client(&daemon.url);
    let error = node.overview().await.unwrap_err();
    assert_eq!(
        error,
        Error::LacksCapability {
            capability: Capability::Overview,
            flavour: Flavour::Pterodactyl
        }
    );
    let asked = daemon.seen().len();
    let server = ServerId::new_v4();
    node.abort_install(server).await.unwrap_err();
    node.deauthorize_user(UserId::new_v4(), &[server])
        .await
        .unwrap_err();
    node.reinstall_server(server, true, None).await.unwrap_err();
    assert_eq!(daemon.seen().len(), asked);
}

#[tokio::test]
async fn logs_and_lists_of_the_go_daemons() {
    let daemon = Daemon::start(|seen: &Seen| {
        let path = seen.path.as_str();
        if path == "/api/system" {
            system("1.11.13")
        } else if path.ends_with("/logs") {
            Answer::json(200, &json!({"data": ["one", "two"]}))
        } else if path.ends_with("/files/list-directory") {
            let entry = |name: &str| {
                json!({"name": name, "created": "2026-01-02T03:04:05+02:00", "modified": "2026-01-02T03:04:05Z", "mode": "-rw-r--r--",
                       "mode_bits": "644", "size": 1, "directory": false, "file": true, "mime": "text/plain"})
            };
            Answer::json(200, &json!([entry("a"), entry("b"), entry("c")]))
        } else if path.ends_with("/sync") {
            Answer::text(204, "")
        } else {
            Answer::text(404, "404 page not found")
        }
    });
    let node = client(&daemon.url);
    let server = ServerId::new_v4();
    assert_eq!(node.console_log(server, 500).await.unwrap(), ["one", "two"]);
    assert_eq!(daemon.last().query, [("size".to_owned(), "100".to_owned())]);
    let page = node.list_files(server, "/", 2, 2).await.unwrap();
    assert_eq!((page.total, page.entries.len()), (3, 1));
    assert_eq!(page.entries[0].name, "c");
    node.sync_server(server, None).await.unwrap();
    assert!(daemon.last().body.is_empty());
}

#[tokio::test]
async fn answers_that_are_not_of_the_protocol() {
    let daemon = Daemon::start(|seen: &Seen| match seen.method.as_str() {
        "GET" => Answer::text(200, "<html>welcome</html>"),
        "DELETE" => Answer::text(302, ""),
        _ => Answer::text(422, "Failed to deserialize the JSON body"),
    });
    let node = client(&daemon.url);
    let server = ServerId::new_v4();
    assert!(matches!(
        node.servers().await.unwrap_err(),
        Error::Unexpected { status: 200, .. }
    ));
    assert!(matches!(
        node.delete_server(server).await.unwrap_err(),
        Error::Unexpected { status: 302, .. }
    ));
    assert_eq!(
        node.send_commands(server, vec!["x".into()])
            .await
            .unwrap_err(),
        Error::Refused {
            call: "send commands",
            status: 422,
            message: "Failed to deserialize the JSON body".into()
        }
    );
}

#[tokio::test]
async fn a_path_in_the_address_is_kept() {
    let daemon = Daemon::start(|_| Answer::json(200, &json!([])));
    let prefixed = daemon.url.join("/wings/").unwrap();
    client(&prefixed).servers().await.unwrap();
    assert_eq!(daemon.last().path, "/wings/api/servers");
}

#[tokio::test]
async fn an_address_that_is_none_is_our_mistake() {
    let error = client(&"mailto:x@example.com".parse().unwrap())
        .servers()
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Unexpected { status: 0, .. }),
        "{error}"
    );
    assert!(!error.may_have_happened());
}
