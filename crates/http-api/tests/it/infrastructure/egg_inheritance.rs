//! Parts that eggs take over from other eggs of their nest.

use panel_domain::id::NestId;
use panel_testkit::{Client, TestApp, factory};
use serde_json::{Value, json};

async fn egg(admin: &Client, nest: NestId, name: &str) -> (String, String) {
    let body = json!({
        "author": "me@example.com", "name": name, "description": null,
        "config_files": [{ "file": "a.yml", "parser": "yaml", "replace": [{ "match": "name", "replace_with": name }] }],
        "config_startup": { "done": [name] }, "config_stop": { "type": "command", "value": name },
        "config_script": { "container": "debian", "entrypoint": "bash", "content": name },
        "startup_commands": { "Default": "./run" }, "docker_images": { "A": "img:1" },
        "force_outgoing_ip": false, "separate_port": false, "features": [name], "file_denylist": [name],
    });
    let list = format!("/api/admin/nests/{nest}/eggs");
    let made = admin.post(&list, body).await.ok();
    let id = made["egg"]["uuid"].as_str().unwrap().to_owned();
    (format!("{list}/{id}"), id)
}

const PARTS: [&str; 6] = [
    "config_files",
    "config_startup",
    "config_stop",
    "config_script",
    "features",
    "file_denylist",
];

fn all_from(parent: &str) -> Value {
    let parts = PARTS.map(|part| json!({ "part": part, "from": parent }));
    json!({ "inherited": parts })
}

async fn inherited(admin: &Client, egg: &str) -> Vec<String> {
    let found = admin.get(&format!("{egg}/inheritance")).await.ok();
    let parts = found["inherited"].as_array().unwrap().iter();
    parts
        .map(|part| part["part"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_inherited_part_follows_its_origin_until_it_is_changed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (parent, parent_id) = egg(&admin, nest, "parent").await;
    let (child, child_id) = egg(&admin, nest, "child").await;
    let shown = async |egg: &str| admin.get(egg).await.ok()["egg"].clone();
    admin
        .put(&format!("{child}/inheritance"), all_from(&parent_id))
        .await
        .ok();
    let (of_parent, of_child) = (shown(&parent).await, shown(&child).await);
    for part in PARTS {
        assert_eq!(of_child[part], of_parent[part], "{part}");
    }
    assert_eq!(of_child["name"], "child");
    let family = admin.get(&format!("{parent}/inheritance")).await.ok();
    assert_eq!(family["heirs"], json!([child_id]));

    // The heir follows a change, and a newer file.
    let change = json!({ "config_stop": { "type": "signal", "value": "SIGINT" }, "features": [] });
    admin.patch(&parent, change).await.ok();
    let of_child = shown(&child).await;
    assert_eq!(of_child["config_stop"]["value"], "SIGINT");
    assert_eq!(of_child["features"], json!([]));
    let mut newer = admin.get(&format!("{parent}/export")).await.ok();
    newer["config"]["startup"]["done"] = json!(["newer"]);
    admin
        .post(&format!("{parent}/update/import"), newer)
        .await
        .ok();
    assert_eq!(
        shown(&child).await["config_startup"]["done"],
        json!(["newer"])
    );
    // Another egg of the nest does not.
    let (other, _) = egg(&admin, nest, "other").await;
    assert_eq!(shown(&other).await["config_stop"]["value"], "other");

    // An edit that says what is there already ends nothing; one that says something else does.
    let mut edit = shown(&child).await;
    let own = json!({ "type": "command", "value": "mine" });
    edit = PARTS
        .into_iter()
        .map(|part| (part.to_owned(), edit[part].take()))
        .collect();
    edit["config_stop"] = own.clone();
    admin.patch(&child, edit).await.ok();
    let left = inherited(&admin, &child).await;
    assert_eq!(left.len(), PARTS.len() - 1, "{left:?}");
    assert!(!left.contains(&"config_stop".to_owned()));
    admin
        .patch(
            &parent,
            json!({ "config_stop": { "type": "stop", "value": null }, "features": ["eula"] }),
        )
        .await
        .ok();
    let of_child = shown(&child).await;
    assert_eq!(of_child["config_stop"], own);
    assert_eq!(of_child["features"], json!(["eula"]));

    // What is inherited no more keeps what it says.
    admin
        .put(&format!("{child}/inheritance"), json!({ "inherited": [] }))
        .await
        .ok();
    admin.patch(&parent, json!({ "features": [] })).await.ok();
    assert_eq!(shown(&child).await["features"], json!(["eula"]));
}

#[tokio::test]
async fn inheritance_has_one_step_inside_one_nest() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let elsewhere = factory::nest(&app).await;
    let (parent, parent_id) = egg(&admin, nest, "parent").await;
    let (child, child_id) = egg(&admin, nest, "child").await;
    let (grandchild, _) = egg(&admin, nest, "grandchild").await;
    let (_, stranger) = egg(&admin, elsewhere, "stranger").await;
    let set = async |egg: &str, body: Value| admin.put(&format!("{egg}/inheritance"), body).await;
    set(&child, all_from(&parent_id)).await.ok();

    set(&grandchild, all_from(&child_id))
        .await
        .expect_error(409, "egg_inherits");
    let (_, late) = egg(&admin, nest, "late").await;
    set(&parent, all_from(&late))
        .await
        .expect_error(409, "egg_inherits");
    for (body, field) in [
        (all_from(&stranger), "inherited.0.from"),
        (
            json!({ "inherited": [{ "part": "features", "from": child_id }] }),
            "inherited.0.from",
        ),
        (
            json!({ "inherited": [
                { "part": "features", "from": parent_id }, { "part": "features", "from": parent_id },
            ] }),
            "inherited.1.part",
        ),
    ] {
        let refused = set(&child, body).await;
        refused
            .expect_error(400, "invalid_input")
            .expect_fields(&[field]);
    }

    // Family stays together and an origin stays there.
    admin
        .delete(&parent)
        .await
        .expect_error(409, "egg_has_heirs");
    for egg in [&parent, &child] {
        let answer = admin
            .post(
                &format!("{egg}/move"),
                json!({ "destination_nest_uuid": elsewhere }),
            )
            .await;
        answer.expect_error(409, "egg_has_family");
    }
    // All of them may go at once.
    let both = json!({ "egg_uuids": [parent_id, child_id] });
    let answer = admin
        .post(&format!("/api/admin/nests/{nest}/eggs/delete"), both)
        .await;
    assert_eq!(answer.ok()["deleted"], 2);
}

/// A copy has what its original inherits as its own, and so has a file.
#[tokio::test]
async fn copies_and_files_stand_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nest = factory::nest(&app).await;
    let (parent, parent_id) = egg(&admin, nest, "parent").await;
    let (child, _) = egg(&admin, nest, "child").await;
    admin
        .put(&format!("{child}/inheritance"), all_from(&parent_id))
        .await
        .ok();
    let file = admin.get(&format!("{child}/export")).await.ok();
    assert_eq!(file["config"]["stop"]["value"], "parent");
    let copy = json!({ "name": "Copy", "nest_uuid": nest });
    let copied = admin.post(&format!("{child}/duplicate"), copy).await.ok();
    let copied = format!(
        "/api/admin/nests/{nest}/eggs/{}",
        copied["egg"]["uuid"].as_str().unwrap()
    );
    assert_eq!(inherited(&admin, &copied).await, [""; 0]);
    admin
        .patch(&parent, json!({ "features": ["eula"] }))
        .await
        .ok();
    assert_eq!(
        admin.get(&copied).await.ok()["egg"]["features"],
        json!(["parent"])
    );
    // A newer file of the heir ends what it says otherwise, and says so.
    let mut newer = file;
    newer["features"] = json!(["mine"]);
    let answer = admin
        .post(&format!("{child}/update/import"), newer)
        .await
        .ok();
    let notes = answer["notes"].as_array().unwrap();
    assert!(
        notes.iter().any(|note| note["path"] == "/features"),
        "{notes:?}"
    );
    assert!(
        !inherited(&admin, &child)
            .await
            .contains(&"features".to_owned())
    );
}

/// A list of eggs to delete or to move may name eggs of another nest, which are nobody's business there.
#[tokio::test]
async fn what_is_done_to_eggs_of_a_nest_leaves_other_nests_alone() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let (nest, other) = (factory::nest(&app).await, factory::nest(&app).await);
    let (_, parent_id) = egg(&admin, nest, "parent").await;
    let (child, child_id) = egg(&admin, nest, "child").await;
    let inheritance = format!("{child}/inheritance");
    admin.put(&inheritance, all_from(&parent_id)).await.ok();
    let eggs = format!("/api/admin/nests/{other}/eggs");
    let named = json!({ "egg_uuids": [child_id] });
    let answer = admin.post(&format!("{eggs}/delete"), named).await.ok();
    assert_eq!(answer["deleted"], 0);
    let named = json!({ "egg_uuids": [child_id], "destination_nest_uuid": other });
    let answer = admin.post(&format!("{eggs}/move"), named).await.ok();
    assert_eq!(answer["moved"], 0);
    assert_eq!(inherited(&admin, &child).await.len(), PARTS.len());
    let log = admin.get("/api/admin/activity").await.ok();
    assert!(!log.to_string().contains("nest:egg.delete"), "{log}");
}
