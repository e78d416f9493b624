//! How a simulator is started and what can go wrong with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use panel_domain::clock::{Clock, SystemClock};
use wings_client::wire::config::NodeConfig;

use crate::dialect::Dialect;

/// Who moves things on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Installations, starts and stops take a plausible while and then succeed.
    Automatic,
    /// Each waits until it is told: [`crate::WingsSim::finish_install`], [`crate::WingsSim::advance`].
    Stepped,
}

/// How a simulator behaves.
#[derive(Debug, Clone)]
pub struct SimOptions {
    /// The node's configuration, as the panel made it.
    pub config: NodeConfig,
    /// Which daemon it plays.
    pub dialect: Dialect,
    /// Who moves things on.
    pub mode: Mode,
    /// Time between two simulated lines of a console.
    pub pace: Duration,
    /// Time between two `stats` of a server that runs.
    pub stats_interval: Duration,
    /// Time between two looks at the token of a socket.
    pub token_interval: Duration,
    /// Time between two batches of activity.
    pub activity_interval: Duration,
    /// How long the daemon claims to have been up at its first start. Tokens issued before the start are refused, as by a real one, and
    /// tokens are dated back a little. A restart claims nothing.
    pub uptime: TimeDelta,
    /// Tell the panel every change of state, as Pelican does and Calagopus does not.
    pub report_states: bool,
    /// Refuse a socket whose `Origin` is neither the panel nor an allowed one, as the Go daemons do.
    pub check_origin: bool,
    /// How long a boot tries to reach the panel before it gives up.
    pub patience: Duration,
    /// Time before the first repetition of a failed report; grows with the square of the attempt.
    pub retry: Duration,
    /// File that keeps everything over the end of the process.
    pub state: Option<PathBuf>,
    /// Refuse to fetch files from this machine and private networks, as the real ones do.
    pub refuse_private_pulls: bool,
    /// How a vast upload (named `vast-` and its bytes, counted and not kept) is taken; as fast as it comes without it.
    pub slow: Option<Slow>,
    /// How much a socket may fall behind, in events.
    pub events: usize,
    /// Threads that answer.
    pub workers: usize,
    /// Varies the figures in `stats`.
    pub seed: u64,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl SimOptions {
    /// For a person to look at: everything goes on by itself at a visible pace.
    #[must_use]
    pub fn new(config: NodeConfig) -> Self {
        Self {
            config,
            dialect: Dialect::Calagopus,
            mode: Mode::Automatic,
            pace: Duration::from_millis(200),
            stats_interval: Duration::from_secs(1),
            token_interval: Duration::from_secs(30),
            activity_interval: Duration::from_secs(60),
            uptime: TimeDelta::minutes(1),
            report_states: true,
            check_origin: true,
            patience: Duration::from_secs(300),
            retry: Duration::from_secs(1),
            state: None,
            refuse_private_pulls: true,
            slow: None,
            events: 4096,
            workers: 2,
            seed: 0,
            clock: Arc::new(SystemClock),
        }
    }

    /// The same for another daemon, which also decides whether the panel is told of every change of state.
    #[must_use]
    pub fn speaking(self, dialect: Dialect) -> Self {
        Self {
            dialect,
            report_states: dialect == Dialect::Pelican
                || (self.report_states && dialect == Dialect::Calagopus),
            ..self
        }
    }

    /// For a test: everything waits for a step, repetitions come quickly, activity is sent only when told.
    #[must_use]
    pub fn stepped(config: NodeConfig) -> Self {
        Self {
            mode: Mode::Stepped,
            pace: Duration::ZERO,
            activity_interval: Duration::from_secs(24 * 60 * 60),
            patience: Duration::from_secs(10),
            retry: Duration::from_millis(50),
            ..Self::new(config)
        }
    }
}

/// Somebody who is slow at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    /// Bytes a second.
    pub rate: u64,
    /// For so long; then as fast as can be.
    pub first: Duration,
}

impl Slow {
    /// How long to rest after having taken so many bytes in so long.
    #[must_use]
    pub fn rest(self, taken: u64, elapsed: Duration) -> Duration {
        if elapsed >= self.first {
            return Duration::ZERO;
        }
        let nanos = u128::from(taken) * 1_000_000_000 / u128::from(self.rate.max(1));
        let due = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        due.min(self.first).saturating_sub(elapsed)
    }
}

/// Why a simulator could not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The panel did not let the daemon boot.
    #[error("the panel did not let the daemon boot: {0}")]
    Boot(#[from] crate::remote::RemoteFailure),
    /// The state file could not be read or written.
    #[error("the state file {path}: {reason}")]
    State {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("the client for the panel cannot be made: {0}")]
    Client(#[source] reqwest::Error),
    /// What was waited for did not come to pass.
    #[error("waited {seconds} s in vain for {what}")]
    Waited {
        /// For what.
        what: String,
        /// How long.
        seconds: u64,
    },
    /// A recording could not be read.
    #[error("line {line} of the recording: {reason}")]
    Recording {
        /// Line, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_slow_rests_until_what_was_taken_is_due_and_not_beyond_the_first_time() {
        let slow = Slow {
            rate: 1000,
            first: Duration::from_secs(10),
        };
        let seconds = Duration::from_secs;
        assert_eq!(slow.rest(5000, seconds(2)), seconds(3));
        assert_eq!(slow.rest(1000, seconds(2)), Duration::ZERO);
        assert_eq!(slow.rest(50_000, seconds(2)), seconds(8));
        assert_eq!(slow.rest(50_000, seconds(10)), Duration::ZERO);
    }
}
