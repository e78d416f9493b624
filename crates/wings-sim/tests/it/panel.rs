//! A panel that knows some servers and keeps what daemons tell it, and a simulated node that belongs to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use panel_domain::clock::SystemClock;
use panel_domain::id::{NodeId, ServerId};
use serde_json::{Value, json};
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;
use wings_client::wire::config::{ApiConfig, NodeConfig, SystemConfig};
use wings_client::wire::remote::ServerDocument;
use wings_client::wire::server::CreateServer;
use wings_client::{NodeClient, NodeTarget, Nodes, Settings};
use wings_sim::{SimOptions, WingsSim};

pub(crate) const TOKEN_ID: &str = "abcdefghijklmnop";
pub(crate) const TOKEN: &str = "a-secret-of-the-node";

/// Something a daemon did at the panel.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) raw: Vec<u8>,
    pub(crate) simulator: String,
    pub(crate) user_agent: String,
    pub(crate) body: Value,
}

#[derive(Debug, Default)]
struct Inner {
    servers: BTreeMap<Uuid, ServerDocument>,
    calls: Vec<Call>,
    /// Answers to give instead, first come first served.
    refusals: Vec<(String, u16)>,
    /// What lies where signed addresses lead.
    objects: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) url: Url,
    inner: Arc<Mutex<Inner>>,
    changed: watch::Sender<u64>,
    handle: ServerHandle,
}

pub(crate) fn document(server: Uuid) -> ServerDocument {
    serde_json::from_value(json!({
        "settings": {
            "uuid": server, "meta": {"name": "Lobby", "description": ""}, "suspended": false,
            "invocation": "java -Xmx{{SERVER_MEMORY}}M -jar {{JAR}} --port {{SERVER_PORT}}", "skip_egg_scripts": false,
            "environment": {"JAR": "server.jar"},
            "allocations": {"force_outgoing_ip": false, "default": {"ip": "127.0.0.1", "port": 25565}, "mappings": {}},
            "build": {"memory_limit": 512, "swap": 0, "cpu_limit": 100, "disk_space": 512, "oom_disabled": true},
            "egg": {"id": Uuid::from_u128(1)}, "container": {"image": "example/java:21"},
        },
        "process_configuration": {
            "startup": {"done": [")! For help, type "]}, "stop": {"type": "command", "value": "stop"},
        },
    }))
    .unwrap()
}

impl Panel {
    pub(crate) fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let changed = watch::Sender::new(0);
        let data = web::Data::new((Arc::clone(&inner), changed.clone()));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .shutdown_timeout(0)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]).parse().unwrap();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            url,
            inner,
            changed,
            handle,
        }
    }

    pub(crate) fn add(&self, document: ServerDocument) -> Uuid {
        let server = document.settings.uuid;
        self.inner.lock().unwrap().servers.insert(server, document);
        server
    }

    pub(crate) fn remove(&self, server: Uuid) {
        self.inner.lock().unwrap().servers.remove(&server);
    }

    /// Takes a server away for a while.
    pub(crate) fn hide(&self, server: Uuid) -> ServerDocument {
        self.inner.lock().unwrap().servers.remove(&server).unwrap()
    }

    /// Puts a file where everybody can fetch it; gives its address.
    pub(crate) fn file(&self, content: &[u8]) -> String {
        let path = format!("/objects/{}", Uuid::new_v4());
        let mut inner = self.inner.lock().unwrap();
        inner.objects.insert(path.clone(), content.to_vec());
        self.url.join(&path).unwrap().to_string()
    }

    /// What lies at a path.
    pub(crate) fn object(&self, path: &str) -> Option<Vec<u8>> {
        self.inner.lock().unwrap().objects.get(path).cloned()
    }

    pub(crate) fn edit(&self, server: Uuid, edit: impl FnOnce(&mut ServerDocument)) {
        edit(self.inner.lock().unwrap().servers.get_mut(&server).unwrap());
    }

    /// Answers the next call whose path ends so with this status.
    pub(crate) fn refuse(&self, path: &str, status: u16) {
        self.inner
            .lock()
            .unwrap()
            .refusals
            .push((path.to_owned(), status));
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.inner.lock().unwrap().calls.clone()
    }

    pub(crate) fn calls_of(&self, method: &str, path: &str) -> Vec<Call> {
        let of = |call: &Call| call.method == method && call.path.ends_with(path);
        self.calls().into_iter().filter(of).collect()
    }

    /// Waits until so many calls of this kind have come.
    pub(crate) async fn wait_for(&self, method: &str, path: &str, count: usize) -> Vec<Call> {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            while self.calls_of(method, path).len() < count {
                changed.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting)
            .await
            .unwrap_or_else(|_| panic!("no {method} {path} but {:#?}", self.calls()));
        self.calls_of(method, path)
    }

    pub(crate) async fn stop(&self) {
        self.handle.stop(false).await;
    }

    pub(crate) fn config(&self) -> NodeConfig {
        NodeConfig {
            debug: false,
            uuid: Uuid::from_u128(9),
            token_id: TOKEN_ID.into(),
            token: TOKEN.into(),
            api: ApiConfig {
                host: "127.0.0.1".into(),
                port: 0,
                ..ApiConfig::default()
            },
            system: SystemConfig::default(),
            allowed_mounts: Vec::new(),
            remote: self.url.as_str().trim_end_matches('/').to_owned(),
            allowed_origins: Vec::new(),
        }
    }

    pub(crate) async fn node(&self) -> WingsSim {
        WingsSim::start(SimOptions::stepped(self.config()))
            .await
            .unwrap()
    }
}

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    data: web::Data<(Arc<Mutex<Inner>>, watch::Sender<u64>)>,
) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    };
    let path = request.path().to_owned();
    if path.starts_with("/objects/") {
        return object(&mut data.0.lock().unwrap(), request.method(), path, &body);
    }
    assert_eq!(
        header("Authorization"),
        format!("Bearer {TOKEN_ID}.{TOKEN}")
    );
    let response = {
        let mut inner = data.0.lock().unwrap();
        inner.calls.push(Call {
            method: request.method().to_string(),
            path: path.clone(),
            query: request.query_string().to_owned(),
            raw: body.to_vec(),
            simulator: header("X-Simulator"),
            user_agent: header("User-Agent"),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        });
        let refusal = inner
            .refusals
            .iter()
            .position(|(part, _)| path.ends_with(part.as_str()));
        match refusal {
            Some(index) => {
                let (_, status) = inner.refusals.remove(index);
                HttpResponse::build(StatusCode::from_u16(status).unwrap()).finish()
            }
            None if path.contains("/backups/") && request.method() == "GET" => {
                parts(&path, request.query_string(), &request)
            }
            None => regular(&inner, request.method().as_str(), &path),
        }
    };
    data.1.send_modify(|count| *count += 1);
    response
}

/// Files that anybody may fetch, and put where an address was given out.
fn object(
    inner: &mut Inner,
    method: &actix_web::http::Method,
    path: String,
    body: &web::Bytes,
) -> HttpResponse {
    if method == "PUT" {
        let etag = format!("\"{}\"", inner.objects.len());
        inner.objects.insert(path, body.to_vec());
        return HttpResponse::Ok().insert_header(("ETag", etag)).finish();
    }
    match inner.objects.get(&path) {
        Some(content) => HttpResponse::Ok()
            .content_type("application/gzip")
            .body(content.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Places for parts of 100 bytes each.
fn parts(path: &str, query: &str, request: &HttpRequest) -> HttpResponse {
    let backup = path.split('/').nth(4).unwrap();
    let size = query
        .strip_prefix("size=")
        .map_or(5000, |size| size.parse().unwrap());
    let host = request.headers().get("Host").unwrap().to_str().unwrap();
    let parts: Vec<String> = (1..=usize::div_ceil(size, 100))
        .map(|part| format!("http://{host}/objects/{backup}/{part}"))
        .collect();
    HttpResponse::Ok().json(json!({"parts": parts, "part_size": 100}))
}

fn regular(inner: &Inner, method: &str, path: &str) -> HttpResponse {
    let parts: Vec<&str> = path.trim_start_matches("/api/remote/").split('/').collect();
    let server = |text: &str| inner.servers.get(&Uuid::try_parse(text).unwrap());
    match (method, parts.as_slice()) {
        ("GET", ["servers"]) => {
            let data: Vec<Value> = inner
                .servers
                .iter()
                .map(|(uuid, document)| {
                    let mut value = serde_json::to_value(document).unwrap();
                    value["uuid"] = json!(uuid);
                    value
                })
                .collect();
            HttpResponse::Ok().json(json!({
                "meta": {"current_page": 1, "last_page": 1, "total": data.len(), "from": 1, "to": data.len(), "per_page": 50},
                "data": data,
            }))
        }
        ("GET", ["servers", uuid]) => match server(uuid) {
            Some(document) => HttpResponse::Ok().json(document),
            None => HttpResponse::NotFound().finish(),
        },
        ("GET", ["servers", _, "install"]) => HttpResponse::Ok().json(json!({
            "container_image": "example/installer", "entrypoint": "bash",
            "script": "#!/bin/bash\necho installing ${JAR}\ntouch x\n", "environment": {},
        })),
        ("POST", ["sftp", "auth"]) => HttpResponse::Ok().json(json!({
            "user": Uuid::from_u128(5), "server": Uuid::from_u128(6), "permissions": ["*"],
        })),
        ("POST", _) => HttpResponse::NoContent().finish(),
        _ => HttpResponse::NotFound().finish(),
    }
}

/// A client for the simulated node.
pub(crate) fn client(sim: &WingsSim) -> NodeClient {
    Nodes::new(Arc::new(SystemClock), Settings::default())
        .unwrap()
        .node(target(sim))
}

pub(crate) fn target(sim: &WingsSim) -> NodeTarget {
    NodeTarget {
        id: NodeId::new_v4(),
        url: sim.url(),
        token_id: TOKEN_ID.into(),
        token: TOKEN.into(),
    }
}

/// A server that is installed and offline.
pub(crate) async fn installed(panel: &Panel, sim: &WingsSim) -> ServerId {
    let server = panel.add(document(Uuid::new_v4()));
    let before = panel.calls_of("POST", &format!("{server}/install")).len();
    let order = CreateServer {
        uuid: server,
        start_on_completion: false,
        skip_scripts: false,
    };
    client(sim).create_server(&order).await.unwrap();
    sim.finish_install(server, true).await.unwrap();
    panel
        .wait_for("POST", &format!("{server}/install"), before + 1)
        .await;
    sim.wait_for_servers("installed", |servers| {
        servers
            .iter()
            .any(|found| found.uuid == server && !found.installing)
    })
    .await
    .unwrap();
    ServerId::from_uuid(server)
}
