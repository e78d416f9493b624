//! Asks a panel over HTTP: cookies, API keys and consistency tokens as a browser or a program has them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderMap, SET_COOKIE};
use serde_json::Value;

use crate::Outcome;

pub use reqwest::Method;

/// The header in which a panel says how far its answer has come, and in which a reader asks for no less.
pub const CONSISTENCY_HEADER: &str = "x-consistency-token";

#[derive(Debug, Default)]
struct Jar {
    cookies: BTreeMap<String, String>,
    consistency: Option<String>,
}

/// Somebody who asks a panel. A clone shares cookies and what was seen of own writes.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// Where the proxy in front of the panel says it is: rate limits count by it.
    address: Ipv4Addr,
    bearer: Option<String>,
    /// Whether it is a page, which says in a header what it has written, or somebody who follows a link.
    page: bool,
    jar: Arc<Mutex<Jar>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body if it is JSON, else null.
    pub body: Value,
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The body of a 2xx answer.
    ///
    /// # Errors
    /// Another status.
    pub fn ok(self) -> Outcome<Value> {
        if self.is_success() {
            Ok(self.body)
        } else {
            Err(format!("answered {}: {}", self.status, self.body).into())
        }
    }
}

impl Client {
    /// Somebody new who asks the panel at `base` (such as `http://127.0.0.1:8000`) and waits at most `patience` for an answer.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(base: &str, patience: Duration) -> Outcome<Self> {
        // The second caller finds it installed, which is all that is wanted.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        let http = reqwest::Client::builder()
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            address: next_address(),
            bearer: None,
            page: true,
            jar: Arc::default(),
        })
    }

    /// Somebody else, over the same connections: another address, no cookies, no key.
    #[must_use]
    pub fn stranger(&self) -> Self {
        Self {
            address: next_address(),
            bearer: None,
            jar: Arc::default(),
            ..self.clone()
        }
    }

    /// The same one at another panel, with the same cookies and tokens.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            ..self.clone()
        }
    }

    /// The same one who follows a link: with cookies, but without what a page adds.
    #[must_use]
    pub fn navigating(&self) -> Self {
        Self {
            page: false,
            ..self.clone()
        }
    }

    /// A program with this API key, without cookies.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            bearer: Some(key.to_owned()),
            jar: Arc::default(),
            ..self.clone()
        }
    }

    /// The same credential on another device: nothing is known there of what was written here.
    #[must_use]
    pub fn other_device(&self) -> Self {
        let cookies = self
            .jar()
            .cookies
            .iter()
            .filter(|(name, _)| !name.contains("consistency"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Self {
            jar: Arc::new(Mutex::new(Jar {
                cookies,
                consistency: None,
            })),
            ..self.clone()
        }
    }

    /// Signs in with a password; the cookies are kept.
    ///
    /// # Errors
    /// The panel does not answer, or refuses.
    pub async fn sign_in(&self, username: &str, password: &str) -> Outcome<Value> {
        let body = serde_json::json!({ "user": username, "password": password });
        self.post("/api/auth/login", &body).await
    }

    /// The body of a 2xx answer to a `GET`.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn get(&self, path: &str) -> Outcome<Value> {
        self.ask(Method::GET, path, None).await
    }

    /// The body of a 2xx answer to a `POST`.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// The body of a 2xx answer to a `PUT`.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn put(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// The text of a 2xx answer to a `GET`.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn text(&self, path: &str) -> Outcome<String> {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let name = format!("{method} {path}");
        let answer = self.send(method, path, body, &[]).await;
        answer
            .map_err(Into::into)
            .and_then(Answer::ok)
            .map_err(|error| format!("{name}: {error}").into())
    }

    /// The text of a 2xx answer to a `GET`, asked as whoever this is.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn read_text(&self, path: &str) -> Outcome<String> {
        let answer = self.prepare(Method::GET, path).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status.is_success() {
            Ok(text)
        } else {
            Err(format!("GET {path}: answered {}: {text}", status.as_u16()).into())
        }
    }

    /// Sends a text with `POST`, which must be answered with 2xx.
    ///
    /// # Errors
    /// No answer, or another status.
    pub async fn write_text(&self, path: &str, text: &str) -> Outcome {
        let request = self.prepare(Method::POST, path);
        let request = request
            .header("content-type", "text/plain")
            .body(text.to_owned());
        let answer = request.send().await?;
        self.keep(answer.headers());
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let text = answer.text().await?;
        Err(format!("POST {path}: answered {}: {text}", status.as_u16()).into())
    }

    /// Sends a request with these headers besides the usual ones.
    ///
    /// # Errors
    /// No answer came, or it broke off.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.prepare(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let bytes = answer.bytes().await?;
        self.keep(&headers);
        Ok(Answer {
            status,
            headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }

    /// A request with the usual headers.
    fn prepare(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header("accept", "application/json")
            .header("x-forwarded-for", self.address.to_string());
        {
            let jar = self.jar();
            match &self.bearer {
                Some(bearer) => request = request.bearer_auth(bearer),
                None => request = request.header("sec-fetch-site", "same-origin"),
            }
            if let Some(token) = jar.consistency.as_ref().filter(|_| self.page) {
                request = request.header(CONSISTENCY_HEADER, token);
            }
            if !jar.cookies.is_empty() {
                let pairs = jar.cookies.iter();
                let pairs: Vec<_> = pairs
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                request = request.header("cookie", pairs.join("; "));
            }
        }
        request
    }

    /// The values of its cookies, which nobody else may see.
    #[must_use]
    pub fn cookies(&self) -> Vec<String> {
        self.jar().cookies.values().cloned().collect()
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A program keeps nothing: what it wrote is remembered for it by the panel.
    fn keep(&self, headers: &HeaderMap) {
        if self.bearer.is_some() {
            return;
        }
        let mut jar = self.jar();
        if let Some(token) = headers
            .get(CONSISTENCY_HEADER)
            .and_then(|t| t.to_str().ok())
        {
            jar.consistency = Some(token.to_owned());
        }
        for cookie in headers.get_all(SET_COOKIE) {
            let mut parts = cookie
                .to_str()
                .unwrap_or_default()
                .split(';')
                .map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
                jar.cookies.remove(name);
            } else {
                jar.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn next_address() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let first = Ipv4Addr::new(10, 0, 0, 0).to_bits();
    Ipv4Addr::from_bits(first + NEXT.fetch_add(1, Ordering::Relaxed))
}
