//! Things that have to happen on nodes: what they are, how they go on, and when they are tried again.
//!
//! An operation is a row before anything is asked of a node. Whoever works on it holds a claim with a fence (a number
//! that grows with each claim) and writes only where the fence is still theirs. Every operation has a deadline; what is
//! open then expires.

mod retry;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

pub use retry::Retry;

use crate::node::Flavour;

/// What has to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Create a server on its node and install it.
    Install,
    /// Install a server again.
    Reinstall,
    /// Remove a server from its node.
    Delete,
    /// Let the node fetch a server's configuration.
    Sync,
    /// Start, stop, restart or kill.
    Power,
    /// Send a line to the console.
    Command,
    /// Make a backup.
    Backup,
    /// Put a backup back.
    Restore,
    /// Delete a backup.
    DeleteBackup,
    /// Have one node send a server to another.
    Transfer,
    /// Remove from a node the copy of a server that is on another.
    DiscardCopy,
}

/// What is promised about a call to a node whose answer may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EffectClass {
    /// Twice is the same as once: it is simply called again.
    Repeatable,
    /// Before it is called again, the node is asked whether the first call took effect.
    ProbeFirst,
    /// Never called again once a call may have reached the node.
    AtMostOnce,
}

impl OperationKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Install,
        Self::Reinstall,
        Self::Delete,
        Self::Sync,
        Self::Power,
        Self::Command,
        Self::Backup,
        Self::Restore,
        Self::DeleteBackup,
        Self::Transfer,
        Self::DiscardCopy,
    ];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Reinstall => "reinstall",
            Self::Delete => "delete",
            Self::Sync => "sync",
            Self::Power => "power",
            Self::Command => "command",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::DeleteBackup => "delete_backup",
            Self::Transfer => "transfer",
            Self::DiscardCopy => "discard_copy",
        }
    }

    /// How a call of this kind may be repeated on a node of this flavour.
    ///
    /// The Go daemons accept creating a server or a backup that exists and do it a second time, into the same files; Calagopus
    /// answers 409.
    #[must_use]
    pub const fn effect(self, flavour: Flavour) -> EffectClass {
        match self {
            Self::Install | Self::Backup if flavour.is_go() => EffectClass::ProbeFirst,
            Self::Reinstall | Self::Restore | Self::Transfer => EffectClass::ProbeFirst,
            Self::Install
            | Self::Delete
            | Self::Sync
            | Self::Backup
            | Self::DeleteBackup
            | Self::DiscardCopy => EffectClass::Repeatable,
            Self::Power | Self::Command => EffectClass::AtMostOnce,
        }
    }

    /// How long it may take from being asked for, node outages included. What people wait for in front of
    /// the screen is not done behind their back minutes later.
    #[must_use]
    pub const fn time_limit(self) -> TimeDelta {
        match self {
            Self::Install | Self::Reinstall => TimeDelta::hours(2),
            // Large ones take hours to pack and send.
            Self::Backup | Self::Restore => TimeDelta::hours(12),
            // Of many at once some wait for their turn.
            Self::Transfer => TimeDelta::hours(24),
            Self::Delete | Self::Sync | Self::DeleteBackup | Self::DiscardCopy => {
                TimeDelta::days(7)
            }
            Self::Power => TimeDelta::minutes(1),
            Self::Command => TimeDelta::seconds(20),
        }
    }

    /// Whether it changes what a server is, so that only one such operation of a server may be open.
    #[must_use]
    pub const fn is_lifecycle(self) -> bool {
        matches!(
            self,
            Self::Install | Self::Reinstall | Self::Restore | Self::Delete | Self::Transfer
        )
    }

    /// Whether it ends by a report of the node, not with the answer to the call.
    #[must_use]
    pub const fn ends_by_report(self) -> bool {
        matches!(
            self,
            Self::Install | Self::Reinstall | Self::Backup | Self::Restore | Self::Transfer
        )
    }

    /// When it is tried again.
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self {
            Self::Install
            | Self::Reinstall
            | Self::Sync
            | Self::Backup
            | Self::Restore
            | Self::Transfer => Retry::new(TimeDelta::seconds(2), TimeDelta::minutes(1)),
            Self::Delete | Self::DeleteBackup | Self::DiscardCopy => {
                Retry::new(TimeDelta::seconds(5), TimeDelta::minutes(10))
            }
            Self::Power | Self::Command => Retry::new(TimeDelta::seconds(1), TimeDelta::seconds(5)),
        }
    }
}

/// How an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// Nobody works on it; it waits for its turn or for its next try.
    Queued,
    /// Somebody works on it, or the node does and will report.
    Running,
    /// Done.
    Succeeded,
    /// It cannot be done.
    Failed,
    /// Not done when its deadline passed.
    Expired,
    /// Called off.
    Cancelled,
}

impl OperationState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
    ];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    /// Whether `next` can follow. Final states stay; a late report of the node about a finished operation changes the server at
    /// most, never the operation.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            // Queued can end at once: a node may report what it was asked by a call that seemed to have failed.
            Self::Queued => !matches!(next, Self::Queued),
            Self::Running => !matches!(next, Self::Running),
            Self::Succeeded | Self::Failed | Self::Expired | Self::Cancelled => false,
        }
    }
}

/// How a try of an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The node has done it.
    Done,
    /// The node has taken it on and will report.
    Accepted,
    /// The node will not, and would not next time either.
    Refused,
    /// No call reached the node: no connection, breaker open.
    NotSent,
    /// A call may have reached the node, its answer did not arrive.
    Unknown,
    /// The node answered that it cannot now (5xx, busy).
    TryLater,
}

/// What happens to an operation next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It ends like this.
    End(OperationState),
    /// It stays [`OperationState::Running`] until the node reports or the deadline passes.
    AwaitReport,
    /// It is called again at this time.
    CallAgain(DateTime<Utc>),
    /// The node is asked for its state at this time, and only then perhaps called again.
    ProbeAgain(DateTime<Utc>),
}

/// What happens after a try (`attempts` so far, this one included) of an operation ended with `outcome`.
///
/// `jitter` is a uniformly random number that spreads the retries of many operations. A try that would come
/// after the `deadline` is not made: the operation is expired.
#[must_use]
pub fn next(
    kind: OperationKind,
    flavour: Flavour,
    outcome: Outcome,
    attempts: u32,
    deadline: DateTime<Utc>,
    now: DateTime<Utc>,
    jitter: u32,
) -> Next {
    let again = |with: fn(DateTime<Utc>) -> Next| {
        let at = now + kind.retry().delay(attempts, jitter);
        if at < deadline {
            with(at)
        } else {
            Next::End(OperationState::Expired)
        }
    };
    match (outcome, kind.effect(flavour)) {
        (Outcome::Done, _) => Next::End(OperationState::Succeeded),
        (Outcome::Accepted, _) if kind.ends_by_report() => Next::AwaitReport,
        (Outcome::Accepted, _) => Next::End(OperationState::Succeeded),
        (Outcome::Refused, _) | (Outcome::Unknown | Outcome::TryLater, EffectClass::AtMostOnce) => {
            Next::End(OperationState::Failed)
        }
        (Outcome::Unknown | Outcome::TryLater, EffectClass::ProbeFirst) => again(Next::ProbeAgain),
        (Outcome::NotSent, _) | (Outcome::Unknown | Outcome::TryLater, EffectClass::Repeatable) => {
            again(Next::CallAgain)
        }
    }
}

/// A text that names no kind or state of operations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {noun}")]
pub struct UnknownName {
    noun: &'static str,
    text: String,
}

impl FromStr for OperationKind {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownName {
            noun: "kind of operation",
            text: text.to_owned(),
        })
    }
}

impl FromStr for OperationState {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| UnknownName {
            noun: "state of an operation",
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for OperationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::expect_file;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    const OUTCOMES: [Outcome; 6] = [
        Outcome::Done,
        Outcome::Accepted,
        Outcome::Refused,
        Outcome::NotSent,
        Outcome::Unknown,
        Outcome::TryLater,
    ];

    #[test]
    fn what_follows_each_outcome_is_as_printed() {
        let mut table = String::new();
        for flavour in [Flavour::Calagopus, Flavour::Pterodactyl] {
            for kind in OperationKind::ALL {
                writeln!(table, "{kind} on {flavour}: {:?}", kind.effect(flavour)).unwrap();
                for outcome in OUTCOMES {
                    let next = match next(kind, flavour, outcome, 1, at(1_000), at(0), 0) {
                        Next::End(state) => state.as_str(),
                        Next::AwaitReport => "wait for the node's report",
                        Next::CallAgain(_) => "call again",
                        Next::ProbeAgain(_) => "ask the node, then call again",
                    };
                    writeln!(table, "    {:<10}{next}", format!("{outcome:?}")).unwrap();
                }
            }
        }
        expect_file!["operation/outcomes.txt"].assert_eq(&table);
    }

    #[test]
    fn a_call_that_may_have_arrived_is_repeated_only_where_that_is_harmless() {
        for flavour in Flavour::ALL {
            for kind in OperationKind::ALL {
                let next = next(kind, flavour, Outcome::Unknown, 1, at(1_000), at(0), 0);
                let called_again = matches!(next, Next::CallAgain(_));
                assert_eq!(
                    called_again,
                    kind.effect(flavour) == EffectClass::Repeatable,
                    "{kind} on {flavour}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_tried_after_the_deadline() {
        let ask = |deadline| {
            next(
                OperationKind::Sync,
                Flavour::Pelican,
                Outcome::NotSent,
                1,
                at(deadline),
                at(0),
                u32::MAX,
            )
        };
        assert!(matches!(ask(60), Next::CallAgain(_)));
        assert_eq!(ask(0), Next::End(OperationState::Expired));
        assert_eq!(ask(-5), Next::End(OperationState::Expired));
    }

    #[test]
    fn final_states_stay() {
        for state in OperationState::ALL {
            for next in OperationState::ALL {
                let expected = !state.is_final() && state != next;
                assert_eq!(state.may_become(next), expected, "{state} to {next}");
            }
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert!("done".parse::<OperationState>().is_err());
    }

    #[test]
    fn kinds() {
        for kind in OperationKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert!(kind.time_limit() > TimeDelta::zero());
            assert!(!kind.ends_by_report() || kind.time_limit() > TimeDelta::minutes(1));
        }
        assert_eq!(
            "explode".parse::<OperationKind>().unwrap_err().to_string(),
            "\"explode\" is no kind of operation"
        );
    }
}
