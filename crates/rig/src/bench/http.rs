//! Single requests, where nothing is measured.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its headers, in order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, named in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A request as it goes over the wire, for a connection that is kept.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        text.push_str("content-type: application/json\r\n");
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// A connection that asks one thing after the other.
#[derive(Debug)]
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens.
    pub(crate) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(stream))
    }

    /// Sends a whole request and reads its answer.
    ///
    /// # Errors
    /// The connection broke, or the answer makes no sense.
    pub(crate) fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.0.write_all(request)?;
        let mut bytes = Vec::new();
        let mut part = [0; 16 * 1024];
        loop {
            let count = self.0.read(&mut part)?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&part[..count]);
            if let Some(answer) = parse(&bytes)? {
                return Ok(answer);
            }
        }
    }
}

/// `GET` on a connection of its own.
///
/// # Errors
/// As [`Connection::open`] and [`Connection::ask`].
pub(crate) fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> io::Result<Answer> {
    Connection::open(address)?.ask(&request("GET", path, headers, None))
}

/// `None` while the answer is not whole.
fn parse(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status: status.ok_or_else(|| io::Error::other("an answer without a status"))?,
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    if answer.header("transfer-encoding").is_some() {
        return unchunked(&answer.body).map(|body| body.map(|body| Answer { body, ..answer }));
    }
    let length = answer
        .header("content-length")
        .and_then(|value| value.parse().ok());
    let length = length.unwrap_or(0);
    if answer.body.len() < length {
        return Ok(None);
    }
    answer.body.truncate(length);
    Ok(Some(answer))
}

fn unchunked(mut rest: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else {
            return Ok(None);
        };
        let size = String::from_utf8_lossy(&rest[..end]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else {
            return Ok(None);
        };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_saying_where_a_body_ends() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(parse(whole).unwrap().unwrap().body, b"{}");
        assert!(parse(&whole[..whole.len() - 1]).unwrap().is_none());
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).unwrap().unwrap().body, b"{}");
        assert!(parse(&chunked[..chunked.len() - 5]).unwrap().is_none());
    }
}
