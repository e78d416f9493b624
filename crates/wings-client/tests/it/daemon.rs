//! A server on a real socket that answers what a test tells it to, and keeps what it was asked.

use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::StreamExt as _;
use serde_json::Value;
use url::Url;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) authorization: String,
    pub(crate) content_type: Option<String>,
    pub(crate) content_length: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Never answer at all.
    pub(crate) hang: bool,
    /// Begin to answer, and never come to the end of it.
    pub(crate) stall: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", "application/json".into())],
            body: body.to_string(),
            hang: false,
            stall: false,
        }
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            hang: false,
            stall: false,
        }
    }

    pub(crate) fn hang() -> Self {
        Self {
            hang: true,
            ..Self::text(200, "")
        }
    }

    pub(crate) fn stall(status: u16, beginning: &str) -> Self {
        Self {
            stall: true,
            ..Self::text(status, beginning)
        }
    }
}

type Script = dyn Fn(&Seen) -> Answer + Send + Sync;

#[derive(Clone)]
struct State {
    seen: Arc<Mutex<Vec<Seen>>>,
    script: Arc<Script>,
}

pub(crate) struct Daemon {
    pub(crate) url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
    handle: ServerHandle,
}

impl Daemon {
    pub(crate) fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(answer);
        let state = State {
            seen: Arc::clone(&seen),
            script,
        };
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(state.clone()))
                .default_service(web::to(handle))
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
        Self { url, seen, handle }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }

    pub(crate) async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

async fn handle(request: HttpRequest, body: web::Payload, state: web::Data<State>) -> HttpResponse {
    // What comes after a request for a websocket has no end.
    let body = if request.headers().contains_key("Upgrade") {
        web::Bytes::new()
    } else {
        body.to_bytes().await.unwrap()
    };
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let seen = Seen {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: url::form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect(),
        authorization: header("Authorization").unwrap_or_default(),
        content_type: header("Content-Type"),
        content_length: header("Content-Length"),
        body: body.to_vec(),
    };
    state.seen.lock().unwrap().push(seen.clone());
    let answer = (state.script)(&seen);
    if answer.hang {
        std::future::pending::<()>().await;
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    if answer.stall {
        let beginning = Ok::<_, std::io::Error>(web::Bytes::from(answer.body));
        let never = futures_util::stream::pending();
        return response.streaming(futures_util::stream::iter([beginning]).chain(never));
    }
    response.body(answer.body)
}
