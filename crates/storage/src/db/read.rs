//! Where a reading went and why: for metrics, and for whoever looks for the reason of a slow answer.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use super::Source;

/// Why a reading went where it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A replica that has come to this process's watermark; the reader asked for no more.
    Fresh,
    /// A replica that has come to the reader's own write.
    ComeToWrite,
    /// The use case asks the primary: credentials, permissions, limits, states.
    Demanded,
    /// No replica has come to the reader's own write yet.
    Behind,
    /// The reader may have written something that this process did not hear of.
    Unheard,
    /// No replica has come to this process's watermark.
    BehindWatermark,
    /// There is no replica.
    NoReplica,
    /// No replica is in use: they do not answer or lag too much.
    NoneInUse,
    /// A replica did not find what was looked up, which may be newer than what it shows.
    NotFound,
    /// A replica failed in the middle.
    ReplicaFailed,
    /// The primary is away.
    PrimaryAway,
}

impl Reason {
    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::ComeToWrite => "come_to_write",
            Self::Demanded => "demanded",
            Self::Behind => "behind",
            Self::Unheard => "unheard",
            Self::BehindWatermark => "behind_watermark",
            Self::NoReplica => "no_replica",
            Self::NoneInUse => "none_in_use",
            Self::NotFound => "not_found",
            Self::ReplicaFailed => "replica_failed",
            Self::PrimaryAway => "primary_away",
        }
    }
}

/// Where a reading went and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// Where.
    pub source: Source,
    /// Why.
    pub reason: Reason,
}

impl Route {
    pub(super) const fn primary(reason: Reason) -> Self {
        Self {
            source: Source::Primary,
            reason,
        }
    }

    pub(super) const fn replica(reason: Reason) -> Self {
        Self {
            source: Source::Replica,
            reason,
        }
    }

    pub(super) fn count(self) {
        let labels = [
            ("source", self.source.as_str()),
            ("reason", self.reason.as_str()),
        ];
        metrics::counter!("db_reads_total", &labels).increment(1);
        ReadLog::add(self);
    }
}

/// `primary=behind`
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.source.as_str(), self.reason.as_str())
    }
}

tokio::task_local! {
    static CURRENT: ReadLog;
}

/// The readings of one task, in order, for the header that shows them while somebody looks for a fault. Costs a look at a variable of
/// the task where nobody listens.
#[derive(Debug, Clone, Default)]
pub struct ReadLog(Arc<Mutex<Vec<String>>>);

impl ReadLog {
    /// Runs `work` and listens to it. What it spawns is not heard.
    pub async fn listen<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Adds a reading that went to no database, for example to a cache.
    pub fn add(what: impl fmt::Display) {
        // Outside of `listen` there is nobody to tell.
        CURRENT
            .try_with(|log| {
                log.0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(what.to_string());
            })
            .ok();
    }

    /// All that was heard, separated by commas.
    #[must_use]
    pub fn text(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .join(", ")
    }
}
