//! The two cache tiers, who may use what is in them, and rate limits.
//!
//! [`Cache`] composes a small tier inside the process with a Redis that the processes of a region share. It knows no entity
//! and no database: values come from loaders, keys are the caller's [`Key`] types, and a [`Mark`] is an opaque position in
//! the database's history that the caller reports.
//!
//! # What holds
//!
//! * The process has a **watermark**: every change up to it was dropped from both tiers ([`Cache::apply_log`]). Until the
//!   first batch of the invalidation log there is none, and the caches are neither read nor filled.
//! * A reader that has to see a position uses the caches only when the watermark covers it ([`Reader`]).
//! * A load is kept only when its source covers the watermark of the moment it began and the floor of its key: the highest
//!   position at which the key was invalidated, known for [`FLOOR_KEPT`]. A change that is heard of by several ways counts once. In Redis a script compares with the same floor.
//!   A source that lags more than `FLOOR_KEPT` must not be read from.
//! * Redis is never needed and never trusted with more than speed. An invalidation it did not confirm stays owed: until it
//!   is delivered, this process does not believe what Redis holds for that key. After every new connection (Redis may have
//!   been emptied, rolled back or replaced by a replica) entries older than the newest position known are not believed.
//! * Redis slow, hung or gone is a miss. One time budget ([`Options::redis_budget`]) is spent; then a breaker answers at
//!   once, and a task in the background finds out when Redis is back.

mod announcements;
mod bus;
mod cache;
mod change;
mod flight;
mod floors;
mod key;
mod limits;
mod link;
mod local;
mod mark;
mod options;
mod remote;
mod sentinel;
mod telemetry;
mod time;

pub use cache::{Cache, Loaded, LogPosition, News};
pub use change::Change;
pub use floors::FLOOR_KEPT;
pub use key::Key;
pub use limits::{Client, Decision, RateLimit};
pub use mark::{Mark, Reader};
pub use options::{Options, OptionsError, RedisTarget};
pub use time::{ManualTime, Monotonic, SystemMonotonic};
