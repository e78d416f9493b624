//! The load generator: one thread, requests made beforehand, answers read no further than their length.
//!
//! It shares a machine with what it measures, so it has to need less for a request than the server does: no allocation, one
//! read and one write per request, and no more of an answer is looked at than its status and its length.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memmem::Finder;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::latency::Latencies;

/// The longest head of an answer that is read.
const MAX_HEAD: usize = 16 * 1024;

/// How long answers gather before they are taken. A client that waits for the next one is woken by whoever sends it, which costs a server that
/// shares the machine more than a microsecond, and the more often the slower it is; clients on other machines cost it nothing.
const GATHER: Duration = Duration::from_micros(20);

/// How long a run waits for anything at all before it gives up.
const SILENCE: Duration = Duration::from_secs(10);

/// What to ask, and how.
#[derive(Debug)]
pub(crate) struct Load<'a> {
    /// Who answers.
    pub(crate) address: SocketAddr,
    /// Whole requests, asked in turn whatever connection comes to ask.
    pub(crate) requests: &'a [Vec<u8>],
    /// Connections, each with one request under way at any time.
    pub(crate) connections: usize,
    /// How long answers are not counted yet.
    pub(crate) warm_up: Duration,
    /// How long they are counted.
    pub(crate) time: Duration,
}

/// What was answered while it was counted.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Answers with status 200.
    pub(crate) answered: u64,
    /// Answers with another status, and connections that broke.
    pub(crate) failed: u64,
    /// The head of the first failure.
    pub(crate) first_failure: Option<String>,
    /// The time that was counted.
    pub(crate) elapsed: Duration,
    /// From a request's first byte to its answer's last.
    pub(crate) latencies: Latencies,
}

impl Counted {
    /// Adds what was counted at another time.
    pub(crate) fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
        self.elapsed += other.elapsed;
        self.latencies.add(&other.latencies);
    }

    /// Answers with status 200 per second.
    pub(crate) fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let answered = self.answered as f64;
        answered / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

/// Lets this thread, and those that it starts, sleep no longer than they want to: the kernel adds up to 50 µs otherwise.
///
/// # Errors
/// The kernel does not let the process choose.
pub(crate) fn sleep_precisely() -> io::Result<()> {
    std::fs::write("/proc/self/timerslack_ns", "1000")
}

struct Connection {
    stream: TcpStream,
    /// What came of a head that is not whole yet.
    head: Vec<u8>,
    /// Bytes of the body yet to come, once the head is read.
    body: Option<usize>,
    ok: bool,
    sent: Instant,
}

/// Where a head ends, and what it says.
struct Head {
    length: usize,
    body: usize,
    ok: bool,
}

struct Parser {
    end: Finder<'static>,
    length: Finder<'static>,
}

impl Parser {
    fn new() -> Self {
        Self {
            end: Finder::new(b"\r\n\r\n"),
            length: Finder::new(b"content-length: "),
        }
    }

    /// `None` while the head is not whole.
    ///
    /// # Errors
    /// The answer does not say how long it is in the way that the servers under test do.
    fn parse(&self, bytes: &[u8]) -> io::Result<Option<Head>> {
        let Some(end) = self.end.find(bytes) else {
            return if bytes.len() > MAX_HEAD {
                Err(io::Error::other("the head of an answer does not end"))
            } else {
                Ok(None)
            };
        };
        let head = &bytes[..end + 4];
        let digits = match self.length.find(head) {
            Some(at) => &head[at + b"content-length: ".len()..],
            None => {
                return Err(io::Error::other(format!(
                    "an answer without a content-length: {}",
                    String::from_utf8_lossy(head)
                )));
            }
        };
        let body = digits
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0, |value, digit| value * 10 + usize::from(digit - b'0'));
        Ok(Some(Head {
            length: end + 4,
            body,
            ok: head.starts_with(b"HTTP/1.1 200"),
        }))
    }
}

/// Connections to one server, which may be measured several times.
pub(crate) struct Client<'a> {
    load: &'a Load<'a>,
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    buffer: Vec<u8>,
    run: Run<'a>,
}

struct Run<'a> {
    load: &'a Load<'a>,
    parser: Parser,
    next: usize,
    counting: bool,
    counted: Counted,
}

/// Asks for the load's `warm_up` and then for its `time`.
///
/// # Errors
/// Nobody listens, or nothing is answered for ten seconds.
pub(crate) fn run(load: &Load<'_>) -> io::Result<Counted> {
    Client::connect(load)?.run(load.warm_up, || {})
}

impl<'a> Client<'a> {
    /// Opens the connections and asks on each of them.
    ///
    /// # Errors
    /// Nobody listens.
    pub(crate) fn connect(load: &'a Load<'a>) -> io::Result<Self> {
        let mut client = Self {
            load,
            poll: Poll::new()?,
            events: Events::with_capacity(load.connections.max(16)),
            connections: Vec::with_capacity(load.connections),
            buffer: vec![0; 256 * 1024],
            run: Run {
                load,
                parser: Parser::new(),
                next: 0,
                counting: false,
                counted: Counted::default(),
            },
        };
        for index in 0..load.connections {
            let mut connection = connect(load.address, &client.poll, index)?;
            client.run.send(&mut connection)?;
            client.connections.push(connection);
        }
        Ok(client)
    }

    /// Asks for `warm_up` and then for the load's `time`, and calls `on_counting` in between. Each connection keeps a request under way
    /// when it ends: the next time begins with its answer.
    ///
    /// # Errors
    /// Nothing is answered for ten seconds.
    pub(crate) fn run(
        &mut self,
        warm_up: Duration,
        on_counting: impl FnOnce(),
    ) -> io::Result<Counted> {
        let begun = Instant::now();
        let mut on_counting = Some(on_counting);
        let mut counting_since = begun;
        loop {
            std::thread::sleep(GATHER);
            self.poll.poll(&mut self.events, Some(SILENCE))?;
            if self.events.is_empty() {
                return Err(io::Error::new(ErrorKind::TimedOut, "nothing was answered"));
            }
            let now = Instant::now();
            if !self.run.counting && now - begun >= warm_up {
                self.run.counting = true;
                counting_since = now;
                if let Some(tell) = on_counting.take() {
                    tell();
                }
            }
            let is_over = self.run.counting && now - counting_since >= self.load.time;
            self.run.counting &= !is_over;
            for event in &self.events {
                let index = event.token().0;
                let Some(connection) = self.connections.get_mut(index) else {
                    continue;
                };
                if let Err(error) = self.run.receive(connection, &mut self.buffer) {
                    self.run.fail(|| error.to_string());
                    self.poll.registry().deregister(&mut connection.stream)?;
                    *connection = connect(self.load.address, &self.poll, index)?;
                    self.run.send(connection)?;
                }
            }
            if is_over {
                let mut counted = std::mem::take(&mut self.run.counted);
                counted.elapsed = now - counting_since;
                return Ok(counted);
            }
        }
    }
}

fn connect(address: SocketAddr, poll: &Poll, index: usize) -> io::Result<Connection> {
    let stream = std::net::TcpStream::connect(address)?;
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry()
        .register(&mut stream, Token(index), Interest::READABLE)?;
    Ok(Connection {
        stream,
        head: Vec::new(),
        body: None,
        ok: false,
        sent: Instant::now(),
    })
}

impl Run<'_> {
    fn send(&mut self, connection: &mut Connection) -> io::Result<()> {
        let requests = self.load.requests;
        let Some(request) = requests.get(self.next % requests.len().max(1)) else {
            return Err(io::Error::other("there is nothing to ask"));
        };
        self.next += 1;
        connection.sent = Instant::now();
        // A request is far smaller than what a socket takes at once.
        if connection.stream.write(request)? == request.len() {
            Ok(())
        } else {
            Err(io::Error::other("a request did not fit into the socket"))
        }
    }

    /// Takes what has come. Fewer bytes than fit into the buffer are all there is: whatever comes later is a new event.
    fn receive(&mut self, connection: &mut Connection, buffer: &mut [u8]) -> io::Result<()> {
        loop {
            let count = match connection.stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            self.take(connection, &buffer[..count])?;
            if count < buffer.len() {
                return Ok(());
            }
        }
    }

    fn take(&mut self, connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
        let left = match connection.body {
            Some(left) => left.checked_sub(bytes.len()),
            None => {
                let carried = !connection.head.is_empty();
                if carried {
                    connection.head.extend_from_slice(bytes);
                }
                let whole: &[u8] = if carried { &connection.head } else { bytes };
                let Some(head) = self.parser.parse(whole)? else {
                    if !carried {
                        connection.head.extend_from_slice(bytes);
                    }
                    return Ok(());
                };
                connection.ok = head.ok;
                if !head.ok {
                    let text = String::from_utf8_lossy(whole).into_owned();
                    self.fail(|| text);
                }
                let left = (head.length + head.body).checked_sub(whole.len());
                connection.head.clear();
                left
            }
        };
        match left {
            Some(0) => {
                if connection.ok && self.counting {
                    self.counted.answered += 1;
                    self.counted.latencies.record(connection.sent.elapsed());
                }
                connection.body = None;
                self.send(connection)
            }
            Some(left) => {
                connection.body = Some(left);
                Ok(())
            }
            None => Err(io::Error::other("more was answered than was asked")),
        }
    }

    fn fail(&mut self, what: impl FnOnce() -> String) {
        // A failure counts whenever it happens: it must not hide in the warm-up.
        self.counted.failed += 1;
        if self.counted.first_failure.is_none() {
            self.counted.first_failure = Some(what());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_its_status_and_its_length() {
        let parser = Parser::new();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\nx: y\r\n\r\n{}";
        let head = parser.parse(answer).unwrap().unwrap();
        assert_eq!((head.length, head.body, head.ok), (45, 12, true));
        assert!(parser.parse(&answer[..30]).unwrap().is_none());
        let refused = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
        assert!(!parser.parse(refused).unwrap().unwrap().ok);
        assert!(parser.parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[test]
    fn answers_are_counted_and_refusals_are_failures() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || answer_alternately(&mut stream));
            }
        });
        let requests = [b"GET / HTTP/1.1\r\n\r\n".to_vec()];
        let load = Load {
            address,
            requests: &requests,
            connections: 2,
            warm_up: Duration::ZERO,
            time: Duration::from_millis(50),
        };
        let counted = run(&load).unwrap();
        assert!(counted.answered > 0 && counted.failed > 0, "{counted:?}");
        assert!(counted.first_failure.unwrap().contains("503"));
    }

    fn answer_alternately(stream: &mut std::net::TcpStream) {
        let mut request = [0; 256];
        let answers: [&[u8]; 2] = [
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 503 Away\r\ncontent-length: 0\r\n\r\n",
        ];
        for answer in answers.iter().cycle() {
            // In two parts, as a network may deliver it.
            let (first, second) = answer.split_at(10);
            if stream.read(&mut request).unwrap_or(0) == 0
                || stream.write_all(first).is_err()
                || stream.flush().is_err()
                || stream.write_all(second).is_err()
            {
                return;
            }
        }
    }
}
