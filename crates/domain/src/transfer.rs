//! Servers that move between nodes: which way is possible, how many at once, and when the copy that is left may go.

use chrono::TimeDelta;

use crate::node::Flavour;

/// The most further streams beside the first.
pub const MAX_CHANNELS: u64 = 16;

/// The most servers that are sent on their way by one request.
pub const MAX_SERVERS: usize = 200;

/// The most backups that go along with a server.
pub const MAX_BACKUPS: usize = 500;

/// How many servers a node sends at a time; others wait for their turn.
pub const SENT_AT_ONCE: i64 = 4;

/// How often the source is called, or the destination asked, until that is given up and the server can be used again.
pub const MAX_TRIES: u32 = 12;

/// How long nothing may arrive at the destination.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(30);

/// How long the old copy stays at least after the server has arrived.
pub const GRACE: TimeDelta = TimeDelta::minutes(10);

/// How long a source that cannot be reached is told to stop sending before what has arrived is removed all the same.
pub const TIME_TO_STOP: TimeDelta = TimeDelta::minutes(10);

/// Which addresses servers get on their new node when nobody names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllocationMode {
    /// None.
    None,
    /// Any free one as the primary.
    RandomPrimary,
    /// As many as they have, any free ones.
    RandomAll,
    /// The same ports, on any address.
    PreservePorts,
}

/// Why a server cannot go from one node to another (409).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// There is nothing to move.
    #[error("the server is on this node already")]
    SameNode,
    /// What one of the nodes runs is not known.
    #[error(
        "one of the nodes has not told yet which daemon it runs; try again when it has answered"
    )]
    UnknownDaemon,
    /// The daemons do not understand each other.
    #[error("the nodes run different daemons: servers move between nodes with the same only")]
    OtherDaemon,
}

impl NoWay {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SameNode => "same_node",
            Self::UnknownDaemon => "node_unknown",
            Self::OtherDaemon => "node_runs_other_daemon",
        }
    }
}

/// What both nodes run, when a server can go from the one to the other.
///
/// # Errors
/// What is in the way. The daemons name the parts of what they send differently, or do not check what they receive from others.
pub fn way(source: Option<Flavour>, destination: Option<Flavour>) -> Result<Flavour, NoWay> {
    match (source, destination) {
        (Some(source), Some(destination)) if source == destination => Ok(source),
        (Some(_), Some(_)) => Err(NoWay::OtherDaemon),
        _ => Err(NoWay::UnknownDaemon),
    }
}

/// Whether what a node has of a server, in bytes, is enough of it that the old copy may go. A server that runs again deletes files, too, so half
/// of them will do; nothing at all is no server, if there was any.
#[must_use]
pub const fn is_enough(there: i64, of: i64) -> bool {
    there >= of / 2 && (there > 0 || of <= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_move_between_nodes_with_the_same_daemon() {
        for source in Flavour::ALL {
            for destination in Flavour::ALL {
                let expected = if source == destination {
                    Ok(source)
                } else {
                    Err(NoWay::OtherDaemon)
                };
                assert_eq!(way(Some(source), Some(destination)), expected);
            }
            assert_eq!(way(Some(source), None), Err(NoWay::UnknownDaemon));
            assert_eq!(way(None, Some(source)), Err(NoWay::UnknownDaemon));
        }
    }

    #[test]
    fn a_copy_goes_when_enough_is_elsewhere() {
        for (there, of, enough) in [
            (0, 0, true),
            (0, 1, false),
            (1, 1, true),
            (49, 100, false),
            (50, 100, true),
            (1_000, 1, true),
            (5, -1, true),
        ] {
            assert_eq!(is_enough(there, of), enough, "{there} of {of}");
        }
    }
}
