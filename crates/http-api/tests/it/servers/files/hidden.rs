//! Files that are hidden from a subuser.

use panel_testkit::{Answer, Client, factory};
use serde_json::{Value, json};
use wings_client::wire::remote::{SftpAuth, SftpMethod};
use wings_sim::{Dialect, Fault};

use super::super::{Stage, names};
use super::ALL;

const PERMISSIONS: [&str; 8] = [
    "files.read",
    "files.read-content",
    "files.create",
    "files.update",
    "files.delete",
    "files.archive",
    "files.query-raw",
    "files.sftp",
];

async fn stage_of(dialect: Dialect) -> Stage {
    let stage = Stage::of(dialect).await;
    for file in [
        "/config/secret.yml",
        "/config/open.yml",
        "/plugins/a.key",
        "/plugins/a.yml",
        "/worlds/level.dat",
    ] {
        stage.write(file, file).await;
    }
    stage
}

async fn post(stage: &Stage, client: &Client, operation: &str, body: Value) -> Answer {
    let path = stage.path(&format!("/files/{operation}"));
    client.post(&path, body).await
}

#[tokio::test]
async fn what_is_hidden_does_not_exist() {
    for dialect in ALL {
        let stage = stage_of(dialect).await;
        let friend = stage
            .friend(&PERMISSIONS, &["/config/secret.yml", "*.key"])
            .await;
        assert_eq!(
            stage.listed_by(&friend, "/config").await,
            ["open.yml"],
            "{dialect:?}"
        );
        assert_eq!(stage.listed_by(&friend, "/plugins").await, ["a.yml"]);
        assert_eq!(
            stage.listed_by(&stage.owner, "/plugins").await,
            ["a.key", "a.yml"]
        );
        let list = stage.path("/files/list?directory=/plugins");
        assert_eq!(
            friend.get(&list).await.ok()["entries"]["total"],
            1,
            "{dialect:?}"
        );

        for file in [
            "/config/secret.yml",
            "config/./secret.yml",
            "x/../config/secret.yml",
            "/plugins/a.key",
            "/new.key",
        ] {
            stage
                .read_as(&friend, file)
                .await
                .expect_error(404, "file_not_found");
            stage
                .write_as(&friend, file, "taken")
                .await
                .expect_error(404, "file_not_found");
            for path in [
                format!("/files/download?root=/&files={file}"),
                format!("/files/fingerprint?file={file}&algorithm=md5"),
                format!("/files/revisions?file={file}"),
            ] {
                let answer = friend.get(&stage.path(&path)).await;
                answer.expect_error(404, "file_not_found");
            }
            for (operation, body) in [
                ("delete", json!({ "files": [file] })),
                ("compress", json!({ "files": [file], "format": "tar_gz" })),
                ("copy", json!({ "path": file })),
                (
                    "copy-many",
                    json!({ "files": [{ "from": file, "to": "b" }] }),
                ),
                (
                    "copy-many",
                    json!({ "files": [{ "from": "plugins/a.yml", "to": file }] }),
                ),
                ("create-directory", json!({ "name": file })),
                (
                    "create-symlink",
                    json!({ "link": "b", "target": format!("/{file}") }),
                ),
                ("decompress", json!({ "file": file })),
                ("sqlite-query", json!({ "file": file, "query": "SELECT 1" })),
            ] {
                let answer = post(&stage, &friend, operation, body).await;
                answer.expect_error(404, "file_not_found");
            }
            for moved in [
                json!({ "files": [{ "from": file, "to": "b.txt" }] }),
                json!({ "files": [{ "from": "plugins/a.yml", "to": file }] }),
            ] {
                let answer = friend.put(&stage.path("/files/rename"), moved).await;
                answer.expect_error(404, "file_not_found");
            }
        }
        assert_eq!(
            stage.on_node("/config/secret.yml").as_deref(),
            Some("/config/secret.yml")
        );
        stage
            .write_as(&friend, "/config/open.yml", "changed")
            .await
            .ok();
        assert_eq!(
            stage.on_node("/config/open.yml").as_deref(),
            Some("changed")
        );
    }
}

/// Whoever takes a directory takes what is in it, and puts it where it goes.
#[tokio::test]
async fn directories_with_hidden_files_are_not_taken_as_a_whole() {
    for dialect in ALL {
        let stage = stage_of(dialect).await;
        let friend = stage.friend(&PERMISSIONS, &["/config/secret.yml"]).await;
        for (operation, body) in [
            ("delete", json!({ "files": ["config"] })),
            (
                "compress",
                json!({ "files": ["config"], "format": "tar_gz" }),
            ),
            (
                "decompress",
                json!({ "root": "/config", "file": "a.tar.gz" }),
            ),
            (
                "sqlite-query",
                json!({ "file": "/a.db", "query": "ATTACH '/config/secret.yml' AS s" }),
            ),
        ] {
            let answer = post(&stage, &friend, operation, body).await;
            answer.expect_error(403, "files_hidden");
        }
        for (from, to) in [("config", "seen"), ("worlds", "config")] {
            let files = json!([{ "from": from, "to": to }]);
            let moved = json!({ "files": files });
            let answer = friend.put(&stage.path("/files/rename"), moved).await;
            answer.expect_error(403, "files_hidden");
            let copy = json!({ "files": files, "overwrite": true });
            let answer = post(&stage, &friend, "copy-many", copy).await;
            answer.expect_error(403, "files_hidden");
            let copy = json!({ "path": from, "destination": to, "overwrite": true });
            let answer = post(&stage, &friend, "copy", copy).await;
            answer.expect_error(403, "files_hidden");
        }
        for (link, target) in [("seen", "config"), ("plugins/seen.yml", "secret.yml")] {
            let link = json!({ "link": link, "target": target });
            let refused = post(&stage, &friend, "create-symlink", link).await;
            refused.expect_error(403, "files_hidden");
        }
        if !dialect.is_go() {
            let link = "/files/download?root=/&files=config&directory=true";
            let answer = friend.get(&stage.path(link)).await;
            answer.expect_error(403, "files_hidden");
        }
        // What holds none of it is theirs.
        let gone = json!({ "files": ["worlds", "config/open.yml"] });
        post(&stage, &friend, "delete", gone).await.ok();
        assert_eq!(
            stage.listed_by(&stage.owner, "/").await,
            ["config", "plugins"]
        );
        assert_eq!(
            stage.listed_by(&stage.owner, "/config").await,
            ["secret.yml"]
        );
    }
}

#[tokio::test]
async fn who_gets_no_answer_takes_no_directory() {
    for dialect in ALL {
        let stage = stage_of(dialect).await;
        let friend = stage.friend(&PERMISSIONS, &["*.key"]).await;
        for status in [429, 502, 504] {
            let fault = Fault::Status(status);
            stage.sim.fail_next_of("GET", "/files/list", fault);
            let delete = json!({ "files": ["plugins"] });
            let refused = post(&stage, &friend, "delete", delete).await;
            refused.expect_error(502, "node_refused");
        }
        let kept = stage.on_node("/plugins/a.key");
        assert_eq!(kept.as_deref(), Some("/plugins/a.key"), "{dialect:?}");
    }
}

/// What is unpacked, or comes from another server, may hold links.
#[tokio::test]
async fn links_are_not_brought_in_where_files_are_hidden() {
    for dialect in ALL {
        let stage = stage_of(dialect).await;
        let pack = json!({
            "root": "/worlds", "files": ["level.dat"], "format": "tar_gz", "foreground": true,
        });
        let packed = stage.post("compress", pack).await.ok();
        let friend = stage.friend(&PERMISSIONS, &["/config/secret.yml"]).await;
        let unpack = json!({
            "root": "/worlds", "file": packed["entry"]["name"], "foreground": true,
        });
        let unpacked = post(&stage, &friend, "decompress", unpack).await;
        if dialect.is_go() {
            // These make none.
            unpacked.ok();
        } else {
            unpacked.expect_error(403, "files_hidden");
        }
    }

    let stage = stage_of(Dialect::CalagopusNext).await;
    let other = factory::user(&stage.app, "other").await;
    let node = stage.sim.node();
    let theirs = factory::server_on(&stage.app, other.id, node, stage.sim.allocations()[1]).await;
    stage.sim.restart().await.unwrap();
    let user = stage.owner.user_id();
    factory::subuser(&stage.app, theirs.id, user, &["files.create"]).await;
    let them = stage.app.sign_in(&other).await;
    let path = format!("/api/client/servers/{}/subusers/{user}", theirs.id);
    let hidden = json!({ "ignored_files": ["/config/secret.yml"] });
    them.patch(&path, hidden).await.ok();
    let copy = json!({
        "files": [{ "from": "worlds/level.dat", "to": "level.dat" }], "destination": "/worlds",
        "destination_server": theirs.id, "foreground": true,
    });
    let refused = stage.post("copy-remote", copy).await;
    refused.expect_error(403, "files_hidden");
}

#[tokio::test]
async fn a_search_does_not_find_what_is_hidden() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus] {
        let stage = stage_of(dialect).await;
        let friend = stage.friend(&PERMISSIONS, &["/config/secret.yml"]).await;
        let search = json!({
            "path_filter": { "include": ["*.yml"], "exclude": [], "case_insensitive": true },
        });
        let found = post(&stage, &friend, "search", search.clone()).await.ok();
        let mut found = names(&found["entries"], "name");
        found.sort();
        assert_eq!(found, ["config/open.yml", "plugins/a.yml"], "{dialect:?}");
        let all = stage.post("search", search).await.ok();
        assert_eq!(all["entries"].as_array().unwrap().len(), 3);
    }
}

/// Uploads and SFTP are the daemon's: one that does not know of hidden files is not let at them.
#[tokio::test]
async fn a_daemon_that_hides_nothing_is_not_trusted_to() {
    for dialect in ALL {
        let stage = stage_of(dialect).await;
        factory::set_flavour(&stage.app, stage.sim.node(), flavour(dialect)).await;
        let friend = stage.friend(&PERMISSIONS, &["*.key"]).await;
        let upload = friend.get(&stage.path("/files/upload")).await;
        let short = &stage.server.id.to_string()[..8];
        let auth = SftpAuth {
            method: SftpMethod::Password,
            username: format!("friend.{short}"),
            password: panel_testkit::PASSWORD.to_owned(),
            ip: Some("192.0.2.1:5000".to_owned()),
            session_id: None,
            client_version: None,
        };
        let granted = stage.sim.sftp_auth(&auth).await;
        if dialect.is_go() {
            upload.expect_error(403, "files_hidden");
            assert!(granted.is_err(), "{dialect:?}");
        } else {
            let url = upload.ok()["url"].as_str().unwrap().to_owned();
            assert!(url.contains("/upload/file?token="), "{url}");
            assert_eq!(granted.unwrap().ignored_files, ["*.key"]);
        }
    }
}

fn flavour(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Pterodactyl => "pterodactyl",
        Dialect::Pelican => "pelican",
        Dialect::Calagopus | Dialect::CalagopusNext => "calagopus",
    }
}

/// an object of another server in the path or the body.
#[tokio::test]
async fn a_05_files_of_another_server_are_out_of_reach() {
    let stage = stage_of(Dialect::CalagopusNext).await;
    let other = factory::user(&stage.app, "other").await;
    let node = stage.sim.node();
    let theirs = factory::server_on(&stage.app, other.id, node, stage.sim.allocations()[1]).await;
    stage.sim.restart().await.unwrap();
    let copy = |server: String| {
        json!({
            "files": [{ "from": "config/open.yml", "to": "a.yml" }], "destination": "/",
            "destination_server": server, "foreground": true,
        })
    };
    stage
        .post("copy-remote", copy(theirs.id.to_string()))
        .await
        .expect_error(404, "server_not_found");
    // Seeing it is not enough.
    factory::subuser(
        &stage.app,
        theirs.id,
        stage.owner.user_id(),
        &["files.read"],
    )
    .await;
    stage
        .post("copy-remote", copy(theirs.id.to_string()))
        .await
        .expect_error(403, "permission_denied");
    assert_eq!(stage.sim.file(theirs.id.uuid(), "/a.yml"), None);
    let them = stage.app.sign_in(&other).await;
    let path = format!(
        "/api/client/servers/{}/files/contents?file=/config/open.yml",
        stage.server.id
    );
    them.get(&path).await.expect_error(404, "server_not_found");
}

#[tokio::test]
async fn patterns_are_checked_when_they_are_written() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["files.read"],
    )
    .await;
    let path = stage.path(&format!("/subusers/{}", friend.user_id()));
    let refused = stage
        .owner
        .patch(&path, json!({ "ignored_files": ["a[z-a]"] }))
        .await;
    refused
        .expect_error(400, "invalid_input")
        .expect_fields(&["ignored_files"]);
}
