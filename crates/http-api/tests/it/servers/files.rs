//! Files of servers, on every daemon.

mod hidden;
pub(super) mod links;
mod refusals;
mod versions;

use panel_testkit::{Answer, Client, FileServer, Method, factory};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::{Stage, names};

const ALL: [Dialect; 4] = [
    Dialect::Pterodactyl,
    Dialect::Pelican,
    Dialect::Calagopus,
    Dialect::CalagopusNext,
];

impl Stage {
    /// The content of a file, as the node has it.
    pub(super) fn on_node(&self, file: &str) -> Option<String> {
        let content = self.sim.file(self.server.id.uuid(), file)?;
        Some(String::from_utf8(content).unwrap())
    }

    async fn write_as(&self, client: &Client, file: &str, content: &str) -> Answer {
        let path = self.path(&format!("/files/write?file={file}"));
        let request = client.request(Method::POST, &path);
        request.body(content, "text/plain").send().await
    }

    /// Writes a file as the owner.
    pub(super) async fn write(&self, file: &str, content: &str) {
        self.write_as(&self.owner, file, content).await.ok();
    }

    async fn read_as(&self, client: &Client, file: &str) -> Answer {
        let path = self.path(&format!("/files/contents?file={file}"));
        client.get(&path).await
    }

    /// Names in a directory, as somebody sees them.
    async fn listed_by(&self, client: &Client, directory: &str) -> Vec<String> {
        let path = self.path(&format!("/files/list?directory={directory}"));
        names(&client.get(&path).await.ok()["entries"]["data"], "name")
    }

    async fn post(&self, operation: &str, body: Value) -> Answer {
        let path = self.path(&format!("/files/{operation}"));
        self.owner.post(&path, body).await
    }

    /// Somebody with these permissions, from whom these files are hidden.
    async fn friend(&self, permissions: &[&str], hidden: &[&str]) -> Client {
        let friend = self.app.user("friend").await;
        let (server, user) = (self.server.id, friend.user_id());
        factory::subuser(&self.app, server, user, permissions).await;
        let change = json!({ "ignored_files": hidden });
        let path = self.path(&format!("/subusers/{user}"));
        self.owner.patch(&path, change).await.ok();
        friend
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        let ledger = self.sim.ledger().into_iter();
        ledger
            .map(|entry| entry.effect)
            .filter(|effect| *effect != Effect::Synced)
            .collect()
    }
}

#[tokio::test]
async fn what_every_daemon_can_do_with_files() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("/plugins/a.yml", "motd: hello\n").await;
        stage.write("server.properties", "port=1\n").await;
        let read = stage.read_as(&stage.owner, "plugins//./a.yml").await;
        assert_eq!(read.text(), "motd: hello\n", "{dialect:?}");
        assert_eq!(
            read.header("content-type"),
            Some("text/plain; charset=utf-8")
        );

        let list = stage.owner.get(&stage.path("/files/list")).await.ok();
        let entries = &list["entries"]["data"];
        assert_eq!(names(entries, "name"), ["plugins", "server.properties"]);
        assert_eq!(list["entries"]["total"], 2);
        assert_eq!(
            (&entries[0]["directory"], &entries[1]["size"]),
            (&json!(true), &json!(7))
        );
        assert_eq!(entries[1]["editable"], true, "{dialect:?}");

        let moved = json!({ "root": "/", "files": [{ "from": "plugins", "to": "mods/new" }] });
        let moved = stage.owner.put(&stage.path("/files/rename"), moved).await;
        assert_eq!(moved.ok()["renamed"], 1);
        assert_eq!(
            stage.on_node("mods/new/a.yml").as_deref(),
            Some("motd: hello\n")
        );

        let directory = json!({ "root": "/mods", "name": "old" });
        stage.post("create-directory", directory).await.ok();
        assert_eq!(stage.listed_by(&stage.owner, "/mods").await, ["new", "old"]);

        let copy = json!({ "path": "/mods/new/a.yml", "foreground": true });
        let copy = stage.post("copy", copy).await.ok();
        assert_eq!(copy["entry"]["name"], "a copy.yml", "{dialect:?}");
        assert_eq!(
            stage.on_node("mods/new/a copy.yml").as_deref(),
            Some("motd: hello\n")
        );

        let modes =
            json!({ "root": "/", "files": [{ "file": "server.properties", "mode": "0600" }] });
        let modes = stage.owner.put(&stage.path("/files/chmod"), modes).await;
        assert_eq!(modes.ok()["updated"], 1);
        let list = stage
            .owner
            .get(&stage.path("/files/list?sort=name_desc"))
            .await
            .ok();
        let mut entries = list["entries"]["data"].as_array().unwrap().iter();
        let changed = entries.find(|entry| entry["name"] == "server.properties");
        assert_eq!(changed.unwrap()["mode_bits"], "600");

        let pack =
            json!({ "root": "/", "files": ["mods"], "format": "tar_gz", "foreground": true });
        let packed = stage.post("compress", pack).await.ok();
        let archive = packed["entry"]["name"].as_str().unwrap();
        let gone = stage
            .post("delete", json!({ "root": "/", "files": ["mods"] }))
            .await;
        assert_eq!(gone.ok()["deleted"], 1);
        assert_eq!(stage.on_node("mods/new/a.yml"), None);
        let unpack = json!({ "root": "/", "file": archive, "foreground": true });
        stage.post("decompress", unpack).await.ok();
        assert_eq!(
            stage.on_node("mods/new/a.yml").as_deref(),
            Some("motd: hello\n")
        );

        let mut log = stage.log().await;
        log.reverse();
        assert_eq!(
            log,
            [
                "server:file.write",
                "server:file.write",
                "server:file.rename",
                "server:file.create-directory",
                "server:file.copy",
                "server:file.chmod",
                "server:file.compress",
                "server:file.delete",
                "server:file.decompress",
            ],
            "{dialect:?}"
        );
    }
}

#[tokio::test]
async fn what_a_daemon_lacks_is_said() {
    let searching = json!({
        "path_filter": { "include": ["**/*hello*"], "exclude": [], "case_insensitive": true },
    });
    let in_content = json!({
        "content_filter": {
            "query": "x", "max_search_size": 1024, "include_unmatched": false, "case_insensitive": true,
        },
    });
    let link = json!({ "link": "b", "target": "a.txt" });
    let many = json!({ "files": [{ "from": "a.txt", "to": "b.txt" }] });
    let replace = json!({ "path": "/a.txt", "destination": "c.txt", "overwrite": true });
    let format = json!({ "files": ["a.txt"], "format": "tar_lz4" });
    let query = json!({ "file": "/a.db", "query": "SELECT 1" });
    let asked = [
        ("search", &searching, [false, true, true, true]),
        ("search", &in_content, [false, false, true, true]),
        ("compress", &format, [false, false, true, true]),
        ("create-symlink", &link, [false, false, false, true]),
        ("copy-many", &many, [false, false, false, true]),
        ("copy", &replace, [false, false, false, true]),
        ("sqlite-query", &query, [false, false, false, true]),
    ];
    for (number, dialect) in ALL.into_iter().enumerate() {
        let stage = Stage::of(dialect).await;
        stage.write("/a.txt", "x").await;
        stage.write("/hello world.txt", "y").await;
        stage.write("/a.db", "SQLite format 3\0").await;
        for (operation, body, able) in &asked {
            let answer = stage.post(operation, (*body).clone()).await;
            if able[number] {
                assert!(answer.is_success(), "{dialect:?}: {}", answer.describe());
            } else {
                answer.expect_error(409, "node_lacks_capability");
            }
        }
        for (path, able) in [
            (
                "fingerprint?file=/a.txt&algorithm=md5",
                [false, false, true, true],
            ),
            ("revisions?file=/a.txt", [false, false, false, true]),
            (
                "largest-directories?directory=/",
                [false, false, false, true],
            ),
            ("operations", [true; 4]),
        ] {
            let answer = stage
                .owner
                .get(&stage.path(&format!("/files/{path}")))
                .await;
            if able[number] {
                assert!(answer.is_success(), "{dialect:?}: {}", answer.describe());
            } else {
                answer.expect_error(409, "node_lacks_capability");
            }
        }
    }
}

#[tokio::test]
async fn a_search_finds_names() {
    for dialect in [Dialect::Pelican, Dialect::Calagopus, Dialect::CalagopusNext] {
        let stage = Stage::of(dialect).await;
        stage.write("/worlds/nether/level.dat", "0123456789").await;
        stage.write("/level.txt", "x").await;
        let search = json!({
            "root": "/",
            "path_filter": { "include": ["**/*level*"], "exclude": [], "case_insensitive": true },
            "size_filter": { "min": 5, "max": 100 },
        });
        let found = stage.post("search", search).await.ok();
        let found = names(&found["entries"], "name");
        assert_eq!(found, ["worlds/nether/level.dat"], "{dialect:?}");
    }
}

#[tokio::test]
async fn work_goes_on_in_the_background_where_the_daemon_can() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("/a.txt", "x").await;
        let pack = json!({ "files": ["a.txt"], "format": "tar_gz" });
        let packed = stage.post("compress", pack).await;
        let background = !dialect.is_go();
        assert_eq!(
            packed.status,
            if background { 202 } else { 200 },
            "{dialect:?}"
        );
        let packed = packed.ok();
        assert_eq!(packed["identifier"].is_string(), background);
        assert_eq!(packed["entry"].is_object(), !background);
    }
}

#[tokio::test]
async fn nodes_fetch_files_from_the_network() {
    let elsewhere = FileServer::start(&[("/plugin.jar", "a plugin")]);
    for dialect in ALL {
        let panel = panel_testkit::TestApp::builder();
        let stage = Stage::with(panel, |options| {
            *options = options.clone().speaking(dialect);
            options.refuse_private_pulls = false;
        })
        .await;
        let url = elsewhere.url("/plugin.jar");
        let order = json!({ "root": "/plugins", "url": url, "foreground": true });
        stage.post("pull", order).await.ok();
        assert_eq!(
            stage.on_node("/plugins/plugin.jar").as_deref(),
            Some("a plugin")
        );

        let order = json!({ "root": "/plugins", "url": url, "name": "b.jar" });
        let started = stage.post("pull", order).await.expect_status(202);
        assert!(started.json["identifier"].is_string());
        panel_testkit::eventually("the file", async || {
            stage.on_node("/plugins/b.jar").is_some()
        })
        .await;
        let id = started.json["identifier"].as_str().unwrap();
        let path = stage.path(&format!("/files/operations/{id}"));
        stage.owner.delete(&path).await.ok();
    }
}

#[tokio::test]
async fn sorted_lists_are_the_same_on_every_daemon() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        for (file, size) in [("a", 3), ("b", 1), ("c", 2)] {
            stage.write(&format!("/d/{file}"), &"x".repeat(size)).await;
        }
        let mut pages = Vec::new();
        for page in 1..=2 {
            let query = format!("/files/list?directory=/d&sort=size_desc&per_page=2&page={page}");
            let list = stage.owner.get(&stage.path(&query)).await.ok();
            assert_eq!(list["entries"]["total"], 3, "{dialect:?}");
            pages.push(names(&list["entries"]["data"], "name"));
        }
        assert_eq!(pages, [vec!["a", "c"], vec!["b"]], "{dialect:?}");
    }
}

#[tokio::test]
async fn a_change_under_a_key_happens_once() {
    let stage = Stage::of(Dialect::Pelican).await;
    let send = async |content: &str| {
        let path = stage.path("/files/write?file=/a.txt");
        let request = stage.owner.request(Method::POST, &path);
        let request = request.header("idempotency-key", "the-first");
        request.body(content, "text/plain").send().await
    };
    send("one").await.ok();
    let again = send("one").await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    send("two")
        .await
        .expect_error(422, "idempotency_key_reused");
    assert_eq!(stage.effects(), [Effect::FileWritten]);
    assert_eq!(stage.log().await, ["server:file.write"]);

    stage
        .sim
        .fail_next_of("POST", "/files/delete", Fault::AfterEffectDrop);
    let delete = async || {
        let request = stage
            .owner
            .request(Method::POST, &stage.path("/files/delete"));
        let request = request.header("idempotency-key", "the-second");
        request.json(json!({ "files": ["a.txt"] })).send().await
    };
    delete().await.expect_error(503, "node_unreachable");
    delete()
        .await
        .expect_error(409, "idempotency_outcome_unknown");
    assert_eq!(stage.effects(), [Effect::FileWritten, Effect::FilesDeleted]);
}

/// A request names a long directory once; the log would name it with each file.
#[tokio::test]
async fn the_log_names_as_many_files_as_fit() {
    let stage = Stage::of(Dialect::Calagopus).await;
    let root = vec!["d".repeat(250); 16].join("/");
    let files: Vec<Value> = (0..1000)
        .map(|number| json!({ "from": format!("{number}"), "to": format!("{number}.old") }))
        .collect();
    let moves = json!({ "root": root, "files": files });
    let moved = stage
        .owner
        .put(&stage.path("/files/rename"), moves.clone())
        .await;
    assert_eq!(moved.ok()["renamed"], 0);
    let log = stage.owner.get(&stage.path("/activity")).await.ok();
    let told = &log["activities"]["data"][0]["data"];
    let length = told.to_string().len();
    assert!(length < 70_000, "{length} bytes");
    let named = told["files"].as_array().unwrap().len();
    let more = told["more_files"].as_u64().unwrap();
    assert!(named > 0);
    assert_eq!(named as u64 + more, 1000);
}

#[tokio::test]
async fn former_versions_say_who_wrote_them() {
    let stage = Stage::of(Dialect::CalagopusNext).await;
    stage.write("/a.txt", "before").await;
    stage.write("/a.txt", "after").await;
    let path = stage.path("/files/revisions?file=/a.txt");
    let revisions = stage.owner.get(&path).await.ok()["revisions"].take();
    assert_eq!(revisions[0]["user"]["username"], "owner");
    let id = &revisions[0]["id"];
    let path = stage.path(&format!("/files/revisions/{id}?file=/a.txt"));
    assert_eq!(stage.owner.get(&path).await.text(), "before");
}

#[tokio::test]
async fn a_long_content_is_passed_on_whole() {
    let stage = Stage::of(Dialect::Pterodactyl).await;
    let long = "0123456789abcdef".repeat(512 * 1024);
    stage.write("/long.txt", &long).await;
    assert_eq!(
        stage.on_node("/long.txt").map(|content| content.len()),
        Some(long.len())
    );
    let read = stage.read_as(&stage.owner, "/long.txt").await;
    assert!(read.text() == long, "what is read is what was written");
    stage.write("/longer.txt", &long.repeat(2)).await;
    stage
        .read_as(&stage.owner, "/longer.txt")
        .await
        .expect_error(409, "file_too_large");
}
