use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn document() -> Value {
    let server = json!({ "type": "object", "required": ["uuid", "limits"], "properties": {
        "uuid": { "type": "string", "format": "uuid" },
        "limits": { "$ref": "#/components/schemas/Limits" },
    } });
    json!({
        "openapi": "3.1.0",
        "paths": {
            "/api/settings": { "get": { "responses": { "200": { "content": { "application/json": { "schema": {
                "type": "object", "required": ["name"], "properties": { "name": { "type": ["string", "null"] } } } } } } } } },
            "/api/client/servers/{server}": {
                "get": { "responses": { "200": { "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/Server" } } } } } },
                "delete": { "responses": { "200": { "content": { "application/json": {} } } } },
            },
            "/api/client/servers/{server}/file": { "get": { "responses": { "200": { "content": {
                "text/plain": { "schema": { "type": "string" } } } } } } },
        },
        "components": { "schemas": {
            "Server": server,
            "Limits": { "type": "object", "required": ["memory"], "properties": { "memory": { "type": "integer" } } },
        } },
    })
}

/// Runs the tool on a document and some exchanges; gives the JSON result.
fn compare(exchanges: &[Value]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("contract.json"), document().to_string()).unwrap();
    let lines: Vec<String> = exchanges.iter().map(Value::to_string).collect();
    std::fs::write(file("traffic.jsonl"), lines.join("\n")).unwrap();
    let output = run(&file("contract.json"), folder.path(), &file("result.json"));
    assert!(output.status.success(), "{output:?}");
    serde_json::from_str(&std::fs::read_to_string(file("result.json")).unwrap()).unwrap()
}

fn run(contract: &Path, traffic: &Path, json: &Path) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_panel-rig"))
        .args(["contract", "--against"])
        .arg(contract)
        .arg("--traffic")
        .arg(traffic)
        .arg("--json")
        .arg(json)
        .output()
        .unwrap()
}

fn answer(method: &str, path: &str, status: u16, body: Value) -> Value {
    json!({ "method": method, "path": path, "status": status, "content_type": "application/json; charset=utf-8", "response_body": body })
}

fn server(memory: Value) -> Value {
    json!({ "uuid": "8a1e0f0a-3c0b-4c7e-9f51-5f0a3c1f9d11", "limits": { "memory": memory }, "more": true })
}

#[test]
fn operations_count_by_their_answers() {
    let result = compare(&[
        answer("GET", "/api/settings", 200, json!({ "name": null })),
        answer(
            "GET",
            "/api/client/servers/8a1e0f0a",
            404,
            json!({ "errors": [] }),
        ),
        answer(
            "GET",
            "/api/client/servers/8a1e0f0a",
            200,
            server(json!(1024)),
        ),
        answer("GET", "/api/unknown", 200, json!(1)),
    ]);
    let groups = result["groups"].as_array().unwrap();
    assert_eq!(
        groups[0],
        json!({ "group": "settings", "operations": 1, "matching": 1, "differences": [] })
    );
    assert_eq!(groups[1]["group"], "client/servers");
    assert_eq!(groups[1]["operations"], 3);
    assert_eq!(groups[1]["matching"], 1);
    let missing: Vec<&str> = groups[1]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["operation"].as_str().unwrap())
        .collect();
    assert_eq!(
        missing,
        [
            "DELETE /api/client/servers/{server}",
            "GET /api/client/servers/{server}/file"
        ]
    );
}

#[test]
fn one_wrong_body_outweighs_a_right_one() {
    let path = "/api/client/servers/8a1e0f0a";
    let result = compare(&[
        answer("GET", path, 200, server(json!(1))),
        answer("GET", path, 200, server(json!("1 GiB"))),
    ]);
    let group = &result["groups"][1];
    assert_eq!(group["matching"], 0);
    let difference = group["differences"][0]["difference"].as_str().unwrap();
    assert!(
        difference.starts_with("200: /limits/memory: "),
        "{difference}"
    );
}

#[test]
fn formats_statuses_and_content_types_are_part_of_the_contract() {
    let mut wrong = server(json!(1));
    wrong["uuid"] = json!("8a1e0f0a");
    let result = compare(&[
        answer("GET", "/api/client/servers/8a1e0f0a", 200, wrong),
        answer("DELETE", "/api/client/servers/8a1e0f0a", 204, Value::Null),
        answer(
            "GET",
            "/api/client/servers/8a1e0f0a/file",
            200,
            json!("text"),
        ),
    ]);
    let differences: Vec<&str> = result["groups"][1]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["difference"].as_str().unwrap())
        .collect();
    assert!(
        differences[0].starts_with("200: /uuid: "),
        "{differences:?}"
    );
    assert_eq!(
        differences[1],
        "204: the contract does not have this status"
    );
    assert_eq!(
        differences[2],
        "200: answered `application/json`, the contract has `text/plain`"
    );
}

#[test]
fn no_traffic_is_an_error_and_not_a_count_of_zero() {
    let folder = tempfile::tempdir().unwrap();
    let contract = folder.path().join("contract.json");
    std::fs::write(&contract, document().to_string()).unwrap();
    let output = run(&contract, folder.path(), &folder.path().join("result.json"));
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no traffic was recorded"));
}
