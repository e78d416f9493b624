//! The body of a kept answer, in little memory.
//!
//! A page of servers takes twenty kilobytes, most of them the same words again and again, and a process keeps one for each
//! person who is there. LZ4 makes a fifth of that, and is undone in microseconds, into a buffer that the thread uses again: memory
//! of that size would come from the system and go back to it with each answer.

use std::cell::RefCell;

use bytes::{BufMut as _, Bytes};

/// What is shorter stays as it is.
const WORTH_PACKING: usize = 4096;

/// The first byte of what Redis holds.
const PLAIN: u8 = b'=';
const PACKED: u8 = b'~';

/// The bytes of an answer, packed if they are many.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Plain(Bytes),
    /// An LZ4 block.
    Packed {
        block: Bytes,
        /// The length of what it was made of.
        length: usize,
    },
}

impl Body {
    /// Keeps what was made.
    pub(super) fn of(made: Vec<u8>) -> Self {
        if made.len() < WORTH_PACKING {
            return Self::Plain(tight(made));
        }
        Self::Packed {
            block: tight(lz4_flex::block::compress(&made)),
            length: made.len(),
        }
    }

    /// The length of what was made.
    pub(super) const fn length(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Packed { length, .. } => *length,
        }
    }

    /// What was made; nothing if the block is damaged, which [`read`](Self::read) does not let in.
    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Self::Plain(bytes) => bytes.clone(),
            Self::Packed { block, length } => unpack(block, *length).unwrap_or_default(),
        }
    }

    /// Appends the form that Redis holds.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        match self {
            Self::Plain(bytes) => {
                to.reserve_exact(1 + bytes.len());
                to.put_u8(PLAIN);
                to.put_slice(bytes);
            }
            Self::Packed { block, length } => {
                to.reserve_exact(9 + block.len());
                to.put_u8(PACKED);
                to.put_u64_le(*length as u64);
                to.put_slice(block);
            }
        }
    }

    /// Reads that form; `None` if it is another one.
    pub(super) fn read(bytes: Bytes) -> Option<Self> {
        match *bytes.first()? {
            PLAIN => Some(Self::Plain(bytes.slice(1..))),
            PACKED => {
                let length = bytes.get(1..9)?.try_into().ok()?;
                let length = usize::try_from(u64::from_le_bytes(length)).ok()?;
                let block = bytes.slice(9..);
                // LZ4 makes at most 255 bytes of one.
                if length / 255 > block.len() {
                    return None;
                }
                unpack(&block, length)?;
                Some(Self::Packed { block, length })
            }
            _ => None,
        }
    }
}

fn unpack(block: &[u8], length: usize) -> Option<Bytes> {
    let mut lent = Lent::of(length);
    let written = lz4_flex::block::decompress_into(block, lent.as_mut()).ok()?;
    (written == length).then(|| Bytes::from_owner(lent))
}

/// How many buffers a thread keeps. An answer is copied to its connection as soon as it is given, so that few are lent at once.
const KEPT_BUFFERS: usize = 4;

/// The longest buffer that a thread keeps.
const LONGEST_KEPT: usize = 64 * 1024;

thread_local! {
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of the thread's, for as long as somebody reads what is in it. It goes back to the thread that lets go of it.
struct Lent {
    buffer: Vec<u8>,
    length: usize,
}

impl Lent {
    fn of(length: usize) -> Self {
        let kept = BUFFERS.try_with(|buffers| buffers.borrow_mut().pop());
        let mut buffer = kept.ok().flatten().unwrap_or_default();
        // What was in it before is written over; only what it grows by is cleared.
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        Self { buffer, length }
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Lent {
    fn as_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(..self.length).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        if buffer.len() > LONGEST_KEPT {
            return;
        }
        // A thread that ends has nothing to keep it in.
        let _ended = BUFFERS.try_with(|buffers| {
            let mut buffers = buffers.borrow_mut();
            if buffers.len() < KEPT_BUFFERS {
                buffers.push(buffer);
            }
        });
    }
}

/// The bytes in no more memory than they need: what has grown while it was written may have twice as much.
pub(super) fn tight(bytes: Vec<u8>) -> Bytes {
    bytes.into_boxed_slice().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through_redis(body: &Body) -> Option<Body> {
        let mut written = Vec::new();
        body.write(&mut written);
        Body::read(written.into())
    }

    #[test]
    fn what_was_made_comes_back_long_or_short() {
        for length in [0, 1, WORTH_PACKING - 1, WORTH_PACKING, 100_000] {
            let made: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let body = Body::of(made.clone());
            assert_eq!((body.length(), body.bytes()), (length, made.clone().into()));
            assert_eq!(through_redis(&body).unwrap().bytes(), made);
        }
    }

    #[test]
    fn a_buffer_that_is_used_again_shows_nothing_of_what_was_in_it() {
        let packed = |byte: u8, length| Body::of(vec![byte; length]);
        let (long, short) = (packed(b'a', 50_000), packed(b'b', 5_000));
        drop(long.bytes());
        let (one, other) = (short.bytes(), long.bytes());
        assert_eq!(one, vec![b'b'; 5_000]);
        assert_eq!(other, vec![b'a'; 50_000]);
        drop(one);
        // What is still lent is not touched by what is given next.
        assert_eq!(short.bytes(), vec![b'b'; 5_000]);
        assert_eq!(other, vec![b'a'; 50_000]);
    }

    #[test]
    fn a_long_page_of_json_takes_a_quarter() {
        let one = r#"{"name":"one","state":null,"limits":{"cpu":100,"memory":1024}},"#;
        let page = one.repeat(300).into_bytes();
        let length = page.len();
        let Body::Packed { block, .. } = Body::of(page) else {
            panic!("kept as it is");
        };
        assert!(block.len() < length / 4, "{} of {length}", block.len());
    }

    #[test]
    fn damaged_bytes_are_no_answer() {
        let body = Body::of(vec![b'a'; 10_000]);
        let mut written = Vec::new();
        body.write(&mut written);
        assert!(Body::read(Bytes::new()).is_none());
        assert!(Body::read(Bytes::from_static(b"{}")).is_none());
        let cut = written[..written.len() - 1].to_vec();
        assert!(Body::read(cut.into()).is_none());
        // Says that it is longer than it can be.
        written[1..9].fill(0xff);
        assert!(Body::read(written.into()).is_none());
    }
}
