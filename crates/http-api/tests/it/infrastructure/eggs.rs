//! Nests, eggs and their files.

use panel_domain::id::NestId;
use panel_testkit::{Client, TestApp, factory};
use serde_json::{Value, json};

fn file() -> Value {
    json!({
        "meta": { "version": "PTDL_v2", "update_url": null },
        "name": "Tiny", "author": "", "description": "A tiny game.",
        "features": ["eula"],
        "docker_images": { "Second": "img:2", "First": "img:1" },
        "file_denylist": ["secret.txt"],
        "startup": "./tiny --port {{SERVER_PORT}}",
        "config": {
            "files": r#"{"tiny.properties":{"parser":"properties","find":{"port":"{{server.build.default.port}}"}}}"#,
            "startup": r#"{"done":"ready"}"#, "logs": "{}", "stop": "quit",
        },
        "scripts": { "installation": { "script": "echo hi", "container": "debian", "entrypoint": "bash" } },
        "variables": [
            { "name": "World", "description": "", "env_variable": "WORLD", "default_value": "earth",
              "user_viewable": true, "user_editable": true, "rules": "required|string|max:20" },
            { "name": "Mode", "description": "", "env_variable": "MODE", "default_value": "easy",
              "user_viewable": true, "user_editable": false, "rules": "required|in:easy,hard" },
        ],
    })
}

async fn import(admin: &Client, nest: NestId) -> (String, Value) {
    let answer = admin
        .post(&format!("/api/admin/nests/{nest}/eggs/import"), file())
        .await
        .ok();
    let id = answer["egg"]["uuid"].as_str().unwrap_or_default();
    (format!("/api/admin/nests/{nest}/eggs/{id}"), answer)
}

#[tokio::test]
async fn a_file_of_another_panel_becomes_an_egg_and_a_file_again() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (path, imported) = import(&admin, nest).await;
    let egg = &imported["egg"];
    assert_eq!(egg["author"], "unknown");
    let notes = &imported["notes"];
    assert_eq!(notes[0]["path"], "/author");
    assert_eq!(notes[0]["kind"], "repaired");
    let images: Vec<_> = egg["docker_images"].as_object().unwrap().keys().collect();
    assert_eq!(images.len(), 2);
    assert_eq!(
        egg["config_stop"],
        json!({ "type": "command", "value": "quit" })
    );
    assert_eq!(egg["config_files"][0]["replace"][0]["match"], "port");
    assert_eq!(admin.get(&path).await.ok()["egg"], *egg);
    let variables = admin.get(&format!("{path}/variables")).await.ok();
    assert_eq!(variables["variables"][0]["env_variable"], "WORLD");
    assert_eq!(
        variables["variables"][1]["rules"],
        json!(["required", "in:easy,hard"])
    );

    let exported = admin
        .get(&format!("{path}/export?format=pterodactyl"))
        .await
        .ok();
    for key in [
        "name",
        "description",
        "features",
        "docker_images",
        "file_denylist",
        "startup",
    ] {
        assert_eq!(exported[key], file()[key], "{key}");
    }
    let native = admin.get(&format!("{path}/export")).await.ok();
    assert_eq!(native["scripts"]["installation"]["content"], "echo hi");

    let again = admin
        .post(&format!("/api/admin/nests/{nest}/eggs/import"), file())
        .await;
    again.expect_error(409, "taken").expect_fields(&["name"]);
}

#[tokio::test]
async fn order_of_choices_survives() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (path, _) = import(&admin, nest).await;
    let answer = admin.get(&path).await;
    let text = answer.text();
    assert!(
        text.find("img:2").unwrap() < text.find("img:1").unwrap(),
        "{text}"
    );
}

#[tokio::test]
async fn yaml_is_read_and_what_is_no_egg_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let path = format!("/api/admin/nests/{nest}/eggs/import");
    let post = async |body: &str, kind: &str| {
        admin
            .request(panel_testkit::Method::POST, &path)
            .body(body, kind)
            .send()
            .await
    };
    let yaml = "name: Yaml\nauthor: me@example.com\nstartup_commands:\n  Default: ./run\ndocker_images:\n  A: img:1\nvariables: []\n";
    let made = post(yaml, "application/yaml").await.ok();
    assert_eq!(
        made["egg"]["startup_commands"],
        json!({ "Default": "./run" })
    );
    for wrong in [
        "",
        "{",
        "[]",
        r#"{"name":"x"}"#,
        r#"{"meta":{"version":"PTDL_v9"},"name":"x","startup":"y"}"#,
    ] {
        post(wrong, "application/json")
            .await
            .expect_error(400, "invalid_input");
    }
    let nowhere = format!("/api/admin/nests/{}/eggs/import", NestId::new_v4());
    admin
        .post(&nowhere, file())
        .await
        .expect_error(404, "nest_not_found");
}

#[tokio::test]
async fn a_newer_file_keeps_what_servers_chose() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (path, _) = import(&admin, nest).await;
    let ids = |variables: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        variables["variables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|variable| (text(&variable["env_variable"]), text(&variable["uuid"])))
            .collect()
    };
    let before = ids(&admin.get(&format!("{path}/variables")).await.ok());
    let mut newer = file();
    newer["description"] = json!("A tiny game, newer.");
    newer["variables"][0]["default_value"] = json!("mars");
    newer["variables"][1]["env_variable"] = json!("LEVEL");
    admin
        .post(&format!("{path}/update/import"), newer)
        .await
        .ok();
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["egg"]["description"], "A tiny game, newer.");
    let variables = admin.get(&format!("{path}/variables")).await.ok();
    let after = ids(&variables);
    assert_eq!(
        after[0], before[0],
        "the variable keeps its id, by which servers hold values"
    );
    assert_eq!(variables["variables"][0]["default_value"], "mars");
    assert_eq!(after[1].0, "LEVEL");
    assert_ne!(after[1].1, before[1].1);
    assert_eq!(variables["variables"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_egg_is_made_changed_copied_moved_and_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (nest, other) = (factory::nest(&app).await, factory::nest(&app).await);
    let body = json!({
        "author": "me@example.com", "name": "Handmade", "description": null,
        "config_files": [{ "file": "a.yml", "parser": "yaml", "replace": [{ "match": "port", "replace_with": 5 }] }],
        "config_startup": { "done": ["ready"] }, "config_stop": { "type": "signal", "value": "SIGINT" },
        "config_script": { "container": "debian", "entrypoint": "bash", "content": "" },
        "startup_commands": { "Default": "./run" }, "docker_images": { "A": "img:1" },
        "force_outgoing_ip": false, "separate_port": false, "features": [], "file_denylist": [],
    });
    let list = format!("/api/admin/nests/{nest}/eggs");
    let made = admin.post(&list, &body).await.ok();
    let id = made["egg"]["uuid"].as_str().unwrap().to_owned();
    let path = format!("{list}/{id}");
    assert_eq!(made["egg"]["config_files"][0]["create_new"], true);

    let mut wrong = body.clone();
    wrong["name"] = json!("Wrong");
    wrong["config_stop"]["type"] = json!("ask");
    let answer = admin.post(&list, wrong).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["config_stop"]);
    let wrong = json!({ "startup_commands": {}, "docker_images": { "A": "img", "B": "img" }, "author": "x" });
    let answer = admin.patch(&path, wrong).await;
    answer.expect_error(400, "invalid_input").expect_fields(&[
        "startup_commands",
        "author",
        "docker_images",
    ]);

    let change =
        json!({ "description": "better", "config_stop": { "type": "stop", "value": null } });
    admin.patch(&path, change).await.ok();
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["egg"]["description"], "better");
    assert_eq!(shown["egg"]["config_stop"]["type"], "stop");
    assert_eq!(
        shown["egg"]["startup_commands"],
        json!({ "Default": "./run" })
    );

    let copy = json!({ "name": "Copy", "nest_uuid": nest });
    let copied = admin.post(&format!("{path}/duplicate"), copy).await.ok();
    assert_eq!(copied["egg"]["description"], "better");
    let found = admin.get(&format!("{list}?search=cop")).await.ok();
    assert_eq!(found["eggs"]["total"], 1);

    admin
        .post(
            &format!("{path}/move"),
            json!({ "destination_nest_uuid": other }),
        )
        .await
        .ok();
    admin.get(&path).await.expect_error(404, "egg_not_found");
    let many = json!({ "egg_uuids": [copied["egg"]["uuid"]], "destination_nest_uuid": other });
    assert_eq!(
        admin.post(&format!("{list}/move"), many).await.ok()["moved"],
        1
    );
    let everything = admin.get("/api/admin/nests/eggs").await.ok();
    let there = everything["nests"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["nest"]["uuid"] == json!(other))
        .unwrap();
    assert_eq!(there["eggs"].as_array().unwrap().len(), 2);

    let moved = format!("/api/admin/nests/{other}/eggs");
    let some = json!({ "egg_uuids": [copied["egg"]["uuid"]] });
    assert_eq!(
        admin.post(&format!("{moved}/delete"), some).await.ok()["deleted"],
        1
    );
    admin.delete(&format!("{moved}/{id}")).await.ok();
    admin
        .get(&format!("{moved}/{id}"))
        .await
        .expect_error(404, "egg_not_found");
}

#[tokio::test]
async fn an_egg_that_servers_run_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = factory::user(&app, "owner").await;
    let server = factory::server(&app, owner.id).await;
    let nest = format!("/api/admin/nests/{}", server.egg.nest);
    let egg = format!("{nest}/eggs/{}", server.egg.id);
    let servers = admin.get(&format!("{egg}/servers")).await.ok();
    assert_eq!(servers["servers"]["data"][0]["uuid"], json!(server.id));
    admin
        .delete(&egg)
        .await
        .expect_error(409, "egg_has_servers");
    admin.delete(&nest).await.expect_error(409, "nest_has_eggs");
    let with_eggs = admin.request(panel_testkit::Method::DELETE, &nest);
    let answer = with_eggs.json(json!({ "delete_eggs": true })).send().await;
    answer.expect_error(409, "egg_has_servers");
}

#[tokio::test]
async fn a_nest_lives() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({ "name": "Games", "author": "me@example.com", "description": null });
    let made = admin.post("/api/admin/nests", &body).await.ok();
    let path = format!(
        "/api/admin/nests/{}",
        made["nest"]["uuid"].as_str().unwrap()
    );
    admin
        .post("/api/admin/nests", &body)
        .await
        .expect_error(409, "taken")
        .expect_fields(&["name"]);
    admin
        .patch(&path, json!({ "description": "all of them" }))
        .await
        .ok();
    assert_eq!(
        admin.get(&path).await.ok()["nest"]["description"],
        "all of them"
    );
    let answer = admin.patch(&path, json!({ "author": "x" })).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["author"]);
    let found = admin.get("/api/admin/nests?search=game").await.ok();
    assert_eq!(found["nests"]["total"], 1);
    admin.delete(&path).await.ok();
    admin.get(&path).await.expect_error(404, "nest_not_found");

    let full = factory::egg(&app).await;
    let path = format!("/api/admin/nests/{}", full.nest);
    let with_eggs = admin.request(panel_testkit::Method::DELETE, &path);
    with_eggs
        .json(json!({ "delete_eggs": true }))
        .send()
        .await
        .ok();
    admin.get(&path).await.expect_error(404, "nest_not_found");
}

#[tokio::test]
async fn starter_eggs_are_installed_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let path = "/api/admin/eggs/starter";
    let offered = admin.get(path).await.ok();
    let offered = offered["starter_eggs"].as_array().unwrap();
    assert!(offered.len() >= 5 && offered.iter().all(|egg| egg["installed"] == false));
    let two = json!({ "slugs": ["minecraft-paper", "generic-process"] });
    let done = admin.post(path, &two).await.ok();
    assert_eq!(
        done,
        json!({ "installed": ["minecraft-paper", "generic-process"] })
    );
    let more = json!({ "slugs": ["minecraft-paper", "minecraft-vanilla"] });
    assert_eq!(
        admin.post(path, more).await.ok(),
        json!({ "installed": ["minecraft-vanilla"] })
    );
    assert_eq!(
        admin.post(path, &two).await.ok(),
        json!({ "installed": [] })
    );
    let nests = admin.get("/api/admin/nests/eggs").await.ok();
    let eggs = |name: &str| {
        let nests = nests["nests"].as_array().unwrap();
        let nest = nests
            .iter()
            .find(|nest| nest["nest"]["name"] == name)
            .unwrap();
        nest["eggs"].as_array().unwrap().len()
    };
    assert_eq!((eggs("Minecraft"), eggs("Generic")), (2, 1));
    let unknown = admin.post(path, json!({ "slugs": ["quake"] })).await;
    unknown
        .expect_error(400, "invalid_input")
        .expect_fields(&["slugs"]);
}

/// The database would take it in an egg, and fail whoever compares or uses it later.
#[tokio::test]
async fn a_nul_in_an_egg_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let import = format!("/api/admin/nests/{nest}/eggs/import");
    let nul = "a\u{0}b";
    for (pointer, value, field) in [
        ("/scripts/installation/script", json!(nul), "config_script"),
        ("/docker_images", json!({ "A": nul }), "docker_images"),
        ("/startup", json!(nul), "startup_commands"),
        ("/config/stop", json!(nul), "config_stop"),
        (
            "/config/files",
            json!({ nul: { "parser": "file", "find": {} } }),
            "config_files",
        ),
    ] {
        let mut file = file();
        *file.pointer_mut(pointer).unwrap() = value;
        let answer = admin.post(&import, file).await;
        answer.expect_status(400).expect_fields(&[field]);
    }
}
