//! A TCP relay of the loopback address that delays, cuts, swallows or trickles what goes through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Error, Result};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const CHUNK: usize = 64 * 1024;
/// Chunks on their way in one direction: enough that a delay is no limit of the throughput.
const ON_THE_WAY: usize = 1024;

/// What a relay does to its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Passes everything on.
    Open,
    /// Ends the connections there are and every new one at once.
    Cut,
    /// Accepts connections and passes nothing on; what was sent meanwhile arrives when it is open again.
    BlackHole,
    /// Passes one byte a second on.
    Trickle,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    condition: Condition,
    /// One way.
    delay: Duration,
}

/// A running relay; it ends, with its connections, when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    line: watch::Sender<Line>,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Listens on `port` of the loopback address and connects whoever comes with `target`.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(port: u16, target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (line, state) = watch::channel(Line {
            condition: Condition::Open,
            delay: Duration::ZERO,
        });
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        // Out of file handles, for example: the next one may be luckier.
                        let Ok((client, _)) = accepted else { continue };
                        let (state, counted) = (state.clone(), Arc::clone(&counted));
                        running.spawn(async move {
                            counted.fetch_add(1, Ordering::Relaxed);
                            // However a connection ends, its two sides see it end.
                            connect(client, target, state).await.ok();
                            counted.fetch_sub(1, Ordering::Relaxed);
                        });
                    }
                    Some(_) = running.join_next() => {}
                }
            }
        });
        Ok(Self {
            address,
            line,
            connections,
            accepting,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections go through it now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// What it does at present.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.line.borrow().condition
    }

    /// The delay of each direction at present.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.line.borrow().delay
    }

    /// Changes what it does, to the connections there are as well.
    pub fn set(&self, condition: Condition) {
        self.line.send_modify(|line| line.condition = condition);
    }

    /// Changes the delay of each direction, half of what it adds to a round trip.
    pub fn set_delay(&self, one_way: Duration) {
        self.line.send_modify(|line| line.delay = one_way);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(
    client: TcpStream,
    target: SocketAddr,
    mut state: watch::Receiver<Line>,
) -> Result<()> {
    let mut until_cut = state.clone();
    let pass = async {
        state
            .wait_for(|line| line.condition != Condition::BlackHole)
            .await
            .map_err(Error::other)?;
        // The handshake takes a round trip as well.
        let delay = state.borrow().delay;
        tokio::time::sleep(delay * 2).await;
        let server = TcpStream::connect(target).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::try_join!(
            pump(from_client, to_server, state.clone()),
            pump(from_server, to_client, state.clone())
        )?;
        Ok(())
    };
    tokio::select! {
        done = pass => done,
        // A relay that is gone cuts as well.
        _ = until_cut.wait_for(|line| line.condition == Condition::Cut) => Ok(()),
    }
}

/// One direction, to its orderly end.
async fn pump(
    mut from: OwnedReadHalf,
    to: OwnedWriteHalf,
    state: watch::Receiver<Line>,
) -> Result<()> {
    let (sender, receiver) = mpsc::channel(ON_THE_WAY);
    let delays = state.clone();
    let read = async move {
        let mut buffer = vec![0; CHUNK];
        loop {
            let length = from.read(&mut buffer).await?;
            let delay = delays.borrow().delay;
            let chunk = (Instant::now() + delay, buffer[..length].to_vec());
            // The writing half has failed and says why.
            if length == 0 || sender.send(chunk).await.is_err() {
                return Ok(());
            }
        }
    };
    tokio::try_join!(read, deliver(receiver, to, state))?;
    Ok(())
}

async fn deliver(
    mut chunks: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<Line>,
) -> Result<()> {
    while let Some((due, chunk)) = chunks.recv().await {
        tokio::time::sleep_until(due).await;
        let mut rest = chunk.as_slice();
        while !rest.is_empty() {
            let condition = state
                .wait_for(|line| line.condition != Condition::BlackHole)
                .await
                .map_err(Error::other)?
                .condition;
            if condition == Condition::Trickle {
                to.write_all(&rest[..1]).await?;
                rest = &rest[1..];
                tokio::time::sleep(Duration::from_secs(1)).await;
            } else {
                to.write_all(rest).await?;
                rest = &[];
            }
        }
    }
    to.shutdown().await
}
