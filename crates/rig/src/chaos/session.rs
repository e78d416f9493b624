//! One actor of the workload: asks, writes down what came of it, and asks again where that is safe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Answer, Client, Method};

use super::Run;
use super::history::Fate;

/// How often a change in doubt is sent again with its key.
const REPEATS: usize = 20;

/// A client whose requests are part of the history.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) run: Arc<Run>,
    pub(crate) client: Client,
    /// Whose changes these are.
    pub(crate) user: String,
    /// Who that is, in findings.
    pub(crate) who: String,
}

/// A change: what is asked, and under which name the log has it.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) body: Value,
    pub(crate) event: Option<&'a str>,
}

impl Session {
    pub(crate) fn new(run: &Arc<Run>, client: Client, user: &str, who: impl Into<String>) -> Self {
        Self {
            run: Arc::clone(run),
            client,
            user: user.to_owned(),
            who: who.into(),
        }
    }

    /// The body of a 2xx answer, or nothing.
    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        let answer = self.read(path).await?;
        answer.is_success().then_some(answer.body)
    }

    /// Any answer; none when none came.
    pub(crate) async fn read(&self, path: &str) -> Option<Answer> {
        let from = Instant::now();
        let answer = self.client.send(Method::GET, path, None, &[]).await;
        let answer = answer.ok();
        self.note_unavailable(path, from, answer.as_ref());
        let status = answer.as_ref().map(|answer| answer.status);
        let what = format!("GET {path}{}", reason(answer.as_ref()));
        self.run.history.read(&what, from, status);
        answer
    }

    fn note_unavailable(&self, path: &str, from: Instant, answer: Option<&Answer>) {
        // The balancer has no id for a request that it answers itself.
        let of_panel =
            |answer: &&Answer| answer.status == 503 && answer.headers.contains_key("x-request-id");
        if let Some(answer) = answer.filter(of_panel) {
            let says_when = answer.headers.contains_key("retry-after");
            self.run.history.unavailable(path, from, says_when);
        }
    }

    /// Asks for a change. In doubt it is sent again with the same key, if the panel knows what to do with one.
    pub(crate) async fn change(&self, change: Change<'_>) -> (Fate, Value) {
        let key = self.run.next_key();
        let what = format!("{} {}", change.method, change.path);
        let headers = [("idempotency-key", key.as_str())];
        let headers = if self.run.knows_keys {
            &headers[..]
        } else {
            &[]
        };
        let event = change.event.map(|event| (event, self.user.as_str()));
        let from = Instant::now();
        let mut last = None;
        for attempt in 0..REPEATS {
            let method = change.method.clone();
            let sent = Instant::now();
            let answer = self
                .client
                .send(method, change.path, Some(&change.body), headers);
            last = answer.await.ok();
            self.note_unavailable(change.path, sent, last.as_ref());
            let unclear = last.as_ref().is_none_or(|answer| {
                // 409 with a key: the first one is still under way.
                answer.status >= 500 || (attempt > 0 && answer.status == 409)
            });
            if !unclear || !self.run.knows_keys || self.run.is_over() {
                break;
            }
            let status = last.as_ref().map(|answer| answer.status);
            let repeated = format!("{what} (to be repeated){}", reason(last.as_ref()));
            self.run.history.read(&repeated, from, status);
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let status = last.as_ref().map(|answer| answer.status);
        let fate = self.run.history.change(&what, event, from, status);
        (fate, last.map(|answer| answer.body).unwrap_or_default())
    }
}

/// What a failed answer says of its reason, for who reads the history.
fn reason(answer: Option<&Answer>) -> String {
    match answer {
        Some(answer) if answer.status >= 500 => {
            let id = answer.headers.get("x-request-id");
            let id = id
                .and_then(|id| id.to_str().ok())
                .unwrap_or("of the balancer");
            format!(" ({id}: {})", answer.body)
        }
        _ => String::new(),
    }
}

/// Numbers that no two changes of a run share.
#[derive(Debug, Default)]
pub(crate) struct Numbers(AtomicU64);

impl Numbers {
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}
