//! Content on its way: from a node piece by piece, and to a node with a watch on both ends.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use panel_domain::id::NodeId;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use reqwest::{Body, RequestBuilder, Response};
use tokio::sync::Notify;

use super::{Call, NodeClient};
use crate::error::{Cause, Error};

/// Content on its way from a node: a file, an archive, a backup, a log.
#[derive(Debug)]
pub struct ByteStream {
    node: NodeId,
    call: &'static str,
    response: Response,
    piece: Duration,
}

impl ByteStream {
    fn header(&self, name: &reqwest::header::HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Bytes to expect; an estimate for files that the daemon unpacks on the fly, and unknown for some.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Status of the answer: 200, or 206 for a part.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Media type, as the daemon names it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// `Content-Disposition`, as the daemon sends it.
    #[must_use]
    pub fn content_disposition(&self) -> Option<&str> {
        self.header(&CONTENT_DISPOSITION)
    }

    /// Which part of the whole this is, for status 206.
    #[must_use]
    pub fn content_range(&self) -> Option<&str> {
        self.header(&CONTENT_RANGE)
    }

    /// The next piece, or nothing at the end.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when the connection breaks or no piece comes in time.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let cause = match tokio::time::timeout(self.piece, self.response.chunk()).await {
            Ok(Ok(piece)) => return Ok(piece),
            Ok(Err(_)) => Cause::Broken,
            Err(_) => Cause::Deadline,
        };
        Err(Error::Unreachable {
            node: self.node,
            call: self.call,
            cause,
        })
    }

    /// All of it, `most` bytes at most.
    ///
    /// # Errors
    /// As for [`Self::next`], and [`Error::Unexpected`] when it is longer.
    pub async fn collect(mut self, most: usize) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            if all.len() + piece.len() > most {
                return Err(Error::Unexpected {
                    call: self.call,
                    status: self.status(),
                    detail: "the content is too long".into(),
                });
            }
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

/// Content on its way to a node.
pub struct Content {
    length: Option<u64>,
    pieces: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Content {
    /// Content that comes in pieces. Without a length it is sent in chunks, which the Go daemons refuse for the content of a file.
    #[must_use]
    pub fn new(
        length: Option<u64>,
        pieces: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        Self {
            length,
            pieces: Box::pin(pieces),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::new(
            Some(bytes.len() as u64),
            futures_util::stream::once(std::future::ready(Ok(bytes))),
        )
    }
}

/// What the two ends of an upload tell the one who waits for it.
#[derive(Debug, Default)]
struct Progress {
    moved: Notify,
    waiting_for_source: AtomicBool,
    source_broke: AtomicBool,
    all_sent: AtomicBool,
}

/// Pieces that tell when they are taken.
struct Watched {
    pieces: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>,
    progress: Arc<Progress>,
}

impl Stream for Watched {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.pieces.as_mut().poll_next(cx);
        let progress = &self.progress;
        progress
            .waiting_for_source
            .store(polled.is_pending(), Ordering::Relaxed);
        match &polled {
            Poll::Pending => return polled,
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(_))) => progress.source_broke.store(true, Ordering::Relaxed),
            Poll::Ready(None) => progress.all_sent.store(true, Ordering::Relaxed),
        }
        progress.moved.notify_one();
        polled
    }
}

impl NodeClient {
    /// Sends a request and hands over its successful answer as a stream.
    pub(super) async fn stream(
        &self,
        call: Call,
        request: RequestBuilder,
    ) -> Result<ByteStream, Error> {
        Ok(ByteStream {
            node: self.id(),
            call: call.name,
            response: self.open(call, request).await?,
            piece: self.stream_piece(),
        })
    }

    /// Sends `content`. There is no bound on the whole, but on the time between two pieces, and on the answer after the last one.
    pub(super) async fn send_content(
        &self,
        call: Call,
        request: RequestBuilder,
        content: Content,
    ) -> Result<(u16, Bytes), Error> {
        let progress = Arc::new(Progress::default());
        let request = match content.length {
            Some(length) => request.header(CONTENT_LENGTH, length),
            None => request,
        };
        let request = request.body(Body::wrap_stream(Watched {
            pieces: content.pieces,
            progress: Arc::clone(&progress),
        }));
        let began = Instant::now();
        let permit = self.permit(call)?;
        let interrupted = || Error::Interrupted { call: call.name };
        let sending = request.send();
        tokio::pin!(sending);
        let response = loop {
            let patience = if progress.all_sent.load(Ordering::Relaxed) {
                self.shared.settings.deadlines.long
            } else {
                self.stream_piece()
            };
            let moved = tokio::time::timeout(patience, progress.moved.notified());
            tokio::select! {
                sent = &mut sending => break sent,
                moved = moved => if moved.is_err() {
                    if progress.waiting_for_source.load(Ordering::Relaxed) {
                        return Err(interrupted());
                    }
                    return Err(self.unreachable(call, permit, Cause::Deadline, began));
                },
            }
        };
        match response {
            Ok(response) => self.receive(call, permit, response, began).await,
            Err(_) if progress.source_broke.load(Ordering::Relaxed) => Err(interrupted()),
            Err(error) => Err(self.transport_failure(call, permit, &error, began)),
        }
    }
}
