//! Answers recorded requests with their recorded answers.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Mutex, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::options::SimError;
use crate::{SIMULATOR_HEADER, VERSION};

/// A line of a recording that is an exchange; other lines are skipped.
#[derive(Debug, Clone, Deserialize)]
struct Exchange {
    method: String,
    path: String,
    status: u16,
    #[serde(default)]
    response_headers: BTreeMap<String, String>,
    response: Value,
    #[serde(skip)]
    used: bool,
}

impl Exchange {
    fn matches(&self, method: &str, path: &str, same: impl Fn(&str) -> String) -> bool {
        self.method == method && same(&self.path) == same(path)
    }
}

/// Path without query and with every UUID as `{}`.
fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/')
        .map(|part| {
            if Uuid::try_parse(part).is_ok() {
                "{}"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// A recorded daemon.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Replay {
    /// Answers on `address` what a panel asked a daemon in `recording` (one JSON object a line): the first exchange not used yet with the
    /// same method and path, else with the same route, else the last one used; 404 for what was never asked.
    ///
    /// # Errors
    /// When a line is no JSON, or the address cannot be listened on.
    pub fn start(recording: &str, address: SocketAddr) -> Result<Self, SimError> {
        let failed = |source| SimError::Listen {
            address: address.to_string(),
            source,
        };
        let data = web::Data::new(Mutex::new(read(recording)?));
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .shutdown_timeout(0)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, handle })
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> Url {
        crate::sim::url_of(self.address)
    }

    /// Stops answering.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn read(recording: &str) -> Result<Vec<Exchange>, SimError> {
    let mut exchanges = Vec::new();
    for (index, line) in recording.lines().enumerate() {
        let failed = |error: serde_json::Error| SimError::Recording {
            line: index + 1,
            reason: error.to_string(),
        };
        let value: Value = serde_json::from_str(line).map_err(failed)?;
        if value["link"] == "panel>wings" && value.get("method").is_some() {
            exchanges.push(serde_json::from_value(value).map_err(failed)?);
        }
    }
    Ok(exchanges)
}

async fn answer(request: HttpRequest, exchanges: web::Data<Mutex<Vec<Exchange>>>) -> HttpResponse {
    let (method, path) = (request.method().as_str(), request.uri().to_string());
    let mut exchanges = exchanges.lock().unwrap_or_else(PoisonError::into_inner);
    let found = [false, true].into_iter().find_map(|used| {
        let exact = exchanges.iter().position(|exchange| {
            exchange.used == used && exchange.matches(method, &path, str::to_owned)
        });
        exact.or_else(|| {
            exchanges.iter().position(|exchange| {
                exchange.used == used && exchange.matches(method, &path, template)
            })
        })
    });
    let Some(exchange) = found.and_then(|index| exchanges.get_mut(index)) else {
        return HttpResponse::NotFound()
            .insert_header((SIMULATOR_HEADER, "wings-sim"))
            .json(serde_json::json!({"error": format!("{VERSION}: not in the recording")}));
    };
    exchange.used = true;
    let status = StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    response.insert_header((SIMULATOR_HEADER, "wings-sim"));
    for (name, value) in &exchange.response_headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    match &exchange.response {
        Value::Null => response.finish(),
        Value::String(text) => response.body(text.clone()),
        json => response.body(json.to_string()),
    }
}
