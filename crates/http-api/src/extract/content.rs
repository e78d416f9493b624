//! Content that is passed on as it comes, in either direction.

use std::io;

use actix_web::body::BodyStream;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, rt};
use futures_util::{Stream, StreamExt as _, stream};
use panel_service::files::{Content, Reading};
use tokio::sync::mpsc;

use super::json;
use crate::error::Failure;

/// The body of a request, to be passed on. One that does not say its length is read first: the Go daemons want to know it.
///
/// # Errors
///
/// A body without a length is larger than what is kept in memory, or the connection broke.
pub(crate) async fn with_length(
    request: &HttpRequest,
    payload: Payload,
) -> Result<Content, Failure> {
    match length(request) {
        Some(length) => Ok(Content::new(Some(length), pieces(payload))),
        None => {
            let body = json::read(payload, json::LARGEST_LIMIT).await?;
            Ok(Content::from(body.freeze()))
        }
    }
}

/// How many bytes the request says that its body has.
pub(crate) fn length(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// The pieces of a body. A body belongs to its thread, so they are handed over one at a time: whoever takes them slowly makes the client
/// send slowly.
pub(crate) fn pieces(mut payload: Payload) -> impl Stream<Item = io::Result<Bytes>> + Send {
    let (give, take) = mpsc::channel(1);
    rt::spawn(async move {
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(io::Error::other);
            let is_last = piece.is_err();
            if give.send(piece).await.is_err() || is_last {
                break;
            }
        }
    });
    stream::unfold(take, async |mut take| {
        take.recv().await.map(|piece| (piece, take))
    })
}

/// What comes from a node as the body of an answer.
pub(crate) fn body(
    reading: Reading,
) -> BodyStream<impl Stream<Item = Result<Bytes, Failure>> + 'static> {
    BodyStream::new(pieces_of(reading))
}

/// What comes from a node, asked for piece by piece as the client takes it. When it breaks off, so does the answer.
pub(crate) fn pieces_of(
    reading: Reading,
) -> impl Stream<Item = Result<Bytes, Failure>> + Unpin + 'static {
    Box::pin(stream::unfold(Some(reading), async |reading| {
        let mut reading = reading?;
        match reading.next().await {
            Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
            Ok(None) => None,
            Err(error) => Some((Err(error.into()), None)),
        }
    }))
}
