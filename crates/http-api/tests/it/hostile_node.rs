//! A node whose credential is in the wrong hands: with it one reads and changes what is on that node, and nothing else. Tests are
//! named after the rows of the reference on what a hostile node may try.

use std::collections::BTreeSet;

use panel_domain::id::{ScheduleId, ServerId};
use panel_testkit::factory::{self, Node, PASSWORD, Server, User};
use panel_testkit::{Client, Principal, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

/// A node that lies, with a server of its own, and a victim on another node.
struct Scene {
    app: TestApp,
    evil: Client,
    evil_node: Node,
    own: Server,
    victim: Server,
    owner: User,
    schedule: ScheduleId,
}

const NIGHTLY: &str = "0 4 * * *";
const STEP: &str =
    r#"{"type":"update_startup_command","ignore_failure":false,"command":{"variable":"x"}}"#;

impl Scene {
    async fn set() -> Self {
        let app = TestApp::start().await;
        let evil_node = factory::node(&app).await;
        let address = factory::allocations(&app, evil_node.id, 25_565..=25_565).await[0];
        let stranger = factory::user(&app, "stranger").await;
        let own = factory::server_on(&app, stranger.id, &evil_node, address).await;
        let owner = factory::user(&app, "victim").await;
        let victim = factory::server(&app, owner.id).await;
        let step = serde_json::from_str(STEP).unwrap();
        let schedule = factory::schedule(&app, victim.id, owner.id, NIGHTLY, &[step])
            .await
            .id;
        let evil = app.node_client(&evil_node);
        Self {
            app,
            evil,
            evil_node,
            own,
            victim,
            owner,
            schedule,
        }
    }

    /// Every row of every table that has nothing to do with the hostile node and its server.
    async fn others(&self) -> BTreeSet<String> {
        let database = self.app.database().connect().await;
        let own = [self.evil_node.id.to_string(), self.own.id.to_string()];
        let tables = database
            .query(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
                &[],
            )
            .await
            .unwrap();
        let mut rows = BTreeSet::new();
        for table in tables {
            let table: String = table.get(0);
            let text = format!("SELECT t::text FROM \"{table}\" t");
            for row in database.query(&text, &[]).await.unwrap() {
                let row: String = row.get(0);
                if !own.iter().any(|id| row.contains(id)) {
                    rows.insert(format!("{table}: {row}"));
                }
            }
        }
        rows
    }

    async fn tries(&self, path: &str, method: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/remote{path}");
        let answer = match method {
            "GET" => self.evil.get(&path).await,
            "PUT" => self.evil.put(&path, body).await,
            _ => self.evil.post(&path, body).await,
        };
        (answer.status, answer.json)
    }

    /// All that a node can ask about a server.
    fn attacks(&self, server: ServerId) -> Vec<(&'static str, String, Value)> {
        let at = |rest: &str| format!("/servers/{server}{rest}");
        let uuid = Uuid::new_v4();
        vec![
            ("GET", at(""), Value::Null),
            ("GET", at("/install"), Value::Null),
            (
                "POST",
                at("/install"),
                json!({"successful": true, "reinstall": false}),
            ),
            (
                "POST",
                at("/install"),
                json!({"successful": false, "reinstall": true}),
            ),
            (
                "POST",
                at("/container/status"),
                json!({"data": {"previous_state": "offline", "new_state": "running"}}),
            ),
            (
                "PUT",
                at("/startup/variables"),
                json!({"env_variable": "START_COMMAND", "value": "rm -rf /"}),
            ),
            (
                "PUT",
                at("/startup/command"),
                json!({"command": "rm -rf /"}),
            ),
            (
                "PUT",
                at("/startup/docker-image"),
                json!({"image": "evil/image", "schedule_uuid": uuid}),
            ),
            ("POST", at("/transfer/success"), json!({"backups": [uuid]})),
            ("POST", at("/transfer/failure"), Value::Null),
        ]
    }
}

#[tokio::test]
async fn n_00_a_hostile_node_changes_nothing_outside_itself() {
    let scene = Scene::set().await;
    let before = scene.others().await;
    assert!(before.len() > 10, "{before:?}");
    for (method, path, body) in scene.attacks(scene.victim.id) {
        let (status, answer) = scene.tries(&path, method, &body).await;
        assert_eq!(status, 404, "{method} {path}: {answer}");
    }
    for _ in 0..5 {
        assert_eq!(
            scene.tries("/servers/reset", "POST", &Value::Null).await.0,
            200
        );
    }
    let entry = |server: ServerId| {
        json!({
            "server": server, "user": scene.owner.id, "event": "server:power.kill",
            "metadata": {}, "ip": "192.0.2.1", "timestamp": "2020-01-01T00:00:00Z",
        })
    };
    let batch = json!({"data": [entry(scene.victim.id)]});
    assert_eq!(scene.tries("/activity", "POST", &batch).await.0, 200);
    let run = json!({"data": [{
        "uuid": scene.schedule, "successful": false, "errors": {},
        "timestamp": "2099-01-01T00:00:00Z",
    }]});
    assert_eq!(scene.tries("/schedule", "POST", &run).await.0, 200);
    let sign_in = json!({
        "type": "password", "password": PASSWORD, "ip": "192.0.2.1:4711",
        "username": format!("{}.{}", scene.owner.username, scene.victim.id.short()),
    });
    assert_eq!(scene.tries("/sftp/auth", "POST", &sign_in).await.0, 403);
    assert_eq!(scene.others().await, before);
}

#[tokio::test]
async fn n_01_a_wrong_secret_and_an_unknown_node_are_answered_alike() {
    let scene = Scene::set().await;
    let (id, _) = scene
        .evil_node
        .bearer()
        .split_once('.')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
        .unwrap();
    let mut answers = BTreeSet::new();
    for bearer in [
        format!("{id}.{}", "x".repeat(64)),
        format!("{}.{}", "y".repeat(16), "x".repeat(64)),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let client = scene.app.anonymous().with_bearer(&bearer, Principal::Node);
        let answer = client.get("/api/remote/servers?page=0&per_page=50").await;
        let mut body = answer.json;
        body.as_object_mut().unwrap().remove("request_id");
        answers.insert((answer.status, body.to_string()));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().unwrap().0, 401);
}

#[tokio::test]
async fn n_02_a_list_has_only_own_servers_and_a_bound() {
    let scene = Scene::set().await;
    for query in ["page=0&per_page=1000000000", "page=1&per_page=1"] {
        let (status, page) = scene
            .tries(&format!("/servers?{query}"), "GET", &Value::Null)
            .await;
        assert_eq!(status, 200);
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        assert_eq!(page["data"][0]["uuid"], json!(scene.own.id));
        assert_eq!(page["meta"]["total"], json!(1));
        assert!(page["meta"]["per_page"].as_u64().unwrap() <= 100);
        assert!(!page.to_string().contains(&scene.victim.id.to_string()));
    }
}

#[tokio::test]
async fn n_06_the_right_password_is_answered_like_a_wrong_one() {
    let scene = Scene::set().await;
    let mut answers = BTreeSet::new();
    for (user, password) in [
        (scene.owner.username.as_str(), PASSWORD),
        (scene.owner.username.as_str(), "wrong"),
        ("nobody-of-that-name", "wrong"),
    ] {
        let body = json!({
            "type": "password", "password": password, "ip": "192.0.2.7:1",
            "username": format!("{user}.{}", scene.victim.id.short()),
        });
        let (status, mut answer) = scene.tries("/sftp/auth", "POST", &body).await;
        answer.as_object_mut().unwrap().remove("request_id");
        answers.insert((status, answer.to_string()));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn n_07_a_report_that_nobody_waits_for_changes_nothing() {
    let scene = Scene::set().await;
    let admin = scene.app.admin().await;
    let path = format!("/api/admin/servers/{}", scene.own.id);
    let before = admin.get(&path).await.ok();
    let report = format!("/servers/{}/install", scene.own.id);
    for successful in [true, false] {
        let body = json!({"successful": successful, "reinstall": false});
        assert_eq!(scene.tries(&report, "POST", &body).await.0, 200);
    }
    assert_eq!(admin.get(&path).await.ok(), before);
}

#[tokio::test]
async fn n_10_the_destination_of_a_transfer_only_reads() {
    let scene = Scene::set().await;
    let database = scene.app.database().connect().await;
    let set = "UPDATE servers SET destination_node_id = $1 WHERE id = $2";
    let (node, server) = (scene.evil_node.id.to_string(), scene.victim.id.to_string());
    let set = set
        .replace("$1", &format!("'{node}'"))
        .replace("$2", &format!("'{server}'"));
    database.batch_execute(&set).await.unwrap();
    let rows = async || {
        let text = "SELECT t::text FROM servers t UNION ALL SELECT t::text FROM activities t \
                    UNION ALL SELECT t::text FROM server_variables t UNION ALL SELECT t::text FROM schedules t";
        let rows = database.query(text, &[]).await.unwrap();
        rows.iter()
            .map(|row| row.get::<_, String>(0))
            .collect::<BTreeSet<_>>()
    };
    let before = rows().await;
    for (method, path, body) in scene.attacks(scene.victim.id) {
        let (status, answer) = scene.tries(&path, method, &body).await;
        let wanted: &[u16] = match (method, path.rsplit('/').next().unwrap()) {
            // It reads what it is to take in.
            ("GET", _) => &[200],
            // Its own creation is reported like an installation, and is not one.
            ("POST", "install") => &[200],
            _ => &[200, 404],
        };
        assert!(
            wanted.contains(&status),
            "{method} {path}: {status} {answer}"
        );
    }
    let entry = json!({"data": [{
        "server": scene.victim.id, "user": null, "event": "server:power.kill",
        "metadata": {}, "ip": null, "timestamp": "2026-01-01T00:00:00Z",
    }]});
    assert_eq!(scene.tries("/activity", "POST", &entry).await.0, 200);
    let run = json!({"data": [{
        "uuid": scene.schedule, "successful": false, "errors": {},
        "timestamp": "2026-01-01T00:00:00Z",
    }]});
    assert_eq!(scene.tries("/schedule", "POST", &run).await.0, 200);
    assert_eq!(rows().await, before);
}

#[tokio::test]
async fn n_13_forged_entries_are_dated_and_named_within_reason() {
    let scene = Scene::set().await;
    let entry = |event: &str, timestamp: &str| {
        json!({
            "server": scene.own.id, "user": Uuid::new_v4(), "event": event,
            "metadata": {"x": "<script>"}, "ip": "192.0.2.1", "timestamp": timestamp,
        })
    };
    let batch = json!({"data": [
        entry("server:console.command", "2099-01-01T00:00:00Z"),
        entry("user:create", "2026-01-01T00:00:00Z"),
        entry("server:<b>", "2026-01-01T00:00:00Z"),
    ]});
    assert_eq!(scene.tries("/activity", "POST", &batch).await.0, 200);
    let database = scene.app.database().connect().await;
    let rows = database
        .query("SELECT event, user_id IS NULL, created_at <= now() + interval '1 minute' FROM activities WHERE event LIKE '%command%' OR event LIKE '%<%' OR event = 'user:create'", &[])
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    let (event, nobody): (String, bool) = (rows[0].get(0), rows[0].get(1));
    assert_eq!((event.as_str(), nobody), ("server:console.command", true));
}

#[tokio::test]
async fn n_14_reported_runs_are_for_show_and_not_in_the_future() {
    let scene = Scene::set().await;
    let step = serde_json::from_str(STEP).unwrap();
    let own = factory::schedule(&scene.app, scene.own.id, scene.owner.id, NIGHTLY, &[step]).await;
    let own = own.id;
    let now = scene.app.now();
    let database = scene.app.database().connect().await;
    let plan = async || {
        let row = database
            .query_one(
                "SELECT plan_at::text FROM schedules WHERE id::text = $1",
                &[&own.to_string()],
            )
            .await
            .unwrap();
        row.get::<_, Option<String>>(0)
    };
    let planned = plan().await;
    let run = json!({"data": [{
        "uuid": own, "successful": true, "errors": {}, "timestamp": "2099-01-01T00:00:00Z",
    }]});
    assert_eq!(scene.tries("/schedule", "POST", &run).await.0, 200);
    let rows = database
        .query(
            "SELECT extract(epoch FROM last_run_at)::bigint FROM schedules WHERE last_run_at IS NOT NULL",
            &[],
        )
        .await
        .unwrap();
    let ended: i64 = rows[0].get(0);
    assert_eq!(plan().await, planned);
    assert!((ended - now.timestamp()).abs() <= 60);
}

#[tokio::test]
async fn n_16_a_node_changes_a_startup_only_as_a_schedule_says() {
    let scene = Scene::set().await;
    let path = format!("/servers/{}/startup/command", scene.own.id);
    let offered = json!({"command": scene.own.egg.startup});
    let (status, answer) = scene.tries(&path, "PUT", &offered).await;
    assert_eq!(
        (status, &answer["errors"][0]["code"]),
        (403, &json!("no_such_step"))
    );

    // Somebody who may not do it has written it.
    let step: Value = serde_json::from_str(STEP).unwrap();
    factory::schedule(
        &scene.app,
        scene.own.id,
        scene.owner.id,
        NIGHTLY,
        std::slice::from_ref(&step),
    )
    .await;
    assert_eq!(scene.tries(&path, "PUT", &offered).await.0, 403);

    // One who may; what is offered is done, and nothing else.
    factory::schedule(&scene.app, scene.own.id, scene.own.owner, NIGHTLY, &[step]).await;
    assert_eq!(scene.tries(&path, "PUT", &offered).await.0, 200);
    let foreign = json!({"command": "rm -rf /"});
    let (status, _) = scene.tries(&path, "PUT", &foreign).await;
    assert!((400..500).contains(&status));
}
