//! Paths and addresses that are refused, and what nodes refuse.

use serde_json::json;
use wings_sim::{Dialect, Effect, Fault};

use super::super::Stage;
use super::ALL;

#[tokio::test]
async fn nothing_leads_out_of_the_servers_files() {
    let stage = Stage::set().await;
    for path in [
        "../secret",
        "/..",
        "a/../../b",
        "%2e%2e/%2e%2e/etc/passwd",
        "a%00b",
    ] {
        let query = format!("/files/contents?file={path}");
        let refused = stage.owner.get(&stage.path(&query)).await;
        refused
            .expect_error(400, "invalid_input")
            .expect_fields(&["file"]);
        stage
            .write_as(&stage.owner, path, "x")
            .await
            .expect_error(400, "invalid_input");
    }
    let outside = [
        (
            "delete",
            json!({ "root": "/a", "files": ["../../b"] }),
            "files",
        ),
        ("delete", json!({ "root": "/..", "files": ["b"] }), "root"),
        ("delete", json!({ "root": "/a", "files": [".."] }), "files"),
        ("delete", json!({ "files": [] }), "files"),
        (
            "create-directory",
            json!({ "root": "/", "name": ".." }),
            "name",
        ),
        (
            "create-symlink",
            json!({ "link": "a", "target": "../../etc" }),
            "target",
        ),
        (
            "compress",
            json!({ "root": "/a", "files": ["../b"], "format": "zip" }),
            "files",
        ),
        (
            "compress",
            json!({ "files": ["a"], "format": "zip", "name": "../x" }),
            "name",
        ),
        (
            "decompress",
            json!({ "root": "/a", "file": "../b.zip" }),
            "file",
        ),
        (
            "copy",
            json!({ "path": "/a", "destination": "../b" }),
            "destination",
        ),
        (
            "copy-many",
            json!({ "files": [{ "from": "a", "to": "../b" }] }),
            "files.to",
        ),
    ];
    for (operation, body, field) in outside {
        let refused = stage.post(operation, body).await;
        refused
            .expect_error(400, "invalid_input")
            .expect_fields(&[field]);
    }
    let rename = json!({ "root": "/", "files": [{ "from": "a", "to": "../b" }] });
    let refused = stage.owner.put(&stage.path("/files/rename"), rename).await;
    refused
        .expect_error(400, "invalid_input")
        .expect_fields(&["files.to"]);
    let modes = json!({ "files": [{ "file": "a", "mode": "0999" }] });
    let refused = stage.owner.put(&stage.path("/files/chmod"), modes).await;
    refused
        .expect_error(400, "invalid_input")
        .expect_fields(&["files.mode"]);
    assert_eq!(stage.effects(), []);
    assert!(
        stage.log().await.is_empty(),
        "what was refused was not asked for"
    );
}

/// a name is data, whatever is in it.
#[tokio::test]
async fn a_06_odd_names_are_names() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        let long = "n".repeat(255);
        for name in [
            "\"><svg onload=alert(1)>",
            "two\nlines",
            "right\u{202e}txt.exe",
            "a\\..\\b",
            "%2e%2e",
            long.as_str(),
        ] {
            let encoded: String = url_encoded(name);
            stage.write(&encoded, "odd").await;
            stage.write("/kept.txt", "kept").await;
            let listed = stage.listed_by(&stage.owner, "/").await;
            assert!(
                listed.contains(&name.to_owned()),
                "{dialect:?}: {name:?} in {listed:?}"
            );
            let read = stage.read_as(&stage.owner, &encoded).await;
            assert_eq!(read.text(), "odd", "{dialect:?}: {name:?}");
            assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
            stage.post("delete", json!({ "files": [name] })).await.ok();
            assert_eq!(stage.listed_by(&stage.owner, "/").await, ["kept.txt"]);
        }
    }
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// What an option adds has its own permission.
#[tokio::test]
async fn to_replace_and_to_look_into_files_is_asked_for_apart() {
    let stage = Stage::of(Dialect::CalagopusNext).await;
    stage.write("/a.txt", "a").await;
    stage.write("/b.txt", "b").await;
    let friend = stage.friend(&["files.read", "files.create"], &[]).await;
    let copy = json!({ "path": "/a.txt", "destination": "b.txt" });
    let many = json!({ "files": [{ "from": "a.txt", "to": "b.txt" }] });
    for (operation, mut body) in [("copy", copy), ("copy-many", many)] {
        body["overwrite"] = json!(true);
        let path = stage.path(&format!("/files/{operation}"));
        let refused = friend.post(&path, body).await;
        refused.expect_error(403, "permission_denied");
    }
    assert_eq!(stage.on_node("/b.txt").as_deref(), Some("b"));
    let search = json!({
        "content_filter": {
            "query": "a", "max_search_size": 1024, "include_unmatched": false, "case_insensitive": true,
        },
    });
    let refused = friend.post(&stage.path("/files/search"), search).await;
    refused.expect_error(403, "permission_denied");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_on_every_daemon() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("/a/b.txt", "x").await;
        for file in ["/nothing.txt", "/a/nothing.txt", "/nothing/at/all.txt"] {
            let answer = stage.read_as(&stage.owner, file).await;
            assert_eq!(answer.status, 404, "{dialect:?}: {}", answer.describe());
        }
        let path = stage.path("/files/list?directory=/nothing");
        let answer = stage.owner.get(&path).await;
        assert_eq!(answer.status, 404, "{dialect:?}: {}", answer.describe());
    }
}

/// Pterodactyl does not say what is missing. A deep path is not gone through name by name.
#[tokio::test]
async fn few_looks_tell_that_something_is_missing() {
    let stage = Stage::of(Dialect::Pterodactyl).await;
    stage.write("/a/b/c/d.txt", "x").await;
    let answer = stage.read_as(&stage.owner, "/a/b/x/y/z/d.txt").await;
    assert_eq!(answer.status, 404, "{}", answer.describe());
    let answer = stage.read_as(&stage.owner, "/a/b").await;
    assert_eq!(answer.status, 502, "it is there: {}", answer.describe());

    for _ in 0..20 {
        let seen = Fault::Delay(0);
        stage.sim.fail_next_of("GET", "/files/list", seen);
    }
    // A reading whose connection breaks is sent once more.
    for _ in 0..2 {
        let fault = Fault::DropConnection;
        stage.sim.fail_next_of("GET", "/files/list", fault);
    }
    let deep = format!("{}d.txt", "x/".repeat(1000));
    let answer = stage.read_as(&stage.owner, &deep).await;
    assert_eq!(answer.status, 404, "{}", answer.describe());
}

#[tokio::test]
async fn what_a_node_refuses_is_told_in_its_words() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("/a.txt", "a").await;
        stage.write("/b.txt", "b").await;
        let unpack = json!({ "root": "/", "file": "a.txt", "foreground": true });
        let refused = stage.post("decompress", unpack).await;
        let refused = refused.expect_error(409, "node_refused");
        let told = refused.json["errors"][0].as_str().unwrap();
        assert!(told.starts_with("the node refused: "), "{told}");

        let taken = json!({ "files": [{ "from": "a.txt", "to": "b.txt" }] });
        let taken = stage.owner.put(&stage.path("/files/rename"), taken).await;
        if dialect.is_go() {
            taken.expect_error(409, "node_refused");
        } else {
            assert_eq!(taken.ok()["renamed"], 0, "left out without a word");
        }
        assert_eq!(stage.on_node("/b.txt").as_deref(), Some("b"));
    }
}

#[tokio::test]
async fn a_node_that_is_away_is_said_to_be() {
    let stage = Stage::set().await;
    stage.write("/a.txt", "a").await;
    stage.sim.kill().await;
    let away = [
        stage.read_as(&stage.owner, "/a.txt").await,
        stage.owner.get(&stage.path("/files/list")).await,
        stage.write_as(&stage.owner, "/b.txt", "b").await,
        stage.post("delete", json!({ "files": ["a.txt"] })).await,
    ];
    for answer in away {
        answer.expect_error(503, "node_unreachable");
    }
}

#[tokio::test]
async fn files_wait_for_the_servers_state() {
    let stage = Stage::set().await;
    stage.write("/a.txt", "a").await;
    stage.put_status(Some("installing")).await;
    let list = stage.owner.get(&stage.path("/files/list")).await;
    list.expect_error(409, "server_installing");
    stage
        .write_as(&stage.owner, "/a.txt", "b")
        .await
        .expect_error(409, "server_installing");
    assert_eq!(stage.on_node("/a.txt").as_deref(), Some("a"));
}

/// B-20: a node is not sent where the panel itself would not go.
#[tokio::test]
async fn b_20_nodes_are_not_sent_to_private_networks() {
    let networks = ["127.0.0.0/8", "10.0.0.0/8", "169.254.0.0/16", "::1/128"];
    let networks = networks.map(|network| network.parse().unwrap());
    let panel = panel_testkit::TestApp::builder().blocked_networks(networks.to_vec());
    let stage = Stage::with(panel, |options| {
        *options = options.clone().speaking(Dialect::CalagopusNext);
        options.refuse_private_pulls = false;
    })
    .await;
    for url in [
        "http://127.0.0.1/a",
        "http://2130706433/a",
        "http://0x7f.1/a",
        "http://[::1]/a",
        "http://[::ffff:169.254.169.254]/latest/meta-data",
        "http://localhost:8080/a",
        "http://a.localhost./a",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://user:secret@example.com/a",
        "no address",
    ] {
        for operation in ["pull", "pull/query"] {
            let refused = stage.post(operation, json!({ "url": url })).await;
            refused
                .expect_error(400, "invalid_input")
                .expect_fields(&["url"]);
        }
    }
    assert_eq!(stage.effects(), Vec::<Effect>::new());
}

#[tokio::test]
async fn fetching_is_limited() {
    let panel = panel_testkit::TestApp::builder();
    let stage = Stage::with(panel, |_| {}).await;
    // Each is refused by the node, and counts all the same.
    for _ in 0..10 {
        let order = json!({ "url": "http://127.0.0.1:9/a", "foreground": true });
        stage
            .post("pull", order)
            .await
            .expect_error(409, "node_refused");
    }
    let order = json!({ "url": "http://127.0.0.1:9/a" });
    stage
        .post("pull", order)
        .await
        .expect_error(429, "rate_limited");
}
