//! How schedules are made and who may, and what daemons that run schedules read and say of them.

use panel_domain::id::ScheduleId;
use panel_testkit::factory;
use serde_json::{Value, json};

use super::{Stage, always, command, cron};

/// Row A-24: whoever may edit schedules cannot have them do what they may not do themselves, and a step is done with what its
/// author may do at that time.
#[tokio::test]
async fn a_24_steps_need_the_rights_of_their_author() {
    let stage = Stage::set().await;
    let helper = factory::user(&stage.app, "helper").await;
    let rights = [
        "schedules.update",
        "schedules.create",
        "control.console",
        "backups.restore",
        "startup.update",
    ];
    factory::subuser(&stage.app, stage.server.id, helper.id, &rights).await;
    let client = stage.app.sign_in(&helper).await;
    let id = stage
        .schedule("Shared", cron("0 4 * * *"), always(), &[])
        .await;
    let steps = stage.path(&format!("/{id}/steps"));
    let power = json!({ "type": "send_power", "ignore_failure": false, "action": "kill" });
    client
        .post(&steps, json!({ "action": power, "order": 0 }))
        .await
        .expect_error(403, "permission_denied");
    let import = json!({
        "name": "Smuggled", "enabled": true, "triggers": [], "condition": { "type": "none" },
        "steps": [{ "action": power, "order": 0 }],
    });
    client
        .post(&stage.path("/import"), import)
        .await
        .expect_error(403, "permission_denied");
    let startup = json!({
        "type": "restore_backup", "ignore_failure": false, "truncate_directory": false, "restore_startup": true,
        "backup": { "mode": "latest" },
    });
    client
        .post(&steps, json!({ "action": startup, "order": 0 }))
        .await
        .expect_error(403, "permission_denied");
    client
        .post(
            &steps,
            json!({ "action": command("op helper"), "order": 0 }),
        )
        .await
        .ok();

    let path = format!(
        "/api/client/servers/{}/subusers/{}",
        stage.server.id, helper.id
    );
    stage
        .owner
        .patch(&path, json!({ "permissions": ["schedules.update"] }))
        .await
        .ok();
    stage.at("2026-05-01T04:00:00Z").await;
    assert_eq!(stage.commands(), [""; 0]);
    let listed = stage.owner.get(&steps).await.ok();
    let error = listed["schedule_steps"][0]["error"].as_str().unwrap();
    assert!(error.starts_with("helper wrote this step"), "{error}");
}

/// Row R-22: exactly as many as the limit says, however many are made at once.
#[tokio::test]
async fn r_22_as_many_schedules_as_the_server_may_have() {
    let stage = Stage::set().await;
    let mut attempts = tokio::task::JoinSet::new();
    for i in 0..12 {
        let (owner, path) = (stage.app.sign_in(&stage.account).await, stage.path(""));
        let body = json!({ "name": format!("S{i}"), "enabled": false, "triggers": [], "condition": { "type": "none" } });
        attempts.spawn(async move { owner.post(&path, body).await.status });
    }
    let statuses = attempts.join_all().await;
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        5,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        7,
        "{statuses:?}"
    );
    let listed = stage.owner.get(&stage.path("")).await.ok();
    assert_eq!(listed["schedules"]["total"], 5);
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_when_it_is_written() {
    let stage = Stage::set().await;
    let body = |trigger: Value| json!({ "name": "S", "enabled": true, "triggers": [trigger], "condition": { "type": "none" } });
    for (trigger, field) in [
        (cron("0 0 31 2 *"), "triggers.0.schedule"),
        (cron("every day"), "triggers.0.schedule"),
        (cron("*/10 * * * * *"), "triggers.0"),
        (json!({ "type": "crash" }), "triggers.0"),
    ] {
        let answer = stage.owner.post(&stage.path(""), body(trigger)).await;
        answer.expect_fields(&[field]);
    }
    let id = stage.schedule("S", cron("0 4 * * *"), always(), &[]).await;
    let steps = stage.path(&format!("/{id}/steps"));
    let backup = json!({
        "type": "restore_backup", "ignore_failure": false, "truncate_directory": false, "backup": { "mode": "latest" },
    });
    let answer = stage
        .owner
        .post(&steps, json!({ "action": backup, "order": 0 }))
        .await;
    assert!(
        answer.text().contains("putting a backup back"),
        "{}",
        answer.describe()
    );
    answer.expect_fields(&["action"]);
    let taken = stage
        .owner
        .post(&stage.path(""), body(cron("0 4 * * *")))
        .await;
    taken.expect_status(409).expect_fields(&["name"]);
}

/// Row A-05: a schedule of another server is not found, and nothing happens to it.
#[tokio::test]
async fn a_05_schedules_of_other_servers_are_not_found() {
    let stage = Stage::set().await;
    let stranger = factory::user(&stage.app, "stranger").await;
    let other = factory::server(&stage.app, stranger.id).await;
    let foreign = factory::schedule(
        &stage.app,
        other.id,
        stranger.id,
        "0 4 * * *",
        &[command("x")],
    )
    .await;
    let own: ScheduleId = stage
        .schedule("Own", cron("0 4 * * *"), always(), &[])
        .await
        .parse()
        .unwrap();
    for (method, below, body) in [
        ("GET", String::new(), json!({})),
        ("PATCH", String::new(), json!({ "name": "Taken over" })),
        ("DELETE", String::new(), json!({})),
        ("GET", "/steps".to_owned(), json!({})),
        ("GET", "/export".to_owned(), json!({})),
        ("POST", "/trigger".to_owned(), json!({})),
        ("POST", "/abort".to_owned(), json!({})),
        ("POST", "/duplicate".to_owned(), json!({ "name": "Copy" })),
        ("DELETE", format!("/steps/{}", foreign.steps[0]), json!({})),
    ] {
        let path = stage.path(&format!("/{}{below}", foreign.id));
        let request = stage.owner.request(method.parse().unwrap(), &path);
        request.json(body).send().await.expect_status(404);
    }
    let path = stage.path(&format!("/{own}/steps/{}", foreign.steps[0]));
    stage.owner.delete(&path).await.expect_status(404);
    let client = stage.app.sign_in(&stranger).await;
    let path = format!("/api/client/servers/{}/schedules/{}", other.id, foreign.id);
    assert_eq!(
        client.get(&path).await.ok()["schedule"]["last_run"],
        Value::Null
    );
}

#[tokio::test]
async fn documents_carry_schedules_to_other_servers() {
    let stage = Stage::set().await;
    let id = stage
        .schedule(
            "Original",
            cron("0 4 * * *"),
            always(),
            &[command("a"), command("b")],
        )
        .await;
    let document = stage
        .owner
        .get(&stage.path(&format!("/{id}/export")))
        .await
        .ok();
    assert_eq!(document["steps"][1]["action"]["command"], "b");
    let mut changed = document.clone();
    changed["name"] = json!("Imported");
    let imported = stage
        .owner
        .post(&stage.path("/import"), changed.clone())
        .await
        .ok();
    let copy = imported["schedule"]["uuid"].as_str().unwrap();
    let back = stage
        .owner
        .get(&stage.path(&format!("/{copy}/export")))
        .await
        .ok();
    assert_eq!(back, changed);
}

#[tokio::test]
async fn daemons_that_run_schedules_read_them_with_the_server() {
    let stage = Stage::of_flavour("calagopus").await;
    let id = stage
        .schedule(
            "Nightly",
            cron("0 0 4 * * *"),
            always(),
            &[command("save-all")],
        )
        .await;
    let disabled = stage
        .schedule("Off", cron("0 4 * * *"), always(), &[])
        .await;
    let off = json!({ "enabled": false });
    stage
        .owner
        .patch(&stage.path(&format!("/{disabled}")), off)
        .await
        .ok();
    let listed = stage
        .owner
        .get(&stage.path(&format!("/{id}/steps")))
        .await
        .ok();
    let node = stage.app.node_client(stage.sim.node());
    let path = format!("/api/remote/servers/{}", stage.server.id);
    let document = node.get(&path).await.ok();
    assert_eq!(
        document["settings"]["schedules"],
        json!([{
            "uuid": id,
            "triggers": [{ "type": "cron", "schedule": "0 0 4 * * *" }],
            "condition": { "type": "none" },
            "actions": [{
                "type": "send_command", "ignore_failure": false, "command": "save-all",
                "uuid": listed["schedule_steps"][0]["uuid"],
            }],
        }])
    );
    stage.at("2026-05-01T04:00:00Z").await;
    assert_eq!(stage.commands(), [""; 0], "the panel leaves it to the node");

    // Another daemon on the machine: from then on the panel runs it.
    factory::set_flavour(&stage.app, stage.sim.node(), "pelican").await;
    assert_eq!(
        node.get(&path).await.ok()["settings"]["schedules"],
        json!([])
    );
    stage.at("2026-05-02T04:00:00Z").await;
    assert_eq!(stage.commands(), ["save-all"]);
}

/// Row N-14: what a node says of schedules is shown, and decides nothing.
#[tokio::test]
async fn n_14_a_node_reports_runs_of_its_own_servers() {
    let stage = Stage::of_flavour("calagopus").await;
    let id = stage
        .schedule(
            "Nightly",
            cron("0 4 * * *"),
            always(),
            &[command("save-all")],
        )
        .await;
    let steps = stage
        .owner
        .get(&stage.path(&format!("/{id}/steps")))
        .await
        .ok();
    let step = steps["schedule_steps"][0]["uuid"].as_str().unwrap();
    let report = json!({ "data": [
        { "uuid": id, "successful": false, "errors": { step: "server is offline" }, "timestamp": "2099-01-01T00:00:00Z" },
        { "uuid": uuid::Uuid::nil(), "successful": true, "errors": {}, "timestamp": "2026-01-01T00:00:00Z" },
    ] });
    let other = factory::node(&stage.app).await;
    stage
        .app
        .node_client(&other)
        .post("/api/remote/schedule", &report)
        .await
        .ok();
    assert_eq!(
        stage.shown(&id).await["last_run"],
        Value::Null,
        "another node's word does not count"
    );

    let node = stage.app.node_client(stage.sim.node());
    node.post("/api/remote/schedule", &report).await.ok();
    let shown = stage.shown(&id).await;
    assert!(
        shown["last_run"].as_str().unwrap() < "2026-05-02",
        "{shown}"
    );
    assert_eq!(shown["last_failure"], shown["last_run"]);
    assert_eq!(shown["next_run"], "2026-05-01T04:00:00Z");
    let steps = stage
        .owner
        .get(&stage.path(&format!("/{id}/steps")))
        .await
        .ok();
    assert_eq!(steps["schedule_steps"][0]["error"], "server is offline");
}

/// A schedule works with the rights of the daemon, which does not know what is hidden from whoever wrote it.
#[tokio::test]
async fn files_are_for_those_who_see_all_of_them() {
    let stage = Stage::set().await;
    let friend = factory::user(&stage.app, "friend").await;
    let subusers = format!("/api/client/servers/{}/subusers", stage.server.id);
    let share = json!({
        "email": friend.email, "ignored_files": ["secret.txt"],
        "permissions": ["schedules.read", "schedules.create", "schedules.update", "files.update"],
    });
    stage.owner.post(&subusers, share).await.ok();
    let browser = stage.app.sign_in(&friend).await;
    let id = stage.schedule("S", cron("0 4 * * *"), always(), &[]).await;
    let steps = stage.path(&format!("/{id}/steps"));
    let secret = json!({ "type": "file_exists", "file": "secret.txt" });
    let write = json!({
        "type": "write_file", "ignore_failure": false, "append": false, "file": "/secret.txt", "content": "x",
    });
    for action in [&write, &json!({ "type": "ensure", "condition": secret })] {
        let answer = browser
            .post(&steps, json!({ "action": action, "order": 0 }))
            .await;
        answer.expect_error(403, "files_hidden");
    }
    let schedule = json!({ "name": "F", "enabled": true, "triggers": [], "condition": secret });
    let answer = browser.post(&stage.path(""), schedule).await;
    answer.expect_error(403, "files_hidden");
    let answer = browser
        .patch(
            &stage.path(&format!("/{id}")),
            json!({ "condition": secret }),
        )
        .await;
    answer.expect_error(403, "files_hidden");

    // A step that was written before they were hidden.
    let share = format!("{subusers}/{}", friend.id);
    let hide = async |files: Value| {
        let body = json!({ "ignored_files": files });
        stage.owner.patch(&share, body).await.ok();
    };
    hide(json!([])).await;
    browser
        .post(&steps, json!({ "action": write, "order": 0 }))
        .await
        .ok();
    hide(json!(["secret.txt"])).await;
    stage.at("2026-05-01T04:00:00Z").await;
    let status = stage.status(&id).await;
    assert!(status.to_string().contains("hidden"), "{status}");
}
