//! The calls that only Calagopus from 1.0 on has and that the simulator does not play: what is sent is what its client sends, and what
//! streams is read as it comes. Uploads that stall are told apart by the end that stalls.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use panel_domain::id::ServerId;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::wire::files::{ArchiveFormat, CopyRemote, Move, SqliteQuery, SqliteValue};
use wings_client::{
    Capability, Cause, Content, Deadlines, Error, Flavour, NodeClient, Nodes, Profile, Settings,
    Work,
};

use crate::daemon::{Answer, Daemon};
use crate::nodes::{client, clock, target};

fn newest(url: &Url) -> NodeClient {
    let node = client(url);
    node.assume_profile(Profile {
        flavour: Flavour::Calagopus,
        version: "1.2.0:abc".into(),
    });
    node
}

#[tokio::test]
async fn what_is_asked_of_the_newest_daemons() {
    let id = Uuid::new_v4();
    let daemon = Daemon::start(move |seen| match seen.path.rsplit('/').next() {
        Some("sqlite-query") => Answer::json(
            200,
            &json!({"results": [{
                "columns": [{"name": "n", "type_name": "INTEGER", "binary": false}],
                "rows": [[{"type": "text", "value": "1"}, {"type": "null"}]],
                "rows_affected": 0, "truncated": false,
            }]}),
        ),
        Some("copy-remote") => Answer::json(202, &json!({"identifier": id})),
        _ => Answer::json(200, &json!({})),
    });
    let node = newest(&daemon.url);
    let server = ServerId::new_v4();
    node.create_symlink(server, "/", "latest", "logs/1")
        .await
        .unwrap();
    assert_eq!(
        daemon.last().json(),
        json!({"root": "/", "link": "latest", "target": "logs/1"})
    );
    let query = SqliteQuery {
        file: "/world.db".into(),
        query: "SELECT 1".into(),
        read_only: true,
        rows: 10,
    };
    let results = node.query_sqlite(server, &query).await.unwrap();
    assert_eq!(
        results[0].rows[0],
        [SqliteValue::Text { value: "1".into() }, SqliteValue::Null]
    );
    let order = CopyRemote {
        url: String::new(),
        token: String::new(),
        archive_format: ArchiveFormat::TarZstd,
        compression_level: None,
        root: "/".into(),
        files: vec![Move {
            from: "a".into(),
            to: "b".into(),
        }],
        destination_server: Uuid::new_v4(),
        destination_path: "/".into(),
        foreground: false,
    };
    let work = node.copy_remote(server, &order).await.unwrap();
    assert_eq!(work, Work::Started(id));
    assert_eq!(daemon.last().json()["archive_format"], "tar_zstd");
    // A daemon that opens no socket where one was asked for.
    for outcome in [
        node.utilization_socket().await,
        node.node_log_socket("wings.log", 10).await,
        node.transfer_socket().await,
        node.port_socket(server, "udp", 25_565).await,
    ] {
        assert!(matches!(
            outcome,
            Err(Error::Unexpected { status: 200, .. })
        ));
    }
    assert_eq!(
        daemon.last().query,
        [
            ("protocol".to_owned(), "udp".to_owned()),
            ("port".to_owned(), "25565".to_owned())
        ]
    );
}

#[tokio::test]
async fn formats_that_a_daemon_has_not_are_not_asked_of_it() {
    let daemon = Daemon::start(|_| Answer::text(200, "{}"));
    for (flavour, format, capability) in [
        (
            Flavour::Pterodactyl,
            ArchiveFormat::Zip,
            Capability::ArchiveFormats,
        ),
        (
            Flavour::Pelican,
            ArchiveFormat::TarLz4,
            Capability::ArchiveFormats,
        ),
    ] {
        let node = client(&daemon.url);
        node.assume_profile(Profile {
            flavour,
            version: "1.0.0".into(),
        });
        let server = ServerId::new_v4();
        let files = vec!["a".to_owned()];
        let error = node
            .compress(server, "/", files, None, format, false)
            .await
            .unwrap_err();
        assert_eq!(
            error,
            Error::LacksCapability {
                capability,
                flavour
            }
        );
    }
    assert!(daemon.seen().is_empty());
}

fn impatient() -> Nodes {
    let deadlines = Deadlines {
        stream_piece: Duration::from_millis(200),
        ..Deadlines::default()
    };
    Nodes::new(
        clock(),
        Settings {
            deadlines,
            ..Settings::default()
        },
    )
    .unwrap()
}

#[tokio::test]
async fn an_upload_whose_source_stalls_is_not_the_nodes_fault() {
    let daemon = Daemon::start(|_| Answer::text(204, ""));
    let nodes = impatient();
    let target = target(&daemon.url);
    let id = target.id;
    let node = nodes.node(target);
    let server = ServerId::new_v4();
    for _ in 0..4 {
        let first = futures_util::stream::iter([Ok(Bytes::from_static(b"x"))]);
        let stalls = Content::new(Some(2), first.chain(futures_util::stream::pending()));
        let error = node
            .write_file_stream(server, "/a", None, stalls)
            .await
            .unwrap_err();
        assert_eq!(error, Error::Interrupted { call: "write file" });
    }
    assert!(nodes.resting_until(id).is_none());
}

#[tokio::test]
async fn an_upload_that_the_node_does_not_take_ends_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    // Accepts, and never reads.
    let held = tokio::spawn(async move { listener.accept().await.unwrap() });
    let node = impatient().node(target(&url));
    let endless = futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[0; 65_536])));
    let error = node
        .write_file_stream(
            ServerId::new_v4(),
            "/a",
            None,
            Content::new(Some(1 << 40), endless),
        )
        .await
        .unwrap_err();
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
    drop(held.await.unwrap());
}
