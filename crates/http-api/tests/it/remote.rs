//! What daemons ask and report when they are honest, and when what they say cannot be read.

use panel_testkit::factory::{self, Node, PASSWORD, Server, User};
use panel_testkit::{Answer, Client, TestApp};
use serde_json::{Value, json};

const NIGHTLY: &str = "0 4 * * *";
const COMMAND: &str = r#"{"type":"send_command","ignore_failure":false,"command":"save-all"}"#;

/// A node with a server, and who owns that.
struct Scene {
    app: TestApp,
    node: Node,
    daemon: Client,
    server: Server,
    owner: User,
}

impl Scene {
    async fn set() -> Self {
        let app = TestApp::start().await;
        let node = factory::node(&app).await;
        let address = factory::allocations(&app, node.id, 25_565..=25_565).await[0];
        let owner = factory::user(&app, "owner").await;
        let server = factory::server_on(&app, owner.id, &node, address).await;
        let daemon = app.node_client(&node);
        Self {
            app,
            node,
            daemon,
            server,
            owner,
        }
    }

    fn of_server(&self, rest: &str) -> String {
        format!("/api/client/servers/{}{rest}", self.server.id)
    }

    async fn sftp(&self, method: &str, name: &str, password: &str, ip: &str) -> Answer {
        let body = json!({
            "type": method, "password": password, "ip": format!("{ip}:4711"), "session_id": "", "client_version": "",
            "username": format!("{name}.{}", self.server.id.short()),
        });
        self.daemon.post("/api/remote/sftp/auth", body).await
    }
}

/// The Go daemons keep what is refused and send it again with all that follows, for ever. Whoever writes a NUL into a console would
/// end the log of all servers of the node.
#[tokio::test]
async fn a_batch_of_activity_is_taken_whatever_its_rows_are() {
    let scene = Scene::set().await;
    let row = |metadata: Value, timestamp: &str| {
        json!({
            "user": scene.owner.id, "server": scene.server.id, "event": "server:console.command",
            "metadata": metadata, "ip": "192.0.2.1", "timestamp": timestamp,
        })
    };
    let now = scene.app.now().to_rfc3339();
    let batch = json!({ "data": [
        row(json!({ "command": "one" }), &now),
        { "server": "not an id", "event": "server:crashed", "timestamp": &now },
        "not even a row",
        row(json!({ "command": "t\u{0}wo", "k\u{0}ey": ["\u{0}"] }), &now),
        row(json!({ "command": "three" }), "0000-01-01T00:00:00Z"),
        row(json!({ "command": "four" }), "yesterday"),
        row(json!({ "command": "five" }), "9999-01-01T00:00:00Z"),
    ] });
    for _ in 0..2 {
        let answer = scene.daemon.post("/api/remote/activity", &batch).await;
        answer.expect_status(200);
    }
    for nothing in [json!({ "data": null }), json!({ "data": [] }), json!({})] {
        let answer = scene.daemon.post("/api/remote/activity", nothing).await;
        answer.expect_status(200);
    }
    let owner = scene.app.sign_in(&scene.owner).await;
    let log = owner.get(&scene.of_server("/activity")).await.ok();
    let shown: Vec<(&str, &str)> = log["activities"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let created = entry["created"].as_str().unwrap();
            (entry["data"]["command"].as_str().unwrap(), &created[..4])
        })
        .collect();
    let this_year = &now[..4];
    for entry in [
        ("one", this_year),
        ("t\u{fffd}wo", this_year),
        ("three", "1970"),
        ("five", this_year),
    ] {
        assert!(shown.contains(&entry), "{entry:?}: {shown:?}");
    }
    assert_eq!(shown.len(), 4, "{shown:?}");
}

#[tokio::test]
async fn a_report_of_schedules_is_taken_as_far_as_it_can_be_read() {
    let scene = Scene::set().await;
    let step = serde_json::from_str(COMMAND).unwrap();
    let (server, owner) = (scene.server.id, scene.owner.id);
    let schedule = factory::schedule(&scene.app, server, owner, NIGHTLY, &[step]).await;
    let owner = scene.app.sign_in(&scene.owner).await;
    let path = scene.of_server(&format!("/schedules/{}", schedule.id));
    let steps = owner.get(&format!("{path}/steps")).await.ok();
    let step = steps["schedule_steps"][0]["uuid"].as_str().unwrap();
    let report = json!({ "data": [
        { "uuid": "none", "successful": true, "errors": {}, "timestamp": "2026-01-01T00:00:00Z" },
        { "uuid": schedule.id, "successful": false, "errors": { step: "no\u{0}thing" }, "timestamp": "2026-01-02T03:04:05Z" },
    ] });
    let answer = scene.daemon.post("/api/remote/schedule", report).await;
    answer.expect_status(200);
    let shown = owner.get(&path).await.ok();
    assert_eq!(shown["schedule"]["last_failure"], "2026-01-02T03:04:05Z");
    let steps = owner.get(&format!("{path}/steps")).await.ok();
    assert_eq!(steps["schedule_steps"][0]["error"], "no\u{fffd}thing");
}

/// It refuses the whole list over one word it does not know, and does not start.
#[tokio::test]
async fn an_old_daemon_is_not_told_of_parsers_it_does_not_know() {
    let scene = Scene::set().await;
    let admin = scene.app.admin().await;
    let egg = &scene.server.egg;
    let files = json!([
        { "file": "a.toml", "parser": "toml", "replace": [] },
        { "file": "a.yml", "parser": "yaml", "replace": [] },
    ]);
    let path = format!("/api/admin/nests/{}/eggs/{}", egg.nest, egg.id);
    admin
        .patch(&path, json!({ "config_files": files }))
        .await
        .ok();
    let one = format!("/api/remote/servers/{}", scene.server.id);
    for (flavour, version, expected) in [
        (None, None, ["yaml"].as_slice()),
        (Some("calagopus"), Some("0.22.12:eb45cb7"), &["yaml"]),
        (Some("calagopus"), Some("1.2.0"), &["toml", "yaml"]),
        (Some("pelican"), Some("1.0.0"), &["toml", "yaml"]),
    ] {
        let database = scene.app.database().connect().await;
        let quoted =
            |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let set = format!(
            "UPDATE nodes SET flavour = {}, version = {} WHERE id = '{}'",
            quoted(flavour),
            quoted(version),
            scene.node.id
        );
        database.batch_execute(&set).await.unwrap();
        let list = scene.daemon.get("/api/remote/servers?page=0").await.ok();
        for document in [&scene.daemon.get(&one).await.ok(), &list["data"][0]] {
            let configs = document["process_configuration"]["configs"].as_array();
            let parsers: Vec<&str> = configs
                .unwrap()
                .iter()
                .map(|config| config["parser"].as_str().unwrap())
                .collect();
            assert_eq!(parsers, expected, "{flavour:?} {version:?}");
        }
    }
}

/// A server keeps the values it gave an egg that it has left, and the variables of its new egg may have the same names.
#[tokio::test]
async fn a_server_has_the_values_of_its_own_egg() {
    let scene = Scene::set().await;
    let address = factory::allocations(&scene.app, scene.node.id, 25_566..=25_566).await[0];
    let other = factory::server_on(&scene.app, scene.owner.id, &scene.node, address).await;
    let (name, of_former) = &scene.server.egg.variables[0];
    let (_, own) = other
        .egg
        .variables
        .iter()
        .find(|(own, _)| own == name)
        .unwrap();
    let database = scene.app.database().connect().await;
    for (variable, value) in [(own, "of its egg"), (of_former, "of another")] {
        let set = format!(
            "INSERT INTO server_variables (server_id, variable_id, value, created_at, updated_at) \
             VALUES ('{}', '{variable}', '{value}', now(), now())",
            other.id
        );
        database.batch_execute(&set).await.unwrap();
    }
    let list = scene.daemon.get("/api/remote/servers?page=0").await.ok();
    let documents = list["data"].as_array().unwrap();
    assert_eq!(documents.len(), 2);
    for document in documents {
        let shown = &document["settings"]["environment"][name];
        let is_other = document["uuid"] == json!(other.id);
        assert_eq!(shown == "of its egg", is_other, "{shown}");
        assert_ne!(shown, "of another");
    }
}

/// Page 0 is the first one and says that it is page 1; the body of a reset is `null`, empty or absent.
#[tokio::test]
async fn a_daemon_starts() {
    let scene = Scene::set().await;
    for page in ["page=0&per_page=50", "page=1", "per_page=50"] {
        let list = format!("/api/remote/servers?{page}");
        let list = scene.daemon.get(&list).await.ok();
        assert_eq!(list["data"][0]["uuid"], json!(scene.server.id));
        assert_eq!(list["meta"]["current_page"], 1);
        assert_eq!(list["meta"]["last_page"], 1);
        assert_eq!(list["meta"]["total"], 1);
    }
    let reset = "/api/remote/servers/reset";
    let bodies: [&[u8]; 3] = [b"null", b"{}", b""];
    for body in bodies {
        let request = scene.daemon.request(panel_testkit::Method::POST, reset);
        let answer = request.body(body, "application/json").send().await;
        answer.expect_status(200);
    }
    let request = scene.daemon.request(panel_testkit::Method::POST, reset);
    request.send().await.expect_status(200);
}

#[tokio::test]
async fn a_password_opens_the_files_unless_sign_ins_rest() {
    let scene = Scene::set().await;
    let name = scene.owner.username.clone();
    let open = async || scene.sftp("password", &name, PASSWORD, "192.0.2.1").await;
    let grant = open().await.ok();
    assert_eq!(grant["user"], json!(scene.owner.id));
    assert_eq!(grant["server"], json!(scene.server.id));
    let permissions = grant["permissions"].as_array().unwrap();
    assert!(
        permissions.contains(&json!("files.sftp")),
        "{permissions:?}"
    );
    let wrong = scene.sftp("password", &name, "wrong", "192.0.2.1").await;
    wrong.expect_status(403);
    let key = scene.sftp("public_key", &name, "ssh-ed25519 AAAA", "192.0.2.1");
    key.await.expect_status(403);

    let guesser = scene.app.anonymous();
    for _ in 0..10 {
        let guess = json!({ "user": name, "password": "guess" });
        guesser
            .post("/api/auth/login", guess)
            .await
            .expect_status(400);
    }
    open().await.expect_status(403);
    scene.app.clock().advance(chrono::TimeDelta::minutes(6));
    open().await.expect_status(200);
}

/// The address is what the node says, and a node may say another one for each guess.
#[tokio::test]
async fn a_node_cannot_guess_passwords_from_many_addresses() {
    let scene = Scene::set().await;
    let mut answers = Vec::new();
    for number in 0..70 {
        let ip = format!("198.51.{number}.1");
        let answer = scene.sftp("password", &scene.owner.username, "wrong", &ip);
        answers.push(answer.await.status);
    }
    assert!(
        answers[..60].iter().all(|status| *status == 403),
        "{answers:?}"
    );
    assert_eq!(answers.last(), Some(&429));
}
