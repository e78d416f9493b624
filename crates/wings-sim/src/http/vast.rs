//! Files larger than the simulator may hold: given out without being there, taken in without being kept.
//!
//! One is asked for and sent by its name, `vast-` and its bytes, such as `vast-2147483648`.

use std::convert::Infallible;
use std::time::Duration;

use actix_multipart::Field;
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::web::Bytes;
use futures_util::{TryStreamExt, stream};
use tokio::time::Instant;

use crate::options::Slow;

/// What is given out at once.
static BLOCK: [u8; 64 * 1024] = [0; 64 * 1024];

/// The bytes of a vast file of this name.
pub(super) fn length(name: &str) -> Option<u64> {
    name.strip_prefix("vast-")?.parse().ok()
}

/// So many zeros.
pub(super) fn give(bytes: u64) -> HttpResponse {
    let blocks = stream::unfold(bytes, |left| async move {
        let most = usize::try_from(left).map_or(BLOCK.len(), |left| left.min(BLOCK.len()));
        let block = BLOCK.get(..most).filter(|block| !block.is_empty())?;
        Some((
            Ok::<_, Infallible>(Bytes::from_static(block)),
            left - block.len() as u64,
        ))
    });
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .body(SizedStream::new(bytes, Box::pin(blocks)))
}

/// Counts what is sent and drops it, no faster than `slow` wants it.
pub(super) async fn take(
    part: &mut Field,
    slow: Option<Slow>,
) -> Result<u64, actix_multipart::MultipartError> {
    let begun = Instant::now();
    let mut taken = 0;
    while let Some(piece) = part.try_next().await? {
        taken += piece.len() as u64;
        let rest = slow.map_or(Duration::ZERO, |slow| slow.rest(taken, begun.elapsed()));
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vast_file_has_its_length_in_its_name() {
        assert_eq!(length("vast-2147483648"), Some(2_147_483_648));
        assert_eq!(length("vast-"), None);
        assert_eq!(length("vast-1.txt"), None);
        assert_eq!(length("a.txt"), None);
    }
}
