//! Positions in the database's history, as far as a cache has to understand them.

/// A position: how far into which history. Positions of different epochs say nothing about each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The history it belongs to; a fail-over of the database starts the next one.
    pub epoch: u64,
    /// How far into that history.
    pub lsn: u64,
}

impl Mark {
    /// The position `lsn` of the history `epoch`.
    #[must_use]
    pub fn new(epoch: u64, lsn: u64) -> Self {
        Self { epoch, lsn }
    }

    /// Whether whoever has seen this position has seen `other` too: the same history, and at least as far.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.epoch == other.epoch && self.lsn >= other.lsn
    }

    /// The stricter of two demands: a later history first, then the higher position.
    pub(crate) fn later(self, other: Self) -> Self {
        if (other.epoch, other.lsn) > (self.epoch, self.lsn) {
            other
        } else {
            self
        }
    }

    /// 32 hexadecimal digits that sort as [`later`](Self::later) does, which is how Lua compares them.
    pub(crate) fn encode(self) -> String {
        format!("{:016x}{:016x}", self.epoch, self.lsn)
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        if text.len() != ENCODED_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (epoch, lsn) = text.split_at(ENCODED_BYTES / 2);
        Some(Self {
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            lsn: u64::from_str_radix(lsn, 16).ok()?,
        })
    }
}

pub(crate) const ENCODED_BYTES: usize = 32;

/// What a reader has to see, which decides whether it may use a cached value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Has written nothing lately: any cached value will do.
    Any,
    /// Has to see everything up to this position: cached values only when the watermark covers it.
    AtLeast(Mark),
    /// Asks the source, whatever is cached, and leaves the caches alone.
    Uncached,
}

impl Reader {
    pub(crate) fn may_use(self, vouched: Mark) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeast(needed) => vouched.covers(needed),
            Self::Uncached => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_different_epochs_never_cover_each_other() {
        assert!(Mark::new(1, 10).covers(Mark::new(1, 10)));
        assert!(!Mark::new(1, 9).covers(Mark::new(1, 10)));
        assert!(!Mark::new(2, 99).covers(Mark::new(1, 10)));
        assert!(!Mark::new(1, 99).covers(Mark::new(2, 10)));
    }

    #[test]
    fn the_encoding_sorts_like_the_demand_and_survives_a_round_trip() {
        let marks = [
            Mark::new(0, 0),
            Mark::new(0, u64::MAX),
            Mark::new(1, 15),
            Mark::new(1, 16),
            Mark::new(u64::MAX, 1),
        ];
        for pair in marks.windows(2) {
            assert!(pair[0].encode() < pair[1].encode());
            assert_eq!(pair[0].later(pair[1]), pair[1]);
            assert_eq!(pair[1].later(pair[0]), pair[1]);
            assert_eq!(Mark::decode(&pair[0].encode()), Some(pair[0]));
        }
        assert_eq!(Mark::decode(""), None);
        assert_eq!(Mark::decode(&"+".repeat(32)), None);
        assert_eq!(Mark::decode(&"0".repeat(33)), None);
    }

    #[test]
    fn who_may_use_what_is_vouched_for() {
        let vouched = Mark::new(1, 10);
        assert!(Reader::Any.may_use(vouched));
        assert!(Reader::AtLeast(Mark::new(1, 10)).may_use(vouched));
        assert!(!Reader::AtLeast(Mark::new(1, 11)).may_use(vouched));
        assert!(!Reader::AtLeast(Mark::new(2, 1)).may_use(vouched));
        assert!(!Reader::Uncached.may_use(vouched));
    }
}
