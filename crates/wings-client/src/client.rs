//! One node's API, typed. Calls that differ between flavours learn the flavour first (once for each node and process).

mod archives;
mod backups;
mod files;
mod links;
mod machine;
mod maintenance;
mod schedules;
mod search;
mod servers;
mod sessions;
mod sockets;
mod stream;
mod system;
mod transfers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use panel_domain::id::NodeId;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use archives::{PullStatus, Work};
pub use links::{Download, Link, UploadTarget};
pub use sockets::{Frame, NodeSocket};
pub use stream::{ByteStream, Content};
pub use system::NodeInformation;

use crate::breaker::Permit;
use crate::capability::Capability;
use crate::error::{Cause, Effect, Error};
use crate::flavour::Profile;
use crate::nodes::{NodeState, Shared};
use crate::target::NodeTarget;
use crate::wire::system::ErrorBody;

/// Largest answer that is read into memory; a longer one is not of this protocol.
const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// Longest message of a daemon that is passed on.
const LONGEST_MESSAGE: usize = 500;

/// A call: its name in errors and metrics, how long it may take, what repeating it would do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    name: &'static str,
    pace: Pace,
    effect: Effect,
}

#[derive(Debug, Clone, Copy)]
enum Pace {
    Probe,
    Normal,
    Search,
    Long,
    Stream,
}

impl Call {
    const fn probe(name: &'static str) -> Self {
        Self {
            name,
            pace: Pace::Probe,
            effect: Effect::Repeatable,
        }
    }

    const fn read(name: &'static str) -> Self {
        Self {
            name,
            pace: Pace::Normal,
            effect: Effect::Repeatable,
        }
    }

    const fn with(name: &'static str, effect: Effect) -> Self {
        Self {
            name,
            pace: Pace::Normal,
            effect,
        }
    }

    const fn long(name: &'static str, effect: Effect) -> Self {
        Self {
            name,
            pace: Pace::Long,
            effect,
        }
    }

    /// A read that may take its time: a search, a count of everything.
    const fn search(name: &'static str) -> Self {
        Self {
            name,
            pace: Pace::Search,
            effect: Effect::Repeatable,
        }
    }

    const fn stream(name: &'static str) -> Self {
        Self {
            name,
            pace: Pace::Stream,
            effect: Effect::Repeatable,
        }
    }
}

/// Calls one node. Made by [`crate::Nodes::node`]; cheap to clone.
#[derive(Debug, Clone)]
pub struct NodeClient {
    shared: Arc<Shared>,
    target: Arc<NodeTarget>,
    state: Arc<NodeState>,
}

impl NodeClient {
    pub(crate) fn new(shared: Arc<Shared>, target: NodeTarget, state: Arc<NodeState>) -> Self {
        Self {
            shared,
            target: Arc::new(target),
            state,
        }
    }

    /// Which node it is.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.target.id
    }

    /// Where the node is and its credential.
    #[must_use]
    pub fn target(&self) -> &NodeTarget {
        &self.target
    }

    /// What the daemon is, if it was asked since this process started, without asking it.
    #[must_use]
    pub fn known_profile(&self) -> Option<Profile> {
        self.state.profile()
    }

    /// Tells what the daemon is, as learned earlier and stored, so that it need not be asked.
    pub fn assume_profile(&self, profile: Profile) {
        self.state.learn(profile);
    }

    /// What the daemon is; asks it when that is not yet known. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::information`].
    pub async fn profile(&self) -> Result<Profile, Error> {
        match self.state.profile() {
            Some(profile) => Ok(profile),
            None => Ok(self.information().await?.profile),
        }
    }

    async fn require(&self, capability: Capability) -> Result<Profile, Error> {
        let profile = self.profile().await?;
        if profile.capabilities().has(capability) {
            Ok(profile)
        } else {
            Err(Error::LacksCapability {
                capability,
                flavour: profile.flavour,
            })
        }
    }

    /// A request with our credential.
    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.bare_request(method, path)
            .bearer_auth(self.target.token.expose())
            .header(ACCEPT, "application/json")
    }

    /// A request without a credential. A base address that cannot have a path gives a request that fails to be sent.
    fn bare_request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.target.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.shared.http.request(method, url)
    }

    /// Sends `request` and reads an answer of type `T`.
    async fn fetch<T: DeserializeOwned>(
        &self,
        call: Call,
        request: RequestBuilder,
    ) -> Result<T, Error> {
        let (status, body) = self.exchange(call, request).await?;
        serde_json::from_slice(&body).map_err(|error| Error::Unexpected {
            call: call.name,
            status,
            detail: error.to_string(),
        })
    }

    /// Sends `request` with `body` as JSON and reads an answer of type `T`.
    async fn fetch_json<T: DeserializeOwned, B: Serialize + Sync>(
        &self,
        call: Call,
        request: RequestBuilder,
        body: &B,
    ) -> Result<T, Error> {
        self.fetch(call, request.json(body)).await
    }

    /// Sends `request` and wants nothing but success; flavours differ in 200, 202, 204 and in their bodies.
    async fn act(&self, call: Call, request: RequestBuilder) -> Result<(), Error> {
        self.exchange(call, request).await.map(drop)
    }

    /// Sends `request` with `body` as JSON and wants nothing but success.
    async fn act_json<T: Serialize + Sync>(
        &self,
        call: Call,
        request: RequestBuilder,
        body: &T,
    ) -> Result<(), Error> {
        self.act(call, request.json(body)).await
    }

    /// Sends `request` and reads the whole of a successful answer.
    async fn exchange(&self, call: Call, request: RequestBuilder) -> Result<(u16, Bytes), Error> {
        let deadlines = self.shared.settings.deadlines;
        let total = match call.pace {
            Pace::Probe => deadlines.probe,
            Pace::Normal => deadlines.normal,
            Pace::Search => deadlines.search,
            Pace::Long => deadlines.long,
            Pace::Stream => deadlines.stream_piece,
        };
        let began = Instant::now();
        let permit = self.permit(call)?;
        match self.send(request, total).await {
            Ok(response) => self.receive(call, permit, response, began).await,
            Err(error) => Err(self.transport_failure(call, permit, &error, began)),
        }
    }

    /// Sends `request`, and a reading whose connection broke once more: a daemon closes connections that nobody used for a while, perhaps
    /// in the moment in which one is used again.
    async fn send(
        &self,
        request: RequestBuilder,
        total: Duration,
    ) -> Result<Response, reqwest::Error> {
        let began = Instant::now();
        let http = &self.shared.http;
        let request = request.timeout(total).build()?;
        let again = (request.method() == Method::GET)
            .then(|| request.try_clone())
            .flatten();
        let answer = http.execute(request).await;
        match (answer, again) {
            (Err(error), Some(mut again)) if cause_of(&error) == Some(Cause::Broken) => {
                *again.timeout_mut() = Some(total.saturating_sub(began.elapsed()));
                http.execute(again).await
            }
            (answer, _) => answer,
        }
    }

    /// Reads the whole of an answer and says what it means.
    async fn receive(
        &self,
        call: Call,
        permit: Permit,
        response: Response,
        began: Instant,
    ) -> Result<(u16, Bytes), Error> {
        let status = response.status();
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let body = match self.body_of(response).await {
            Some(Ok(body)) => body,
            Some(Err(error)) => return Err(self.transport_failure(call, permit, &error, began)),
            None => return Err(self.unreachable(call, permit, Cause::Deadline, began)),
        };
        permit.answered();
        let result = judge(call, status, is_json, body);
        self.measure(call, if result.is_ok() { "ok" } else { "refused" }, began);
        result
    }

    /// Sends `request` and hands over a successful answer as soon as its head is there.
    async fn open(&self, call: Call, request: RequestBuilder) -> Result<Response, Error> {
        let began = Instant::now();
        let permit = self.permit(call)?;
        let head =
            tokio::time::timeout(self.shared.settings.deadlines.normal, request.send()).await;
        let response = match head {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.transport_failure(call, permit, &error, began)),
            Err(_) => return Err(self.unreachable(call, permit, Cause::Deadline, began)),
        };
        permit.answered();
        if response.status().is_success() {
            self.measure(call, "ok", began);
            return Ok(response);
        }
        self.measure(call, "refused", began);
        let status = response.status();
        // Whatever comes of its words, the status says what is to be known.
        let body = match self.body_of(response).await {
            Some(Ok(body)) => body,
            _ => Bytes::new(),
        };
        match judge(call, status, true, body) {
            Err(error) => Err(error),
            Ok(_) => Err(Error::Unexpected {
                call: call.name,
                status: status.as_u16(),
                detail: "neither success nor error".into(),
            }),
        }
    }

    /// The whole body of an answer that is read into memory. `None`: it stopped coming. Streams and uploads have no deadline as a whole, so a
    /// node that answers and then falls silent is noticed here.
    async fn body_of(&self, response: Response) -> Option<Result<Bytes, reqwest::Error>> {
        tokio::time::timeout(self.stream_piece(), read_bounded(response))
            .await
            .ok()
    }

    fn permit(&self, call: Call) -> Result<Permit, Error> {
        let permit = self.state.breaker.permit(self.shared.clock.now());
        permit.ok_or_else(|| {
            count(call, Cause::Resting.label());
            Error::Unreachable {
                node: self.target.id,
                call: call.name,
                cause: Cause::Resting,
            }
        })
    }

    fn transport_failure(
        &self,
        call: Call,
        permit: Permit,
        error: &reqwest::Error,
        began: Instant,
    ) -> Error {
        let Some(cause) = cause_of(error) else {
            return Error::Unexpected {
                call: call.name,
                status: 0,
                detail: Chain(error).to_string(),
            };
        };
        tracing::debug!(node = %self.target.id, call = call.name, effect = ?call.effect, error = %Chain(error), "node gave no answer");
        self.unreachable(call, permit, cause, began)
    }

    fn unreachable(&self, call: Call, permit: Permit, cause: Cause, began: Instant) -> Error {
        permit.failed(self.shared.clock.now());
        self.measure(call, cause.label(), began);
        Error::Unreachable {
            node: self.target.id,
            call: call.name,
            cause,
        }
    }

    fn measure(&self, call: Call, outcome: &'static str, began: Instant) {
        count(call, outcome);
        metrics::histogram!("wings_call_seconds", "call" => call.name)
            .record(began.elapsed().as_secs_f64());
    }

    fn stream_piece(&self) -> Duration {
        self.shared.settings.deadlines.stream_piece
    }
}

/// Why there was no answer; nothing when it is our own mistake (an address that is no base, say) and not the node's silence.
fn cause_of(error: &reqwest::Error) -> Option<Cause> {
    if error.is_builder() {
        None
    } else if error.is_connect() {
        Some(Cause::Connect)
    } else if error.is_timeout() {
        Some(Cause::Deadline)
    } else {
        Some(Cause::Broken)
    }
}

fn count(call: Call, outcome: &'static str) {
    metrics::counter!("wings_calls_total", "call" => call.name, "outcome" => outcome).increment(1);
}

/// An error with its causes in one line; the address is left out because signed tokens may be part of it.
struct Chain<'a>(&'a reqwest::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut source = std::error::Error::source(self.0);
        f.write_str("request failed")?;
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

async fn read_bounded(mut response: Response) -> Result<Bytes, reqwest::Error> {
    let mut body = BytesMut::new();
    while body.len() <= LARGEST_BODY {
        match response.chunk().await? {
            Some(piece) => body.extend_from_slice(&piece),
            None => break,
        }
    }
    Ok(body.freeze())
}

fn judge(
    call: Call,
    status: reqwest::StatusCode,
    is_json: bool,
    body: Bytes,
) -> Result<(u16, Bytes), Error> {
    if status.is_success() && body.len() <= LARGEST_BODY {
        return Ok((status.as_u16(), body));
    }
    if status.is_client_error() || status.is_server_error() {
        return Err(Error::Refused {
            call: call.name,
            status: status.as_u16(),
            message: message_of(is_json, &body, status),
        });
    }
    Err(Error::Unexpected {
        call: call.name,
        status: status.as_u16(),
        detail: if status.is_success() {
            "the answer is too long".into()
        } else {
            "neither success nor error".into()
        },
    })
}

/// The daemon's words: `{"error": ..}`, else the plain text that its framework answers, else the status.
fn message_of(is_json: bool, body: &[u8], status: reqwest::StatusCode) -> String {
    let text = match serde_json::from_slice::<ErrorBody>(body) {
        Ok(parsed) if is_json => parsed.error,
        _ => String::from_utf8_lossy(body).trim().to_owned(),
    };
    if text.is_empty() {
        return status
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned();
    }
    text.chars().take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    #[test]
    fn messages_come_from_json_or_plain_text() {
        let of = |is_json, body: &str| message_of(is_json, body.as_bytes(), StatusCode::CONFLICT);
        assert_eq!(
            of(true, r#"{"error":"server is locked"}"#),
            "server is locked"
        );
        assert_eq!(of(false, "Failed to deserialize"), "Failed to deserialize");
        assert_eq!(of(true, ""), "Conflict");
        assert_eq!(of(true, "<html>"), "<html>");
        assert_eq!(of(false, &"x".repeat(9000)).len(), LONGEST_MESSAGE);
    }

    #[test]
    fn redirects_are_not_success() {
        let call = Call::read("x");
        assert!(matches!(
            judge(call, StatusCode::FOUND, false, Bytes::new()),
            Err(Error::Unexpected { status: 302, .. })
        ));
        assert!(judge(call, StatusCode::NO_CONTENT, false, Bytes::new()).is_ok());
    }
}
