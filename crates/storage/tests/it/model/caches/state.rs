//! What there is: databases, their logs, writers and processes.

/// What `consistency` demands. Leaving out any one of them must break the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// A reader with a token uses a cache only when the watermark is at or past it.
    TokenGuardsCaches,
    /// A reader with a token uses a replica only when it is at or past it.
    TokenGuardsReplicas,
    /// Who joins a load in flight asks where it is loaded from.
    JoinersCheckTheLoad,
    /// The token is sampled after COMMIT has returned.
    TokenAfterCommit,
    /// The invalidation is written in the transaction that makes it necessary.
    InvalidationWithTheChange,
    /// The position is sampled before the snapshot that it vouches for.
    SampleBeforeSnapshot,
    /// A sample of the primary counts one less.
    PrimaryCountsLess,
    /// A sample of the primary counts what is on disk.
    OnlyDurableCounts,
    /// The log is followed by the transactions that were running, not by the last row seen.
    FollowByXmin,
    /// Keys are dropped before the watermark moves.
    DropBeforeWatermark,
    /// Values are loaded only from a source at or past the coming watermark.
    LoadAtOrPastFloor,
    /// A value from before the key's floor, which is sampled after its change was seen, is not kept while that is remembered.
    KeysHaveFloors,
    /// Positions of different epochs do not satisfy each other.
    EpochsDiffer,
    /// Another epoch empties the caches.
    EmptyOnNewEpoch,
}

/// What a watermark, a token and a sample are: epoch and length of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Position {
    pub(super) epoch: u8,
    pub(super) lsn: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Record {
    /// The commit of a writer's transaction; `logged`: with its invalidation.
    Commit { writer: u8, xid: u8, logged: bool },
    /// The invalidation alone (only where it is not written with the change).
    Invalidation { xid: u8 },
    /// The epoch was raised.
    Epoch,
    /// Something else was written.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Write {
    NotBegun,
    Open {
        xid: u8,
    },
    /// The commit record is in the log; nobody sees it yet.
    Logged {
        xid: u8,
        early: Option<Position>,
    },
    Visible {
        xid: u8,
        early: Option<Position>,
    },
    Answered {
        xid: u8,
        token: Position,
    },
    /// It did not survive the fail-over: what it promised is lost with it.
    Lost,
}

/// How far a database has come, and how much of that a crash would leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sample {
    pub(super) position: Position,
    pub(super) durable: u8,
}

/// A database's content: what its log has up to here, without commits that are not visible yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Snapshot {
    pub(super) value: u8,
    pub(super) xmin: u8,
    /// Transactions whose invalidations it shows.
    pub(super) rows: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Idle,
    /// One of the two is known.
    Sampled(Sample),
    Seen(Snapshot),
    /// The floor was raised; the drop is due (the watermark's move, where the rule is off).
    Dropping(Position),
    /// And then the other of the two.
    Moving(Position),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Load {
    pub(super) from: Position,
    pub(super) value: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) step: Step,
    pub(super) previous_epoch: Option<u8>,
    pub(super) xmin: u8,
    /// At or above `xmin`.
    pub(super) seen: u8,
    /// The last row seen (only where that is what it goes by).
    pub(super) last: u8,
    pub(super) watermark: Option<Position>,
    pub(super) floor: Option<Position>,
    pub(super) load: Option<Load>,
    pub(super) cache: Option<u8>,
    /// From where on a value of the key is kept.
    pub(super) key_floor: Option<Position>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) log: Vec<Record>,
    /// How many of its records are on disk.
    pub(super) durable: usize,
    pub(super) replica: Vec<Record>,
    pub(super) writes: [Write; 2],
    pub(super) next_xid: u8,
    pub(super) failed_over: bool,
    pub(super) crashed: bool,
    pub(super) processes: Vec<Process>,
    /// The shared cache, and the floor of its key.
    pub(super) shared: Option<u8>,
    pub(super) shared_floor: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Primary,
    Replica,
}

impl State {
    pub(super) fn log_of(&self, source: Source) -> &[Record] {
        match source {
            Source::Primary => &self.log,
            Source::Replica => &self.replica,
        }
    }

    pub(super) fn sample(&self, source: Source) -> Sample {
        let log = self.log_of(source);
        let epochs = log
            .iter()
            .filter(|record| **record == Record::Epoch)
            .count();
        let durable = match source {
            Source::Primary => self.durable,
            // It gets only what is on the primary's disk.
            Source::Replica => log.len(),
        };
        Sample {
            position: Position {
                epoch: epochs as u8,
                lsn: log.len() as u8,
            },
            durable: durable as u8,
        }
    }

    /// A commit brings everything before it to the disk as well.
    pub(super) fn write_to_disk(&mut self, record: Record) {
        self.log.push(record);
        self.durable = self.log.len();
    }

    pub(super) fn snapshot(&self, source: Source) -> Snapshot {
        let hidden = |xid: u8| {
            source == Source::Primary
                && self
                    .writes
                    .iter()
                    .any(|write| matches!(write, Write::Logged { xid: own, .. } if *own == xid))
        };
        let (mut value, mut rows, mut committed) = (0, 0, 0_u8);
        for record in self.log_of(source) {
            match *record {
                Record::Commit {
                    writer,
                    xid,
                    logged,
                } if !hidden(xid) => {
                    value |= 1 << writer;
                    committed |= bit(xid);
                    if logged {
                        rows |= bit(xid);
                    }
                }
                Record::Invalidation { xid } => rows |= bit(xid),
                _ => {}
            }
        }
        let xmin = match source {
            Source::Primary => {
                let running = self.writes.iter().filter_map(|write| match write {
                    Write::Open { xid } | Write::Logged { xid, .. } => Some(*xid),
                    _ => None,
                });
                running.min().unwrap_or(self.next_xid)
            }
            // It knows of the others only that they are not over.
            Source::Replica => (1..8).find(|xid| committed & bit(*xid) == 0).unwrap_or(8),
        };
        Snapshot { value, xmin, rows }
    }
}

pub(super) const fn bit(xid: u8) -> u8 {
    1 << xid
}

pub(super) const fn at_or_above(xid: u8) -> u8 {
    u8::MAX << xid
}
