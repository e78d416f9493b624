//! A name for each request, in the answer, in errors and in every log line.

use std::cell::Cell;

use actix_web::http::header::HeaderName;
use actix_web::{HttpMessage as _, HttpRequest};
use uuid::Uuid;

/// The header that carries the id.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The id of a request: 32 hexadecimal digits, or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestId([u8; 32]);

impl RequestId {
    /// The id as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id of this request; zeros for one that did not come in by the front.
    #[must_use]
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let assigned = request.extensions().get::<Self>().copied();
        assigned.unwrap_or(Self([b'0'; 32]))
    }
}

/// Gives ids to the requests of a worker. They are always our own: an id that a client chose could be made to look like
/// somebody else's in the log.
///
/// The first half is random for each worker, the second counts. Random bytes for each request would be a system call for each.
#[derive(Debug)]
pub(crate) struct Ids {
    first: [u8; 16],
    next: Cell<u64>,
}

impl Default for Ids {
    fn default() -> Self {
        let (random, _) = Uuid::new_v4().as_u64_pair();
        Self {
            first: hexadecimal(random),
            next: Cell::new(1),
        }
    }
}

impl Ids {
    /// An id that no other request has.
    #[must_use]
    pub(crate) fn next(&self) -> RequestId {
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        let mut digits = [0; 32];
        let (first, second) = digits.split_at_mut(16);
        first.copy_from_slice(&self.first);
        second.copy_from_slice(&hexadecimal(number));
        RequestId(digits)
    }
}

fn hexadecimal(number: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair.copy_from_slice(&[
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_different_and_hexadecimal() {
        let (here, there) = (Ids::default(), Ids::default());
        let ids = [here.next(), here.next(), there.next()];
        for id in &ids {
            assert_eq!(id.as_str().len(), 32);
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
        assert_ne!(ids[0].as_str(), ids[1].as_str());
        assert_ne!(ids[0].as_str(), ids[2].as_str());
        assert_eq!(&hexadecimal(0x0123_4567_89ab_cdef), b"0123456789abcdef");
    }
}
