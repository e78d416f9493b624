//! The log line of a request, in the form that all lines have, written without the detour over an event: there is one for
//! each request, and an event with its span costs several times as much.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::lines::Lines;

/// Writes the lines of requests.
#[derive(Debug)]
pub struct RequestLog {
    outs: Vec<(Lines, Form)>,
    last: Mutex<Last>,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Plain,
}

/// The second that the last line was written in, as text.
#[derive(Debug, Default)]
struct Last {
    second: i64,
    text: String,
}

/// A request that was answered. All of it is text that needs no escaping.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its method.
    pub method: &'a str,
    /// The pattern of its route.
    pub route: &'a str,
    /// The answer's status.
    pub status: u16,
    /// When it came.
    pub began: DateTime<Utc>,
    /// How long the answer took.
    pub took: Duration,
}

impl RequestLog {
    pub(super) fn new(outs: Vec<(Lines, Form)>) -> Self {
        Self {
            outs,
            last: Mutex::default(),
        }
    }

    /// Writes the line of a request.
    pub fn note(&self, request: &Request<'_>) {
        let now = request.began + request.took;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let Last { second, text } = &mut *last;
        if *second != now.timestamp() || text.is_empty() {
            *second = now.timestamp();
            *text = now.format("%Y-%m-%dT%H:%M:%S").to_string();
        }
        for (lines, form) in &self.outs {
            let micros = now.timestamp_subsec_micros();
            lines.append(|bytes| write_line(bytes, *form, text, micros, request));
        }
    }
}

/// Longer than most lines are.
const USUAL: usize = 512;

fn write_line(line: &mut Vec<u8>, form: Form, second: &str, micros: u32, request: &Request<'_>) {
    let Request {
        id,
        method,
        route,
        status,
        took,
        ..
    } = request;
    let (micros, fraction) = (six_digits(micros), six_digits(took.subsec_micros()));
    match form {
        Form::Json => {
            // By hand, and not in a loop: a formatter takes longer than all else that happens to a request whose answer is kept, and what is
            // the same in all lines is copied without a call.
            line.reserve(USUAL);
            line.extend_from_slice(b"{\"timestamp\":\"");
            line.extend_from_slice(second.as_bytes());
            line.push(b'.');
            line.extend_from_slice(&micros);
            line.extend_from_slice(b"Z\",\"level\":\"INFO\",\"message\":\"Answered ");
            line.extend_from_slice(method.as_bytes());
            line.push(b' ');
            line.extend_from_slice(route.as_bytes());
            line.extend_from_slice(b"\",\"route\":\"");
            line.extend_from_slice(route.as_bytes());
            line.extend_from_slice(b"\",\"status\":");
            line.extend_from_slice(&three_digits(*status));
            line.extend_from_slice(b",\"seconds\":");
            match took.as_secs() {
                0 => line.push(b'0'),
                seconds => line.extend_from_slice(seconds.to_string().as_bytes()),
            }
            line.push(b'.');
            line.extend_from_slice(&fraction);
            line.extend_from_slice(
                b",\"target\":\"panel_http_api::requests\",\"span\":{\"method\":\"",
            );
            line.extend_from_slice(method.as_bytes());
            line.extend_from_slice(b"\",\"request_id\":\"");
            line.extend_from_slice(id.as_bytes());
            line.extend_from_slice(b"\",\"name\":\"request\"}}\n");
        }
        Form::Plain => {
            let (micros, fraction) = (text(&micros), text(&fraction));
            let seconds = took.as_secs();
            let plain = format!(
                "{second}.{micros}Z  INFO request{{request_id={id} method={method}}}: panel_http_api::requests: \
                 Answered {method} {route} status={status} seconds={seconds}.{fraction}\n"
            );
            line.extend_from_slice(plain.as_bytes());
        }
    }
}

fn six_digits(number: u32) -> [u8; 6] {
    [100_000, 10_000, 1_000, 100, 10, 1].map(|place| digit(number / place))
}

fn three_digits(number: u16) -> [u8; 3] {
    [100, 10, 1].map(|place| digit(u32::from(number / place)))
}

fn digit(number: u32) -> u8 {
    b"0123456789"[(number % 10) as usize]
}

fn text(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: Request<'static> = Request {
        id: "00000000000000010000000000000002",
        method: "GET",
        route: "/api/client/servers/{server}",
        status: 404,
        began: DateTime::UNIX_EPOCH,
        took: Duration::from_micros(1_020_003),
    };

    #[test]
    fn a_line_is_json_with_the_fields_of_all_lines() {
        let mut line = Vec::new();
        write_line(&mut line, Form::Json, "2026-11-01T10:20:30", 42, &REQUEST);
        let text = String::from_utf8(line).unwrap();
        assert_eq!(
            text,
            "{\"timestamp\":\"2026-11-01T10:20:30.000042Z\",\"level\":\"INFO\",\
             \"message\":\"Answered GET /api/client/servers/{server}\",\
             \"route\":\"/api/client/servers/{server}\",\"status\":404,\"seconds\":1.020003,\
             \"target\":\"panel_http_api::requests\",\
             \"span\":{\"method\":\"GET\",\"request_id\":\"00000000000000010000000000000002\",\"name\":\"request\"}}\n"
        );
    }

    #[test]
    fn a_plain_line_says_the_same() {
        let mut line = Vec::new();
        write_line(&mut line, Form::Plain, "2026-11-01T10:20:30", 42, &REQUEST);
        let text = String::from_utf8(line).unwrap();
        for part in [
            "10:20:30.000042Z",
            "GET /api/client/servers/{server}",
            "status=404",
            REQUEST.id,
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
