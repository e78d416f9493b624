//! What was recorded on the wire between a real Calagopus Wings 0.22.12 and a panel.

use serde::Deserialize;
use serde_json::Value;

/// One line of the recording.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Line {
    Exchange(Exchange),
    Socket(Socket),
}

/// A request and its answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) link: String,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) request_headers: serde_json::Map<String, Value>,
    pub(crate) request: Value,
    pub(crate) status: u16,
    pub(crate) response: Value,
}

/// A message on a server's socket.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Socket {
    pub(crate) dir: String,
    pub(crate) msg: Value,
}

impl Exchange {
    /// Path with every UUID as `{}` and without the query.
    pub(crate) fn template(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        path.split('/')
            .map(|part| {
                if uuid::Uuid::try_parse(part).is_ok() {
                    "{}"
                } else {
                    part
                }
            })
            .collect::<Vec<_>>()
            .join("/")
    }
}

pub(crate) fn lines() -> Vec<Line> {
    include_str!("../fixtures/calagopus-wings-0.22.12.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub(crate) fn exchanges() -> Vec<Exchange> {
    lines()
        .into_iter()
        .filter_map(|line| match line {
            Line::Exchange(exchange) => Some(exchange),
            Line::Socket(_) => None,
        })
        .collect()
}

/// What in `recorded` is missing or different in `ours`; null and absent are the same, and `ours` may have more.
pub(crate) fn missing(recorded: &Value, ours: &Value, at: &str) -> Vec<String> {
    match (recorded, ours) {
        (Value::Null, _) => Vec::new(),
        (Value::Object(recorded), Value::Object(ours)) => recorded
            .iter()
            .flat_map(|(key, value)| {
                missing(
                    value,
                    ours.get(key).unwrap_or(&Value::Null),
                    &format!("{at}.{key}"),
                )
            })
            .collect(),
        (Value::Array(recorded), Value::Array(ours)) if recorded.len() == ours.len() => recorded
            .iter()
            .zip(ours)
            .enumerate()
            .flat_map(|(index, (recorded, ours))| {
                missing(recorded, ours, &format!("{at}[{index}]"))
            })
            .collect(),
        (recorded, ours) if recorded == ours => Vec::new(),
        (recorded, ours) => vec![format!("{at}: recorded {recorded}, ours {ours}")],
    }
}
