//! What the panel answered.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::must::Must as _;

/// An answer. Its methods that expect something panic with the whole answer when it is not so.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked: method and path.
    pub request: String,
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, when it was JSON; else `null`.
    pub json: Value,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status is one of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body of a success.
    ///
    /// # Panics
    /// When it was none.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.is_success(), "no success: {}", self.describe());
        self.json
    }

    /// The answer, which has this status.
    ///
    /// # Panics
    /// When it has another.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.describe());
        self
    }

    /// The answer, which is an error of this status and code.
    ///
    /// # Panics
    /// When it is something else.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.describe());
        assert_eq!(self.code(), Some(code), "{}", self.describe());
        self
    }

    /// The code of an error, in the form that clients get or in the one that daemons get.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let code = self.json["code"].as_str();
        code.or_else(|| self.json["errors"][0]["code"].as_str())
    }

    /// The answer, which says of exactly these fields that they are wrong.
    ///
    /// # Panics
    /// When it says something else.
    #[track_caller]
    pub fn expect_fields(self, fields: &[&str]) -> Self {
        let named: Vec<&str> = self.json["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|field| field["field"].as_str())
            .collect();
        assert_eq!(named, fields, "{}", self.describe());
        self
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    ///
    /// # Panics
    /// When it is not text.
    #[track_caller]
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).must("the body is not text")
    }

    /// The answer in a sentence, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        format!(
            "{} was answered {}: {}",
            self.request,
            self.status,
            String::from_utf8_lossy(&self.body)
        )
    }
}
