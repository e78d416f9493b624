//! As much of HTTP as it takes to ask our own panel on the loopback address: one request per connection, JSON in and out, cookies kept.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::Outcome;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one panel.
#[derive(Debug)]
pub(crate) struct Client {
    port: u16,
    cookies: BTreeMap<String, String>,
}

/// An answer whose body is JSON, or null when it is not.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Client {
    /// Talks to the panel on this port of the loopback address.
    pub(crate) fn new(port: u16) -> Self {
        Self {
            port,
            cookies: BTreeMap::new(),
        }
    }

    /// Asks and gives the body of a 2xx answer.
    pub(crate) fn get(&mut self, path: &str) -> Outcome<Value> {
        self.ask("GET", path, None)
    }

    /// Sends and gives the body of a 2xx answer.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Outcome<Value> {
        self.ask("POST", path, Some(body))
    }

    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let Answer { status, body } = self.send(method, path, body)?;
        if (200..300).contains(&status) {
            Ok(body)
        } else {
            Err(format!("{method} {path} was answered {status}: {body}").into())
        }
    }

    /// Sends one request.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Outcome<Answer> {
        let address = format!("127.0.0.1:{}", self.port);
        let body = body.map(Value::to_string).unwrap_or_default();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        // Version 1.0, so that the body ends with the connection and comes in one piece.
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: application/json\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nCookie: {}\r\n\r\n{body}",
            body.len(),
            cookies.join("; "),
        );
        let mut stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        self.read(&String::from_utf8_lossy(&answer))
    }

    fn read(&mut self, answer: &str) -> Outcome<Answer> {
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .ok_or("the panel's answer has no end of its headers")?;
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|status| status.parse().ok());
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let cookie = value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .split_once('=');
            if let Some((key, value)) = cookie.filter(|_| name.eq_ignore_ascii_case("set-cookie")) {
                self.cookies.insert(key.to_owned(), value.to_owned());
            }
        }
        Ok(Answer {
            status: status.ok_or("the panel's answer has no status")?,
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart_and_cookies_kept() {
        let mut client = Client::new(1);
        let answer = "HTTP/1.1 201 Created\r\nSet-Cookie: session=a=b; HttpOnly\r\n\r\n{\"x\":1}";
        let Answer { status, body } = client.read(answer).unwrap();
        assert_eq!((status, &body["x"]), (201, &Value::from(1)));
        assert_eq!(client.cookies["session"], "a=b");
    }
}
