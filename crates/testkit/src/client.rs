//! Who asks the panel something.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use panel_domain::id::{NodeId, UserId};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::must::Must as _;
use crate::traffic::{self, Exchange};

/// What kind of caller a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Principal {
    /// Nobody.
    Anonymous,
    /// A user's browser.
    Session,
    /// A user's program.
    ApiKey,
    /// A node's daemon.
    Node,
}

#[derive(Debug, Default)]
struct Jar {
    cookies: BTreeMap<String, String>,
    bearer: Option<String>,
    principal: Option<Principal>,
    consistency: Option<String>,
}

/// A browser, a program, or a daemon. A clone is the same one: it shares cookies and what it has seen of its own writes.
///
/// Each has an address of its own, so that what one does to a rate limit is nothing to the others.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    address: IpAddr,
    user: Option<UserId>,
    node: Option<NodeId>,
    jar: Arc<Mutex<Jar>>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

const CONSISTENCY_HEADER: &str = "x-consistency-token";

impl Client {
    pub(crate) fn new(
        http: reqwest::Client,
        base: Url,
        exchanges: Arc<Mutex<Vec<Exchange>>>,
    ) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            http,
            base,
            address: IpAddr::V4(Ipv4Addr::from_bits(
                Ipv4Addr::new(10, 0, 0, 0).to_bits() + number,
            )),
            user: None,
            node: None,
            jar: Arc::default(),
            exchanges,
        }
    }

    pub(crate) fn of_user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    pub(crate) fn of_node(mut self, node: NodeId) -> Self {
        self.node = Some(node);
        self
    }

    /// The same client with this credential.
    #[must_use]
    pub fn with_bearer(self, bearer: &str, principal: Principal) -> Self {
        {
            let mut jar = self.jar();
            jar.bearer = Some(bearer.to_owned());
            jar.principal = Some(principal);
        }
        self
    }

    /// The same client at another process of the panel, with the same cookies.
    #[must_use]
    pub fn at(&self, base: &Url) -> Self {
        Self {
            base: base.clone(),
            ..self.clone()
        }
    }

    /// The same client, seen from this address.
    #[must_use]
    pub fn from_address(&self, address: IpAddr) -> Self {
        Self {
            address,
            ..self.clone()
        }
    }

    /// Another client that knows the same credential but shows no token of what it wrote, such as a second device.
    #[must_use]
    pub fn without_consistency_token(&self) -> Self {
        let jar = {
            let jar = self.jar();
            let mut cookies = jar.cookies.clone();
            cookies.retain(|name, _| !name.contains("consistency"));
            Jar {
                cookies,
                bearer: jar.bearer.clone(),
                principal: jar.principal,
                consistency: None,
            }
        };
        Self {
            jar: Arc::new(Mutex::new(jar)),
            ..self.clone()
        }
    }

    /// The user this client acts for.
    ///
    /// # Panics
    /// When it acts for nobody.
    #[track_caller]
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user.must("this client acts for no user")
    }

    /// The node this client is the daemon of.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    #[must_use]
    pub fn node_id(&self) -> NodeId {
        self.node.must("this client is no daemon")
    }

    /// The address the panel sees it at.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// A cookie it holds.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().cookies.get(name).cloned()
    }

    /// Gives it a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar().cookies.insert(name.to_owned(), value.to_owned());
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    /// `POST` of a JSON body.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    /// `PUT` of a JSON body.
    pub async fn put(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PUT, path).json(body).send().await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: impl Serialize) -> Answer {
        self.request(Method::PATCH, path).json(body).send().await
    }

    /// `DELETE` without a body.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// A request to be completed.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        // Said by the proxy in front of the panel.
        insert(&mut headers, "x-forwarded-for", &self.address.to_string());
        let jar = self.jar();
        if let Some(bearer) = &jar.bearer {
            insert(&mut headers, "authorization", &format!("Bearer {bearer}"));
        } else {
            insert(&mut headers, "sec-fetch-site", "same-origin");
        }
        if let Some(token) = &jar.consistency {
            insert(&mut headers, CONSISTENCY_HEADER, token);
        }
        if !jar.cookies.is_empty() {
            let cookies: Vec<_> = jar
                .cookies
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            insert(&mut headers, COOKIE.as_str(), &cookies.join("; "));
        }
        Request {
            client: self.clone(),
            method,
            path: path.to_owned(),
            headers,
            body: Vec::new(),
            json: Value::Null,
        }
    }

    fn principal(&self) -> Principal {
        let jar = self.jar();
        jar.principal.unwrap_or(
            if jar
                .cookies
                .contains_key(panel_http_api::state::SESSION_COOKIE)
            {
                Principal::Session
            } else {
                Principal::Anonymous
            },
        )
    }

    fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what the answer wants kept, as a browser and our page do.
    fn keep(&self, headers: &HeaderMap) {
        let mut jar = self.jar();
        if let Some(token) = headers.get(CONSISTENCY_HEADER) {
            jar.consistency = token.to_str().ok().map(ToOwned::to_owned);
        }
        for cookie in headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap_or_default();
            let mut parts = cookie.split(';').map(str::trim);
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

/// A request that is not sent yet.
#[derive(Debug)]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    json: Value,
}

impl Request {
    /// With this header, instead of one of the same name.
    ///
    /// # Panics
    /// When it cannot be a header.
    #[track_caller]
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        insert(&mut self.headers, name, value);
        self
    }

    /// Without this header, which clients send by themselves.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With a JSON body.
    ///
    /// # Panics
    /// When the value is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(mut self, body: impl Serialize) -> Self {
        self.json = serde_json::to_value(body).must("the body is not JSON");
        let bytes = self.json.to_string().into_bytes();
        let json = std::mem::take(&mut self.json);
        let mut request = self.body(bytes, "application/json");
        request.json = json;
        request
    }

    /// With any body.
    ///
    /// # Panics
    /// When the media type cannot be a header.
    #[track_caller]
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>, content_type: &str) -> Self {
        self.body = body.into();
        self.json = Value::Null;
        insert(&mut self.headers, CONTENT_TYPE.as_str(), content_type);
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn send(self) -> Answer {
        let name = format!("{} {}", self.method, self.path);
        self.exchange().await.must(&name)
    }

    /// Sends it to a panel that may not be there; nothing when no answer comes.
    pub async fn try_send(self) -> Option<Answer> {
        self.exchange().await.ok()
    }

    async fn exchange(self) -> Result<Answer, reqwest::Error> {
        let Self {
            client,
            method,
            path,
            headers,
            body,
            json,
        } = self;
        let principal = client.principal();
        let name = format!("{method} {path}");
        let url = client.base.join(&path).must(&name);
        let sent = client
            .http
            .request(method.clone(), url.clone())
            .headers(headers)
            .body(body)
            .send();
        let answer = sent.await?;
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let body = answer.bytes().await?.to_vec();
        client.keep(&headers);
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        let is_json = content_type
            .as_deref()
            .is_some_and(|content_type| content_type.starts_with("application/json"));
        let answered = if is_json {
            serde_json::from_slice(&body).must(&name)
        } else {
            Value::Null
        };
        let exchange = Exchange {
            method: method.to_string(),
            path: url.path().to_owned(),
            query: url.query().map(ToOwned::to_owned),
            principal,
            request_body: json,
            status,
            content_type,
            response_body: if is_json || body.is_empty() {
                answered.clone()
            } else {
                Value::String(String::from_utf8_lossy(&body).into_owned())
            },
        };
        traffic::record(&exchange);
        client
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(exchange);
        Ok(Answer {
            request: name,
            status,
            headers,
            json: answered,
            body,
        })
    }
}

#[track_caller]
fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).must("a header's name");
    let value = HeaderValue::from_str(value).must("a header's value");
    headers.insert(name, value);
}
