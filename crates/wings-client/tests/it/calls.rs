//! Every call makes the request that was recorded, and reads the answer that was recorded.

use std::collections::BTreeSet;

use bytes::Bytes;
use panel_domain::id::{BackupId, ServerId, UserId};
use serde_json::Value;
use uuid::Uuid;
use wings_client::wire::{backups, files, remote, server};
use wings_client::{Flavour, NodeClient, Profile};

use crate::daemon::{Answer, Daemon};
use crate::nodes::client;
use crate::recording::{Exchange, exchanges, missing};

/// A daemon that answers as in one recorded exchange.
fn replay(exchange: &Exchange) -> (Daemon, NodeClient) {
    let status = exchange.status;
    let answer = match &exchange.response {
        Value::String(text) => Answer::text(status, text),
        Value::Null => Answer::text(status, ""),
        json => Answer::json(status, json),
    };
    let daemon = Daemon::start(move |_| answer.clone());
    let node = client(&daemon.url);
    node.assume_profile(Profile {
        flavour: Flavour::Calagopus,
        version: "0.22.12:eb45cb7".into(),
    });
    (daemon, node)
}

/// The last request equals the recorded one: method, path, query (ours may have less), body (ours may have more), headers.
fn assert_same(exchange: &Exchange, daemon: &Daemon) {
    let seen = daemon.last();
    assert_eq!(seen.method, exchange.method);
    let mut recorded = exchange.path.splitn(2, '?');
    assert_eq!(Some(seen.path.as_str()), recorded.next());
    let query: BTreeSet<(String, String)> =
        url::form_urlencoded::parse(recorded.next().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
    for pair in &seen.query {
        assert!(
            query.contains(pair),
            "{pair:?} was not recorded in {}",
            exchange.path
        );
    }
    assert_eq!(seen.authorization, "Bearer secret");
    match &exchange.request {
        Value::Null => assert!(seen.body.is_empty()),
        Value::String(text) => {
            assert_eq!(seen.body, text.as_bytes());
            assert_eq!(seen.content_type.as_deref(), Some("text/plain"));
            assert_eq!(seen.content_length, Some(text.len().to_string()));
        }
        json => {
            let lost = missing(json, &seen.json(), "");
            assert!(
                lost.is_empty(),
                "{} {}: {lost:?}",
                exchange.method,
                exchange.path
            );
            assert_eq!(seen.content_type.as_deref(), Some("application/json"));
        }
    }
}

fn body<T: serde::de::DeserializeOwned>(exchange: &Exchange) -> T {
    serde_json::from_value(exchange.request.clone()).unwrap()
}

fn ids(exchange: &Exchange) -> Vec<Uuid> {
    exchange
        .path
        .split(['/', '?'])
        .filter_map(|part| Uuid::try_parse(part).ok())
        .collect()
}

fn query(exchange: &Exchange, name: &str) -> String {
    let (_, query) = exchange.path.split_once('?').unwrap();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .unwrap()
        .1
        .into_owned()
}

/// Makes the call that `exchange` recorded, if this client has it; says whether.
async fn call(exchange: &Exchange, node: &NodeClient) -> bool {
    let ids = ids(exchange);
    let server = ServerId::from_uuid(ids.first().copied().unwrap_or_default());
    match (exchange.method.as_str(), exchange.template().as_str()) {
        ("GET", "/api/system/overview") => {
            assert_eq!(node.overview().await.unwrap().cpu.cpu_count, 2);
        }
        ("GET", "/api/system/stats") => assert_eq!(node.statistics().await.unwrap().cpu.threads, 2),
        ("GET", "/api/servers") => {
            let servers = node.servers().await.unwrap();
            assert_eq!(servers.len(), 1);
            assert!(servers[0].uuid().is_some());
        }
        ("GET", "/api/servers/{}") => {
            assert_eq!(
                node.server(server).await.unwrap().state,
                server::ServerState::Running
            );
        }
        ("POST", "/api/servers") => node.create_server(&body(exchange)).await.unwrap(),
        ("DELETE", "/api/servers/{}") => node.delete_server(server).await.unwrap(),
        ("POST", "/api/servers/{}/commands") => {
            let commands: server::Commands = body(exchange);
            node.send_commands(server, commands.commands).await.unwrap();
        }
        ("POST", "/api/servers/{}/power") => {
            let power: server::Power = body(exchange);
            node.power(server, power.action).await.unwrap();
        }
        ("POST", "/api/servers/{}/reinstall") => {
            let reinstall: server::Reinstall = body(exchange);
            node.reinstall_server(
                server,
                reinstall.truncate_directory,
                reinstall.installation_script,
            )
            .await
            .unwrap();
        }
        ("POST", "/api/servers/{}/sync") => {
            let document: Option<remote::ServerDocument> =
                serde_json::from_value(exchange.request["server"].clone()).unwrap();
            node.sync_server(server, document).await.unwrap();
        }
        ("POST", "/api/servers/{}/ws/deny") => {
            let deny: server::DenyTokens = body(exchange);
            node.deny_tokens(server, deny.jtis).await.unwrap();
        }
        ("GET", "/api/servers/{}/logs") if exchange.path.contains("lines") => {
            let lines = node.console_log(server, 10).await.unwrap();
            assert_eq!(lines.len(), 3);
            assert!(lines[2].ends_with('"'), "no line ends: {lines:?}");
        }
        ("GET", "/api/servers/{}/files/contents") => {
            let file = query(exchange, "file");
            let mut stream = node.read_file(server, &file, None).await.unwrap();
            let mut content = Vec::new();
            while let Some(piece) = stream.next().await.unwrap() {
                content.extend_from_slice(&piece);
            }
            assert_eq!(content, exchange.response.as_str().unwrap().as_bytes());
        }
        ("GET", "/api/servers/{}/files/list") if exchange.path.contains("sort") => {
            let list = node.list_files(server, "/world", 1, 100).await.unwrap();
            assert_eq!(list.entries[0].name, "level.dat");
        }
        ("POST", "/api/servers/{}/files/write") => {
            let content = Bytes::from(exchange.request.as_str().unwrap().to_owned());
            node.write_file(server, &query(exchange, "file"), content)
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/files/copy") => {
            let copy: files::Copy = body(exchange);
            node.copy_file(server, &copy.location, None).await.unwrap();
        }
        ("PUT", "/api/servers/{}/files/rename") => {
            let rename: files::Rename = body(exchange);
            node.rename_files(server, &rename.root, rename.files)
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/files/create-directory") => {
            let create: files::CreateDirectory = body(exchange);
            node.create_directory(server, &create.path, &create.name)
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/files/chmod") => {
            let chmod: files::Chmod = body(exchange);
            node.change_modes(server, &chmod.root, chmod.files)
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/files/delete") => {
            let delete: files::Delete = body(exchange);
            node.delete_files(server, &delete.root, delete.files)
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/backup") => {
            node.create_backup(server, &body::<backups::CreateBackup>(exchange))
                .await
                .unwrap();
        }
        ("POST", "/api/servers/{}/backup/{}/restore") => {
            let backup = BackupId::from_uuid(ids[1]);
            node.restore_backup(server, backup, &body(exchange))
                .await
                .unwrap();
        }
        ("DELETE", "/api/servers/{}/backup/{}") if exchange.request.is_null() => {
            node.delete_backup(server, BackupId::from_uuid(ids[1]))
                .await
                .unwrap();
        }
        _ => return false,
    }
    true
}

#[tokio::test]
async fn calls_make_the_recorded_requests() {
    let mut made = BTreeSet::new();
    for exchange in exchanges() {
        if exchange.link != "panel>wings" || exchange.status >= 400 {
            continue;
        }
        let (daemon, node) = replay(&exchange);
        if call(&exchange, &node).await {
            assert_same(&exchange, &daemon);
            made.insert(format!("{} {}", exchange.method, exchange.template()));
        }
        daemon.stop().await;
    }
    assert!(made.len() >= 20, "{made:#?}");
}

#[tokio::test]
async fn recorded_refusals_keep_the_daemons_words() {
    let missing = exchanges()
        .into_iter()
        .find(|exchange| exchange.path.ends_with("file=/missing"))
        .unwrap();
    let (_daemon, node) = replay(&missing);
    let server = ServerId::from_uuid(ids(&missing)[0]);
    let error = node.read_file(server, "/missing", None).await.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().contains("file not found"), "{error}");

    let foreign = exchanges()
        .into_iter()
        .find(|exchange| exchange.status == 401)
        .unwrap();
    let (_daemon, node) = replay(&foreign);
    assert!(node.information().await.unwrap_err().is_unauthorized());

    let unknown = exchanges()
        .into_iter()
        .find(|exchange| exchange.template() == "/api/servers/{}" && exchange.status == 404)
        .unwrap();
    let (_daemon, node) = replay(&unknown);
    let server = ServerId::from_uuid(ids(&unknown)[0]);
    node.delete_server(server)
        .await
        .expect("already gone is deleted");
}

#[tokio::test]
async fn a_user_is_shut_out_by_all_that_the_daemon_offers() {
    let deny = exchanges()
        .into_iter()
        .find(|exchange| exchange.path.ends_with("/ws/deny"))
        .unwrap();
    let (daemon, node) = replay(&deny);
    let (user, server) = (UserId::new_v4(), ServerId::new_v4());
    node.revoke(user, server).await.unwrap();
    let seen = daemon.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].path, "/api/deauthorize-user");
    assert_eq!(
        seen[0].json(),
        serde_json::json!({"user": user, "servers": [server]})
    );
    assert_eq!(
        seen[1].json()["jtis"][0],
        wings_client::tokens::token_id(user, server)
    );
}
