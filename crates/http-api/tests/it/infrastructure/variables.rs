//! Variables of eggs.

use panel_testkit::{TestApp, factory};
use serde_json::{Value, json};

fn described(name: &str) -> Value {
    json!({
        "name": "Difficulty", "name_translations": { "de": "Schwierigkeit" }, "description": null,
        "description_translations": {}, "order": 50, "env_variable": name, "default_value": "easy",
        "user_viewable": true, "user_editable": true, "secret": false, "rules": ["required", "in:easy,hard"],
    })
}

#[tokio::test]
async fn a_variable_lives() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let egg = factory::egg(&app).await;
    let list = format!("/api/admin/nests/{}/eggs/{}/variables", egg.nest, egg.id);
    let made = admin.post(&list, described("DIFFICULTY")).await.ok();
    let path = format!("{list}/{}", made["variable"]["uuid"].as_str().unwrap());
    assert_eq!(made["variable"]["name_translations"]["de"], "Schwierigkeit");

    admin
        .patch(&path, json!({ "default_value": null, "secret": true }))
        .await
        .ok();
    let copy = json!({ "name": "Copy", "env_variable": "DIFFICULTY_2" });
    let copied = admin.post(&format!("{path}/duplicate"), copy).await.ok();
    assert_eq!(copied["variable"]["is_secret"], true);
    assert_eq!(
        copied["variable"]["rules"],
        json!(["required", "in:easy,hard"])
    );

    let mut order: Vec<Value> = admin.get(&list).await.ok()["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["uuid"].clone())
        .collect();
    order.reverse();
    admin
        .put(&format!("{list}/order"), json!({ "variable_order": order }))
        .await
        .ok();
    let shown = admin.get(&list).await.ok();
    let shown: Vec<&Value> = shown["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| &variable["uuid"])
        .collect();
    assert_eq!(shown, order.iter().collect::<Vec<_>>());

    admin.delete(&path).await.ok();
    admin
        .delete(&path)
        .await
        .expect_error(404, "egg_variable_not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_variable_is_told() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let egg = factory::egg(&app).await;
    let list = format!("/api/admin/nests/{}/eggs/{}/variables", egg.nest, egg.id);
    let mut body = described("SERVER_PORT");
    body["rules"] = json!(["required", "regex:/(/"]);
    body["order"] = json!(100_000);
    let answer = admin.post(&list, body).await;
    answer
        .expect_error(400, "invalid_input")
        .expect_fields(&["order", "env_variable", "rules"]);
    let taken = admin.post(&list, described(&egg.variables[0].0)).await;
    taken
        .expect_error(409, "taken")
        .expect_fields(&["env_variable"]);
    let elsewhere = factory::egg(&app).await;
    let other = format!(
        "/api/admin/nests/{}/eggs/{}/variables/{}",
        elsewhere.nest, elsewhere.id, egg.variables[0].1
    );
    let answer = admin.patch(&other, json!({ "name": "Stolen" })).await;
    answer.expect_error(404, "egg_variable_not_found");
}
