//! Who wrote what lately, as told by the processes of the region: covers clients that echo no token.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::HashMap;

use super::Position;

/// How long a write is remembered.
pub const REMEMBERED: Duration = Duration::from_secs(30);

/// Principals and how far each has written, for 30 s. Fed by this process's own commits and by what other processes
/// broadcast.
#[derive(Debug)]
pub struct RecentWrites {
    writes: Mutex<Writes>,
    /// For how long what was heard is all that there is.
    relied_on: Duration,
}

#[derive(Debug, Default)]
struct Writes {
    of: HashMap<String, (Position, Instant)>,
    forgotten_at: Option<Instant>,
    /// Since when every broadcast is heard.
    listening_since: Option<Instant>,
    /// Every broadcast from before was heard.
    heard_until: Option<Instant>,
}

impl RecentWrites {
    /// Nobody has written. What was heard up to a moment is relied on for so long.
    #[must_use]
    pub fn new(relied_on: Duration) -> Self {
        Self {
            writes: Mutex::default(),
            relied_on,
        }
    }

    /// `principal` has written up to `position`; heard at `now`.
    pub fn note(&self, principal: &str, position: Position, now: Instant) {
        let mut writes = self.lock();
        let stale = |at: Instant| now.saturating_duration_since(at) > REMEMBERED;
        // Now and then is enough: what is stale is not given out.
        if writes.forgotten_at.is_none_or(stale) {
            writes.of.retain(|_, (_, at)| !stale(*at));
            writes.forgotten_at = Some(now);
        }
        let entry = writes
            .of
            .entry(principal.to_owned())
            .or_insert((position, now));
        *entry = (entry.0.later(position), now);
    }

    /// From `now` on every broadcast of the region is heard.
    pub fn listen(&self, now: Instant) {
        self.lock().listening_since = Some(now);
    }

    /// Every broadcast from before `until` was heard.
    pub fn hear(&self, until: Instant) {
        let mut writes = self.lock();
        writes.heard_until = writes.heard_until.max(Some(until));
    }

    /// Broadcasts are not heard until the next [`listen`](Self::listen).
    pub fn go_deaf(&self) {
        self.lock().listening_since = None;
    }

    /// Whether every broadcast of the last 30 s was heard: what [`of`](Self::of) gives afterwards is all there is.
    #[must_use]
    pub fn is_complete(&self, now: Instant) -> bool {
        let writes = self.lock();
        let since = |at: Instant| now.saturating_duration_since(at);
        writes
            .listening_since
            .is_some_and(|at| since(at) > REMEMBERED)
            && writes
                .heard_until
                .is_some_and(|at| since(at) <= self.relied_on)
    }

    /// How far `principal` has written within the last 30 s, as far as this process knows.
    #[must_use]
    pub fn of(&self, principal: &str, now: Instant) -> Option<Position> {
        let writes = self.lock();
        let (position, at) = writes.of.get(principal)?;
        (now.saturating_duration_since(*at) <= REMEMBERED).then_some(*position)
    }

    fn lock(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELIED_ON: Duration = Duration::from_millis(250);

    #[test]
    fn the_latest_write_is_remembered_for_a_while() {
        let (writes, start) = (RecentWrites::new(RELIED_ON), Instant::now());
        let at = |lsn| Position { epoch: 1, lsn };
        writes.note("a", at(20), start);
        writes.note("a", at(10), start + Duration::from_secs(1));
        assert_eq!(writes.of("a", start), Some(at(20)));
        assert_eq!(writes.of("b", start), None);
        assert_eq!(writes.of("a", start + Duration::from_secs(32)), None);
        writes.note("b", at(30), start + Duration::from_secs(40));
        assert_eq!(writes.writes.lock().unwrap().of.len(), 1);
    }

    #[test]
    fn what_was_said_before_anybody_listened_is_unknown_for_a_while() {
        let (writes, start) = (RecentWrites::new(RELIED_ON), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        writes.hear(after(100));
        assert!(!writes.is_complete(start));
        writes.listen(start);
        assert!(!writes.is_complete(after(30)));
        assert!(writes.is_complete(after(31)));
        writes.go_deaf();
        assert!(!writes.is_complete(after(40)));
        writes.listen(after(41));
        assert!(!writes.is_complete(after(71)));
        assert!(writes.is_complete(after(72)));
    }

    #[test]
    fn what_was_heard_is_relied_on_for_a_moment() {
        let (writes, start) = (RecentWrites::new(RELIED_ON), Instant::now());
        let at = start + Duration::from_secs(60);
        writes.listen(start);
        assert!(!writes.is_complete(at), "nothing was heard");
        writes.hear(at);
        assert!(writes.is_complete(at + RELIED_ON));
        writes.hear(start);
        assert!(writes.is_complete(at + RELIED_ON));
        assert!(!writes.is_complete(at + RELIED_ON + Duration::from_millis(1)));
    }
}
