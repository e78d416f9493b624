//! The people of the panel, as administrators manage them.

use panel_domain::actor::ApiKeyScope;
use panel_testkit::{PASSWORD, TestApp, factory};
use serde_json::{Value, json};

const USERS: &str = "/api/admin/users";

fn new_user(username: &str) -> Value {
    json!({
        "username": username,
        "email": format!("{username}@example.com"),
        "name_first": "Given",
        "name_last": "Family",
        "password": PASSWORD,
        "admin": false,
        "language": "en",
        "external_id": format!("billing-{username}"),
    })
}

fn path(user: &Value) -> String {
    format!("{USERS}/{}", user["uuid"].as_str().unwrap())
}

#[tokio::test]
async fn from_being_made_to_being_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let made = admin.post(USERS, new_user("newcomer")).await.ok();
    let user = &made["user"];
    assert_eq!(user["username"], "newcomer");
    assert_eq!(user["has_password"], true);
    assert_eq!(user["external_id"], "billing-newcomer");
    assert_eq!(admin.get(&path(user)).await.ok(), made);
    let external = admin.get("/api/admin/users/external/billing-newcomer");
    assert_eq!(external.await.ok(), made);

    let listed = admin.get("/api/admin/users?search=NEWCOM").await.ok();
    assert_eq!(listed["users"]["total"], 1);
    assert_eq!(listed["users"]["data"][0], *user);

    let change =
        json!({ "name_last": "Changed", "external_id": null, "toast_position": "top_left" });
    admin.patch(&path(user), change).await.ok();
    let changed = admin.get(&path(user)).await.ok();
    assert_eq!(changed["user"]["name_last"], "Changed");
    assert_eq!(changed["user"]["external_id"], Value::Null);
    assert_eq!(changed["user"]["toast_position"], "top_left");

    admin.delete(&path(user)).await.ok();
    let gone = admin.get(&path(user)).await;
    gone.expect_error(404, "user_not_found");

    let log = admin.get("/api/admin/activity").await.ok();
    let events: Vec<&str> = log["activities"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["user:delete", "user:update", "user:create"]);
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let mut body = new_user("x");
    body["email"] = json!("nowhere");
    body["name_first"] = json!("");
    let answer = admin.post(USERS, body).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["username", "email", "name_first"]);
}

#[tokio::test]
async fn names_and_addresses_are_unique_whatever_the_case() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    admin.post(USERS, new_user("original")).await.ok();
    let same = |field: &str, value: &str| {
        let mut body = new_user("another");
        body[field] = json!(value);
        body
    };
    for (field, value) in [
        ("username", "ORIGINAL"),
        ("email", "Original@example.com"),
        ("external_id", "billing-original"),
    ] {
        let answer = admin.post(USERS, same(field, value)).await;
        answer.expect_error(409, "taken").expect_fields(&[field]);
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let own = format!("{USERS}/{}", admin.user_id());
    let demote = admin.patch(&own, json!({ "admin": false })).await;
    demote.expect_error(409, "last_administrator");
    admin
        .delete(&own)
        .await
        .expect_error(403, "not_on_yourself");

    let second = app.admin().await;
    let second_path = format!("{USERS}/{}", second.user_id());
    // A suspended administrator cannot help anybody.
    admin
        .patch(&second_path, json!({ "suspended": true }))
        .await
        .ok();
    let demote = admin.patch(&own, json!({ "admin": false })).await;
    demote.expect_error(409, "last_administrator");
    admin
        .patch(&second_path, json!({ "suspended": false }))
        .await
        .ok();

    // Each removes the other at the same moment.
    let (one, two) = tokio::join!(
        admin.patch(&second_path, json!({ "admin": false })),
        second.patch(&own, json!({ "admin": false })),
    );
    let successes = [&one, &two]
        .iter()
        .filter(|answer| answer.is_success())
        .count();
    assert_eq!(successes, 1, "{} {}", one.describe(), two.describe());
}

#[tokio::test]
async fn a_demoted_administrator_can_do_nothing_at_once() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let other = app.admin().await;
    other.get(USERS).await.ok();
    let path = format!("{USERS}/{}", other.user_id());
    admin.patch(&path, json!({ "admin": false })).await.ok();
    other
        .get(USERS)
        .await
        .expect_error(403, "permission_denied");
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let browser = app.user("forgetful").await;
    browser.get("/api/client/account").await.ok();
    let path = format!("{USERS}/{}", browser.user_id());
    admin
        .patch(&path, json!({ "password": "something else" }))
        .await
        .ok();
    browser.get("/api/client/account").await.expect_status(401);
    let body = json!({ "user": "forgetful", "password": "something else" });
    browser.post("/api/auth/login", body).await.ok();
}

#[tokio::test]
async fn a_user_with_servers_stays() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = factory::user(&app, "owner").await;
    let server = factory::server(&app, owner.id).await;
    let friend = factory::user(&app, "friend").await;
    factory::subuser(&app, server.id, friend.id, &["control.console"]).await;
    let refused = admin.delete(&format!("{USERS}/{}", owner.id)).await;
    refused.expect_error(409, "user_has_servers");
    admin.delete(&format!("{USERS}/{}", friend.id)).await.ok();

    let servers = format!("{USERS}/{}/servers?owned=true", owner.id);
    let servers = admin.get(&servers).await.ok();
    assert_eq!(servers["servers"]["data"][0]["uuid"], json!(server.id));
}

#[tokio::test]
async fn lesser_administrators_keep_off_greater_ones() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let manager = app
        .holder(&["users.read", "users.update", "users.create"], &[])
        .await;
    let root_path = format!("{USERS}/{}", root.user_id());
    let answer = manager
        .patch(&root_path, json!({ "name_first": "Fool" }))
        .await;
    answer.expect_error(403, "permission_denied");

    let user = factory::user(&app, "ordinary").await;
    let path = format!("{USERS}/{}", user.id);
    manager
        .patch(&path, json!({ "name_first": "Better" }))
        .await
        .ok();
    for change in [
        json!({ "admin": true }),
        json!({ "email": "taken@example.com" }),
        json!({ "password": "mine now" }),
        json!({ "role_uuid": factory::role(&app, &[], &[]).await }),
    ] {
        let answer = manager.patch(&path, change).await;
        answer.expect_error(403, "permission_denied");
    }
    let mut body = new_user("climber");
    body["admin"] = json!(true);
    manager
        .post(USERS, body)
        .await
        .expect_error(403, "permission_denied");
}

#[tokio::test]
async fn roles_from_being_made_to_being_deleted() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let body = json!({
        "name": "Support", "description": null, "require_two_factor": false,
        "admin_permissions": ["servers.read"], "server_permissions": ["control.console"],
    });
    let made = admin.post("/api/admin/roles", &body).await.ok();
    let path = format!(
        "/api/admin/roles/{}",
        made["role"]["uuid"].as_str().unwrap()
    );
    assert_eq!(admin.get(&path).await.ok(), made);
    let again = admin.post("/api/admin/roles", &body).await;
    again.expect_error(409, "taken").expect_fields(&["name"]);
    let copy = json!({ "name": "Support 2" });
    let copy = admin.post(&format!("{path}/duplicate"), copy).await.ok();
    assert_eq!(copy["role"]["admin_permissions"], json!(["servers.read"]));

    let user = admin.post(USERS, {
        let mut body = new_user("supporter");
        body["role_uuid"] = made["role"]["uuid"].clone();
        body
    });
    let user = user.await.ok();
    assert_eq!(user["user"]["role"]["name"], "Support");
    let holders = admin.get(&format!("{path}/users")).await.ok();
    assert_eq!(holders["users"]["data"][0]["username"], "supporter");

    let supporter = app.anonymous();
    let login = json!({ "user": "supporter", "password": PASSWORD });
    supporter.post("/api/auth/login", login).await.ok();
    supporter.get("/api/admin/servers").await.ok();
    // What the role loses, its holders lose with their next request.
    let change = json!({ "admin_permissions": [] });
    admin.patch(&path, change).await.ok();
    let refused = supporter.get("/api/admin/servers").await;
    refused.expect_error(403, "permission_denied");
    admin.delete(&path).await.ok();
    let user = admin.get(&path_of(&user)).await.ok();
    assert_eq!(user["user"]["role"], Value::Null);
}

fn path_of(body: &Value) -> String {
    path(&body["user"])
}

#[tokio::test]
async fn nobody_grants_by_a_role_what_they_do_not_have() {
    let app = TestApp::start().await;
    let grants = ["roles.create", "roles.read", "roles.update", "servers.read"];
    let manager = app.holder(&grants, &["control.console"]).await;
    let role = |admin: &[&str], server: &[&str]| {
        json!({
            "name": "New", "description": null, "require_two_factor": false,
            "admin_permissions": admin, "server_permissions": server,
        })
    };
    for body in [role(&["nodes.read"], &[]), role(&[], &["files.read"])] {
        let answer = manager.post("/api/admin/roles", body).await;
        answer.expect_error(403, "permission_denied");
    }
    let unknown = manager
        .post("/api/admin/roles", role(&["nodes.fly"], &[]))
        .await;
    unknown
        .expect_error(400, "invalid_input")
        .expect_fields(&["admin_permissions"]);
    let within = role(&["servers.read"], &["control.console"]);
    manager.post("/api/admin/roles", within).await.ok();

    let stronger = factory::role(&app, &["nodes.delete"], &[]).await;
    let change = json!({ "name": "Weakened", "admin_permissions": [] });
    let answer = manager
        .patch(&format!("/api/admin/roles/{stronger}"), change)
        .await;
    answer.expect_error(403, "permission_denied");
}

#[tokio::test]
async fn a_key_limits_even_root() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut scope = ApiKeyScope::ALL;
    scope
        .admin
        .remove(panel_domain::permission::AdminPermission::UsersDelete);
    let program = app.api_key(&root, scope).await;
    program.get(USERS).await.ok();
    let user = factory::user(&app, "survivor").await;
    let answer = program.delete(&format!("{USERS}/{}", user.id)).await;
    answer.expect_error(403, "permission_denied");
    // Making administrators takes all there is.
    let change = json!({ "admin": true });
    let answer = program.patch(&format!("{USERS}/{}", user.id), change).await;
    answer.expect_error(403, "permission_denied");
}

#[tokio::test]
async fn numbers_and_settings() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let owner = factory::user(&app, "owner").await;
    factory::server(&app, owner.id).await;
    let stats = admin.get("/api/admin/stats/general").await.ok();
    for (name, number) in [("users", 2), ("servers", 1), ("nodes", 1), ("nest_eggs", 1)] {
        assert_eq!(stats["stats"][name], number, "{name}");
    }
    let settings = admin.get("/api/admin/settings").await.ok();
    assert_eq!(
        settings["settings"]["app"]["session_cookie"],
        "roost_session"
    );
    let public = app.anonymous().get("/api/settings").await.ok();
    assert_eq!(public["oobe_step"], Value::Null);
    app.anonymous().get("/api/languages").await.ok();
    app.anonymous().get("/api/announcements").await.ok();
}
