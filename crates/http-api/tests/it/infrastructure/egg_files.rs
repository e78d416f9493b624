//! Eggs as files: from addresses, in place of older ones, and out again in every format.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use panel_domain::id::NestId;
use panel_testkit::{Client, FileServer, Method, TestApp, factory};
use serde_json::{Value, json};

fn file(name: &str) -> Value {
    json!({
        "meta": { "version": "PTDL_v2" }, "name": name, "author": "me@example.com", "description": null,
        "features": null, "docker_images": { "A": "img:1" }, "file_denylist": [], "startup": "./run",
        "config": { "files": "{}", "startup": "{\"done\":\"ready\"}", "logs": "{}", "stop": "quit" },
        "scripts": { "installation": { "script": "true", "container": "debian", "entrypoint": "bash" } },
        "variables": [variable("WORLD"), variable("MODE")],
    })
}

fn variable(name: &str) -> Value {
    json!({
        "name": name, "description": "About it.", "env_variable": name, "default_value": "1", "user_viewable": true,
        "user_editable": true, "rules": "required|string",
    })
}

async fn import(admin: &Client, nest: NestId, file: &Value) -> String {
    let path = format!("/api/admin/nests/{nest}/eggs");
    let made = admin.post(&format!("{path}/import"), file).await.ok();
    format!("{path}/{}", made["egg"]["uuid"].as_str().unwrap())
}

#[tokio::test]
async fn eggs_come_from_addresses_and_those_that_fail_say_why() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (one, other) = (file("One").to_string(), file("Other").to_string());
    let files = FileServer::start(&[("/one", &one), ("/other", &other), ("/text", "hello")]);
    let path = format!("/api/admin/nests/{nest}/eggs/import/url");
    let urls = ["/one", "/other", "/one", "/text", "/none"].map(|path| files.url(path));
    let answer = admin.post(&path, json!({ "urls": urls })).await.ok();
    let names: Vec<_> = answer["eggs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|egg| egg["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["One", "Other"]);
    assert_eq!(answer["notes"][0]["egg"], answer["eggs"][0]["uuid"]);
    assert_eq!(answer["notes"][0]["url"], urls[0]);
    let failures = answer["failures"].as_array().unwrap();
    let why = |at: usize| {
        let url = failures[at]["url"].as_str().unwrap();
        (
            url.rsplit('/').next().unwrap(),
            failures[at]["error"].as_str().unwrap(),
        )
    };
    assert!(why(0).1.contains("not an egg"), "{failures:?}");
    assert_eq!(why(1), ("none", "the host answered with status 404"));
    assert_eq!(why(2).0, "one");
    assert!(why(2).1.contains("name of another egg"), "{failures:?}");
    let listed = admin
        .get(&format!("/api/admin/nests/{nest}/eggs"))
        .await
        .ok();
    assert_eq!(listed["eggs"]["total"], 2);

    let many: Vec<_> = (0..26).map(|_| files.url("/one")).collect();
    for (urls, field) in [
        (json!([]), "urls"),
        (json!(many), "urls"),
        (json!(["one"]), "urls.0"),
    ] {
        let answer = admin.post(&path, json!({ "urls": urls })).await;
        answer
            .expect_error(400, "invalid_input")
            .expect_fields(&[field]);
    }
}

#[tokio::test]
async fn nothing_is_fetched_from_a_blocked_network() {
    let networks = vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
    let app = TestApp::builder().blocked_networks(networks).start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let egg = file("One").to_string();
    let files = FileServer::start(&[("/one", &egg)]);
    let url = files.url("/one");
    let by_name = url.replace("127.0.0.1", "localhost");
    let path = format!("/api/admin/nests/{nest}/eggs/import/url");
    let answer = admin
        .post(&path, json!({ "urls": [url, by_name] }))
        .await
        .ok();
    assert_eq!(answer["eggs"], json!([]));
    for failure in answer["failures"].as_array().unwrap() {
        assert_eq!(
            failure["error"],
            "the host is in a network that the panel does not fetch from"
        );
    }
    let egg = import(&admin, nest, &file("Two")).await;
    let answer = admin
        .post(&format!("{egg}/update/import/url"), json!({ "url": url }))
        .await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["url"]);
}

#[tokio::test]
async fn an_update_from_an_address_replaces_the_egg() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let egg = import(&admin, nest, &file("One")).await;
    let newer = file("One, newer").to_string();
    let files = FileServer::start(&[("/newer", &newer)]);
    let path = format!("{egg}/update/import/url");
    admin
        .post(&path, json!({ "url": files.url("/newer") }))
        .await
        .ok();
    assert_eq!(admin.get(&egg).await.ok()["egg"]["name"], "One, newer");
    let answer = admin
        .post(&path, json!({ "url": files.url("/none") }))
        .await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["url"]);
}

/// Values that servers have outlive an update whose file lacks their variable, and so does what its format cannot say.
#[tokio::test]
async fn an_update_in_place_keeps_what_servers_have_and_what_the_file_cannot_say() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = factory::user(&app, "owner").await;
    let server = factory::server(&app, owner.id).await;
    let egg = format!(
        "/api/admin/nests/{}/eggs/{}",
        server.egg.nest, server.egg.id
    );
    let list = format!("{egg}/variables");
    let (used, used_id) = &server.egg.variables[0];
    let values = format!("/api/admin/servers/{}/variables", server.id);
    let value = json!({ "variables": [{ "env_variable": used, "value": "./mine" }] });
    admin.put(&values, value).await.ok();
    let mut secret = variable("SECRET");
    for (key, value) in [
        ("secret", json!(true)),
        ("order", json!(9)),
        ("rules", json!([])),
    ] {
        secret[key] = value;
    }
    secret["name_translations"] = json!({ "de": "Geheim" });
    admin.post(&list, secret).await.ok();
    admin
        .post(&list, {
            let mut unused = variable("UNUSED");
            for (key, value) in [
                ("secret", json!(false)),
                ("order", json!(10)),
                ("rules", json!([])),
            ] {
                unused[key] = value;
            }
            unused
        })
        .await
        .ok();
    admin
        .patch(&egg, json!({ "force_outgoing_ip": true }))
        .await
        .ok();

    let mut newer = file("Newer");
    newer["variables"] = json!([variable("SECRET"), variable("ADDED")]);
    let answer = admin
        .post(&format!("{egg}/update/import"), newer)
        .await
        .ok();
    let notes = answer["notes"].as_array().unwrap();
    let kind = |name: &str| {
        let path = format!("/variables/{name}");
        let note = notes.iter().find(|note| note["path"] == path.as_str());
        note.map(|note| note["kind"].as_str().unwrap())
    };
    assert_eq!(kind("UNUSED"), Some("dropped"), "{notes:?}");
    assert_eq!(kind(used), Some("attention"), "{notes:?}");
    assert_eq!(kind("SECRET"), None);

    let after = admin.get(&list).await.ok();
    let shown: Vec<_> = after["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["env_variable"].as_str().unwrap())
        .collect();
    assert_eq!(shown[..3], ["SECRET", "ADDED", used.as_str()]);
    assert_eq!(after["variables"][0]["is_secret"], true);
    assert_eq!(
        after["variables"][0]["name_translations"],
        json!({ "de": "Geheim" })
    );
    assert_eq!(after["variables"][2]["uuid"], json!(used_id));
    assert_eq!(admin.get(&egg).await.ok()["egg"]["force_outgoing_ip"], true);
    let held = admin.get(&values).await.ok();
    let held = held["variables"].as_array().unwrap();
    let mine = held
        .iter()
        .find(|held| held["env_variable"] == used.as_str());
    assert_eq!(mine.unwrap()["value"], "./mine");

    // A native file says everything, so what it says holds.
    let native = admin.get(&format!("{egg}/export")).await.ok();
    let mut native = native;
    native["force_outgoing_ip"] = json!(false);
    native["variables"][0]["secret"] = json!(false);
    admin
        .post(&format!("{egg}/update/import"), native)
        .await
        .ok();
    assert_eq!(
        admin.get(&egg).await.ok()["egg"]["force_outgoing_ip"],
        false
    );
    assert_eq!(
        admin.get(&list).await.ok()["variables"][0]["is_secret"],
        false
    );
}

#[tokio::test]
async fn an_export_comes_in_every_format_and_tells_what_it_lacks() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let egg = import(&admin, nest, &file("One")).await;
    admin
        .patch(
            &egg,
            json!({ "separate_port": true, "startup_commands": { "A": "./a", "B": "./b" } }),
        )
        .await
        .ok();
    let versions = [
        ("ptdl_v1", json!("PTDL_v1")),
        ("ptdl_v2", json!("PTDL_v2")),
        ("pterodactyl", json!("PTDL_v2")),
        ("plcn_v1", json!("PLCN_v1")),
        ("plcn_v2", json!("PLCN_v2")),
        ("plcn_v3", json!("PLCN_v3")),
        ("pelican", json!("PLCN_v3")),
        ("native", Value::Null),
    ];
    for (format, version) in versions {
        let exported = admin.get(&format!("{egg}/export?format={format}")).await;
        assert_eq!(exported.headers["content-type"], "application/json");
        let exported = exported.ok();
        assert_eq!(exported["meta"]["version"], version, "{format}");
        let report = admin
            .get(&format!("{egg}/export/report?format={format}"))
            .await
            .ok();
        let lacks = |path: &str| {
            let notes = report["notes"].as_array().unwrap();
            notes
                .iter()
                .any(|note| note["path"] == path && note["kind"] == "dropped")
        };
        assert_eq!(
            lacks("/separate_port"),
            format != "native",
            "{format}: {report}"
        );
        let knows_one = exported.get("startup").is_some();
        assert_eq!(
            lacks("/startup_commands/B"),
            knows_one,
            "{format}: {report}"
        );
    }
    let yaml = admin
        .get(&format!("{egg}/export?format=pelican&encoding=yaml"))
        .await;
    assert_eq!(yaml.headers["content-type"], "application/yaml");
    let text = yaml.text();
    assert!(text.starts_with("meta:\n  version: PLCN_v3\n"), "{text}");
    let nest = factory::nest(&app).await;
    let path = format!("/api/admin/nests/{nest}/eggs/import");
    let again = admin
        .request(Method::POST, &path)
        .body(text, "application/yaml");
    let again = again.send().await.ok();
    assert_eq!(
        again["egg"]["startup_commands"],
        json!({ "A": "./a", "B": "./b" })
    );
    admin
        .get(&format!("{egg}/export?format=other"))
        .await
        .expect_status(400);
}

/// The folder of real eggs beside the project. Without it a test says so and does nothing, but not in CI.
fn real_eggs() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path
                .extension()
                .is_some_and(|end| end == "json" || end == "yaml")
            {
                files.push(path);
            }
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/eggs");
    let mut files = Vec::new();
    if folder.is_dir() {
        walk(&folder, &mut files);
        files.sort();
        assert_eq!(files.len(), 76);
        return files;
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "../shared/eggs is absent"
    );
    let mut out = std::io::stderr();
    out.write_all(b"skipped: ../shared/eggs is absent\n")
        .unwrap();
    files
}

/// What the database keeps of a real egg is all that its file says.
#[tokio::test]
async fn a_real_egg_goes_through_the_database_unchanged() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    app.allow_requests(100_000).await;
    for path in real_eggs() {
        let bytes = std::fs::read(&path).unwrap();
        let read = panel_eggs::import(&bytes).unwrap();
        let format = read.egg.source.format.unwrap();
        let direct = panel_eggs::export(&read.egg, format, panel_eggs::Encoding::Json, app.now());
        let nest = factory::nest(&app).await;
        let list = format!("/api/admin/nests/{nest}/eggs");
        let kind = if bytes.starts_with(b"{") {
            "application/json"
        } else {
            "application/yaml"
        };
        let body = String::from_utf8(bytes).unwrap();
        let made = admin
            .request(Method::POST, &format!("{list}/import"))
            .body(body, kind)
            .send()
            .await
            .ok();
        let id = made["egg"]["uuid"].as_str().unwrap();
        assert!(
            made["notes"].as_array().unwrap().len() >= read.notes.len(),
            "{}",
            path.display()
        );
        let format = format.as_str().to_lowercase();
        let exported = admin
            .get(&format!("{list}/{id}/export?format={format}"))
            .await
            .ok();
        assert_eq!(
            comparable(exported),
            comparable(direct.document),
            "{}",
            path.display()
        );
    }
}

/// A document without its moment and without what may be said in two ways: the order of variables, an empty description.
fn comparable(mut document: Value) -> Value {
    let root = document.as_object_mut().unwrap();
    root.remove("exported_at");
    if root["description"] == "" {
        root["description"] = Value::Null;
    }
    for variable in root["variables"].as_array_mut().unwrap() {
        variable.as_object_mut().unwrap().remove("sort");
    }
    let name = |variable: &Value| variable["env_variable"].to_string();
    root["variables"].as_array_mut().unwrap().sort_by_key(name);
    document
}
