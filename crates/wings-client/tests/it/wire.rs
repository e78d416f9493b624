//! Every recorded message is understood without loss.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wings_client::Flavour;
use wings_client::wire::{backups, files, remote, server, system, websocket};

use crate::recording::{Exchange, Line, exchanges, lines, missing};

/// Reads `value` as `T` and checks that writing it again loses nothing.
fn understood<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T =
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"));
    let lost = missing(value, &serde_json::to_value(&read).unwrap(), "");
    assert!(lost.is_empty(), "{}: {lost:?}", std::any::type_name::<T>());
}

fn nothing(value: &Value) {
    assert!(
        value.is_null() || *value == serde_json::json!({}),
        "expected nothing, got {value}"
    );
}

fn text(value: &Value) {
    assert!(value.is_string(), "expected text, got {value}");
}

/// Ways to be answered with an error.
fn refusal(exchange: &Exchange) {
    match exchange.status {
        405 => nothing(&exchange.response),
        422 => text(&exchange.response),
        _ => understood::<system::ErrorBody>(&exchange.response),
    }
}

fn check(exchange: &Exchange) {
    let request = &exchange.request;
    let response = &exchange.response;
    let template = exchange.template();
    let refused = exchange.status >= 400;
    let answer = |understood: fn(&Value)| {
        if refused {
            refusal(exchange);
        } else {
            understood(response);
        }
    };
    match (
        exchange.link.as_str(),
        exchange.method.as_str(),
        template.as_str(),
    ) {
        ("wings>panel", "POST", "/api/remote/servers/reset") => nothing(request),
        ("wings>panel", "GET", "/api/remote/servers") => {
            understood::<remote::ServerPage>(response);
        }
        ("wings>panel", "GET", "/api/remote/servers/{}") => {
            understood::<remote::ServerDocument>(response);
        }
        ("wings>panel", "GET", "/api/remote/servers/{}/install") => {
            understood::<remote::InstallationScript>(response);
        }
        ("wings>panel", "POST", "/api/remote/servers/{}/install") => {
            understood::<remote::InstallResult>(request);
        }
        ("wings>panel", "POST", "/api/remote/backups/{}") => {
            understood::<remote::BackupResult>(request);
        }
        ("panel>wings", "GET", "/api/system") => {
            answer(understood::<system::SystemInformation>);
        }
        ("panel>wings", "GET", "/api/system/overview") => answer(understood::<system::Overview>),
        ("panel>wings", "GET", "/api/system/stats") => {
            answer(understood::<system::SystemStatsAnswer>);
        }
        ("panel>wings", "GET", "/api/servers") => answer(understood::<Vec<server::Server>>),
        ("panel>wings", "GET", "/api/servers/{}") => answer(understood::<server::Server>),
        ("panel>wings", "POST", "/api/servers") => {
            understood::<server::CreateServer>(request);
            answer(nothing);
        }
        ("panel>wings", "DELETE", "/api/servers/{}") => answer(nothing),
        ("panel>wings", "POST", "/api/servers/{}/commands") => {
            if !refused {
                understood::<server::Commands>(request);
            }
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/power") => {
            if !refused {
                understood::<server::Power>(request);
            }
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/reinstall") => {
            understood::<server::Reinstall>(request);
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/sync") => {
            if !request.is_null() {
                understood::<server::Sync>(request);
            }
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/ws/deny") => {
            understood::<server::DenyTokens>(request);
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/deauthorize-user") => {
            understood::<server::DeauthorizeUser>(request);
            answer(nothing);
        }
        ("panel>wings", "GET", "/api/servers/{}/logs") => answer(text),
        ("panel>wings", "GET", "/api/servers/{}/files/contents") => answer(text),
        ("panel>wings", "GET", "/download/file") => answer(text),
        ("panel>wings", "GET", "/api/servers/{}/files/list") => {
            answer(understood::<files::EntryPage>);
        }
        ("panel>wings", "GET", "/api/servers/{}/files/list-directory") => {
            answer(understood::<Vec<files::Entry>>);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/write") => answer(nothing),
        ("panel>wings", "POST", "/api/servers/{}/files/copy") => {
            understood::<files::Copy>(request);
            answer(understood::<files::Entry>);
        }
        ("panel>wings", "PUT", "/api/servers/{}/files/rename") => {
            understood::<files::Rename>(request);
            answer(understood::<files::Renamed>);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/create-directory") => {
            understood::<files::CreateDirectory>(request);
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/chmod") => {
            understood::<files::Chmod>(request);
            answer(understood::<files::Updated>);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/delete") => {
            understood::<files::Delete>(request);
            answer(understood::<files::Deleted>);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/compress") => {
            understood::<files::Compress>(request);
            if exchange.status == 202 {
                understood::<files::Started>(response);
            } else {
                answer(understood::<files::Entry>);
            }
        }
        ("panel>wings", "POST", "/api/servers/{}/files/decompress") => {
            understood::<files::Decompress>(request);
            understood::<files::Started>(response);
        }
        ("panel>wings", "POST", "/api/servers/{}/files/pull") => {
            understood::<files::Pull>(request);
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/backup") => {
            understood::<backups::CreateBackup>(request);
            answer(nothing);
        }
        ("panel>wings", "POST", "/api/servers/{}/backup/{}/restore") => {
            understood::<backups::RestoreBackup>(request);
            answer(nothing);
        }
        ("panel>wings", "DELETE", "/api/servers/{}/backup/{}") => {
            if !request.is_null() {
                understood::<backups::DeleteBackup>(request);
            }
            answer(nothing);
        }
        // Not called by this client yet, or routes that this daemon does not have.
        (
            "panel>wings",
            _,
            "/api/servers/utilization"
            | "/api/system/logs"
            | "/api/servers/{}/files/fingerprints"
            | "/api/servers/{}/files/fingerprint"
            | "/api/servers/{}/files/search"
            | "/api/servers/{}/script"
            | "/api/nope",
        )
        | ("panel>wings", "GET", "/api/servers/{}/backup/{}" | "/api/servers/{}/files/pull") => {
            if refused {
                refusal(exchange);
            }
        }
        other => panic!("no type is named for {other:?}"),
    }
}

#[test]
fn every_recorded_exchange_is_understood() {
    for exchange in exchanges() {
        check(&exchange);
    }
}

#[test]
fn every_recorded_socket_message_is_understood() {
    let mut seen = 0;
    for line in lines() {
        let Line::Socket(socket) = line else { continue };
        understood::<websocket::Message>(&socket.msg);
        let message: websocket::Message = serde_json::from_value(socket.msg).unwrap();
        if socket.dir == "client>server" {
            assert!(websocket::ClientEvent::parse(&message.event).is_some());
        } else {
            let event = websocket::ServerEvent::parse(&message.event).unwrap();
            if event == websocket::ServerEvent::Stats {
                understood::<server::Utilization>(&serde_json::from_str(&message.args[0]).unwrap());
            }
        }
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn the_daemon_tells_its_flavour_with_every_request() {
    for exchange in exchanges() {
        if exchange.link != "wings>panel" {
            continue;
        }
        let user_agent = exchange.request_headers["User-Agent"].as_str().unwrap();
        assert_eq!(Flavour::of_user_agent(user_agent), Some(Flavour::Calagopus));
    }
}

#[test]
fn statistics_have_one_unit() {
    let recorded = exchanges()
        .into_iter()
        .find(|exchange| exchange.path == "/api/system/stats")
        .unwrap();
    let answer: system::SystemStatsAnswer = serde_json::from_value(recorded.response).unwrap();
    let stats = answer.stats.in_bytes();
    assert_eq!(stats.memory.total, 24105 * 1024 * 1024);
    let mut newer = stats.clone();
    newer.memory.used_process = Some(1);
    assert_eq!(newer.clone().in_bytes(), newer);
}

/// What the Go daemons cannot live with must not be in what we write.
#[test]
fn written_configuration_suits_the_go_daemons() {
    let recorded = exchanges()
        .into_iter()
        .find(|exchange| exchange.template() == "/api/remote/servers/{}")
        .unwrap();
    let document: remote::ServerDocument = serde_json::from_value(recorded.response).unwrap();
    let written = serde_json::to_value(&document).unwrap();
    let rule = &written["process_configuration"]["configs"][0]["replace"][0];
    assert!(
        rule.get("if_value").is_none(),
        "null drops all rules: {rule}"
    );
    assert!(written["settings"]["environment"].is_object());
    assert!(written["settings"]["build"]["oom_killer"].is_boolean());
    assert!(written["settings"]["egg"]["features"].is_object());
    assert!(written["process_configuration"]["startup"]["user_interaction"].is_array());
}
