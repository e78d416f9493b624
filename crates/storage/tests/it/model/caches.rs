//! Promise 1: you read your own writes, through lagging replicas and caches.
//!
//! Two writers change the value behind one cache key, each once; the value is the set of writes that it includes. A replica
//! applies the primary's log when it likes. Processes follow the log of invalidations, one on the primary, one on the
//! replica, load the value from anywhere they may, and keep it in a cache of their own or in one they share. Commits are in the log
//! before they are visible, may be answered late and commit out of order; pub/sub and evictions may drop a cached value at any
//! time or never; once, the primary may be replaced by a standby that has not got all of its log.

use std::collections::BTreeSet;

use stateright::{Checker, Model, Property};

/// What `consistency` demands. Leaving out any one of them must break the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
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
    /// The log is followed by the transactions that were running, not by the last row seen.
    FollowByXmin,
    /// Keys are dropped before the watermark moves.
    DropBeforeWatermark,
    /// Keys are dropped again until the watermark has passed their commit.
    DropAgain,
    /// Values are loaded only from a source at or past the coming watermark.
    LoadAtOrPastFloor,
    /// A value whose key was dropped since its load began is not kept (in a shared cache: one from before the key's floor).
    OvertakenLoadsAreNotKept,
    /// Positions of different epochs do not satisfy each other.
    EpochsDiffer,
    /// Another epoch empties the caches.
    EmptyOnNewEpoch,
}

/// What a watermark, a token and a sample are: epoch and length of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Position {
    epoch: u8,
    lsn: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Record {
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
enum Write {
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

/// A database's content: what its log has up to here, without commits that are not visible yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Snapshot {
    value: u8,
    xmin: u8,
    /// Transactions whose invalidations it shows.
    rows: BTreeSet<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Idle,
    /// One of the two is known.
    Sampled(Position),
    Seen(Snapshot),
    /// All is known: the floor was raised, the drop is due.
    Dropping {
        vouched: Position,
        drop: bool,
        empty: bool,
    },
    /// What is due after the drop (or before it, where the rule is off).
    Moving {
        vouched: Position,
        drop: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Load {
    from: Position,
    value: u8,
    overtaken: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Process {
    step: Step,
    previous_epoch: Option<u8>,
    xmin: u8,
    seen: BTreeSet<u8>,
    unsettled: bool,
    unsettled_until: Option<Position>,
    watermark: Option<Position>,
    floor: Option<Position>,
    load: Option<Load>,
    cache: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    log: Vec<Record>,
    replica: Vec<Record>,
    writes: [Write; 2],
    next_xid: u8,
    failed_over: bool,
    processes: Vec<Process>,
    /// The shared cache, and the floor of its key.
    shared: Option<u8>,
    shared_floor: Option<Position>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Begin(usize),
    Commit(usize),
    Show(usize),
    Answer(usize),
    /// Only where the invalidation is not written with the change.
    Invalidate(usize),
    WriteOther,
    Replicate,
    FailOver(usize),
    Follow(usize),
    LoadFrom(usize, Source),
    Keep(usize),
    /// Pub/sub, an eviction or an expiry.
    Forget(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Primary,
    Replica,
}

/// A deployment to explore.
#[derive(Debug, Clone)]
struct Panel {
    without: Option<Rule>,
    /// What each process follows the log on.
    follows: Vec<Source>,
    shared_cache: bool,
    fail_over: bool,
    others: usize,
}

impl Panel {
    fn has(&self, rule: Rule) -> bool {
        self.without != Some(rule)
    }

    fn reaches(&self, position: Position, wanted: Position) -> bool {
        (position.epoch == wanted.epoch || !self.has(Rule::EpochsDiffer))
            && position.lsn >= wanted.lsn
    }

    fn later(&self, known: Option<Position>, other: Position) -> Position {
        match known {
            Some(known) if self.has(Rule::EpochsDiffer) && known.epoch != other.epoch => {
                if other.epoch > known.epoch {
                    other
                } else {
                    known
                }
            }
            Some(known) if known.lsn >= other.lsn => known,
            _ => other,
        }
    }

    fn vouched(&self, sample: Position, source: Source) -> Position {
        let less = u8::from(source == Source::Primary && self.has(Rule::PrimaryCountsLess));
        Position {
            lsn: sample.lsn.saturating_sub(less),
            ..sample
        }
    }
}

impl State {
    fn log_of(&self, source: Source) -> &[Record] {
        match source {
            Source::Primary => &self.log,
            Source::Replica => &self.replica,
        }
    }

    fn sample(&self, source: Source) -> Position {
        let log = self.log_of(source);
        let epochs = log
            .iter()
            .filter(|record| **record == Record::Epoch)
            .count();
        Position {
            epoch: epochs as u8,
            lsn: log.len() as u8,
        }
    }

    fn snapshot(&self, source: Source) -> Snapshot {
        let hidden = |xid: u8| {
            source == Source::Primary
                && self
                    .writes
                    .iter()
                    .any(|write| matches!(write, Write::Logged { xid: own, .. } if *own == xid))
        };
        let (mut value, mut rows, mut committed) = (0, BTreeSet::new(), BTreeSet::new());
        for record in self.log_of(source) {
            match *record {
                Record::Commit {
                    writer,
                    xid,
                    logged,
                } if !hidden(xid) => {
                    value |= 1 << writer;
                    committed.insert(xid);
                    if logged {
                        rows.insert(xid);
                    }
                }
                Record::Invalidation { xid } => {
                    rows.insert(xid);
                }
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
            Source::Replica => (1..).find(|xid| !committed.contains(xid)).unwrap_or(1),
        };
        Snapshot { value, xmin, rows }
    }
}

impl Panel {
    fn cached(&self, state: &State, process: &Process) -> Option<u8> {
        if self.shared_cache {
            state.shared
        } else {
            process.cache
        }
    }

    /// Whether some reader who knows of his own write can be shown something without it.
    fn reads_own_writes(&self, state: &State) -> bool {
        let tokens = state
            .writes
            .iter()
            .enumerate()
            .filter_map(|(writer, write)| match write {
                Write::Answered { token, .. } => Some((1 << writer, *token)),
                _ => None,
            });
        tokens.into_iter().all(|(own, token): (u8, Position)| {
            let replica_may = !self.has(Rule::TokenGuardsReplicas)
                || self.reaches(state.sample(Source::Replica), token);
            let replica = !replica_may || state.snapshot(Source::Replica).value & own != 0;
            let processes = state.processes.iter().all(|process| {
                let cache_may = !self.has(Rule::TokenGuardsCaches)
                    || process
                        .watermark
                        .is_some_and(|watermark| self.reaches(watermark, token));
                let cache = !cache_may
                    || self
                        .cached(state, process)
                        .is_none_or(|value| value & own != 0);
                let load = process.load.is_none_or(|load| {
                    let join_may =
                        !self.has(Rule::JoinersCheckTheLoad) || self.reaches(load.from, token);
                    !join_may || load.value & own != 0
                });
                cache && load
            });
            replica && processes && state.snapshot(Source::Primary).value & own != 0
        })
    }

    /// One more part of a process's step along the log.
    fn follow(&self, state: &mut State, index: usize) {
        let source = self.follows[index];
        let (sample, snapshot) = (state.sample(source), state.snapshot(source));
        let mut process = state.processes[index].clone();
        let both = match std::mem::replace(&mut process.step, Step::Idle) {
            Step::Idle if self.has(Rule::SampleBeforeSnapshot) => {
                process.step = Step::Sampled(sample);
                None
            }
            Step::Idle => {
                process.step = Step::Seen(snapshot);
                None
            }
            Step::Sampled(sample) => Some((sample, snapshot)),
            Step::Seen(snapshot) => Some((sample, snapshot)),
            Step::Dropping {
                vouched,
                drop,
                empty,
            } => {
                if self.has(Rule::DropBeforeWatermark) {
                    self.drop_key(state, &mut process, vouched, drop || empty);
                    process.step = Step::Moving {
                        vouched,
                        drop: false,
                    };
                } else {
                    process.watermark = Some(self.later(process.watermark, vouched));
                    process.step = Step::Moving {
                        vouched,
                        drop: drop || empty,
                    };
                }
                None
            }
            Step::Moving { vouched, drop } => {
                self.drop_key(state, &mut process, vouched, drop);
                process.watermark = Some(self.later(process.watermark, vouched));
                if process
                    .unsettled_until
                    .is_some_and(|until| self.reaches(vouched, until))
                {
                    process.unsettled = false;
                    process.unsettled_until = None;
                }
                None
            }
        };
        if let Some((sample, snapshot)) = both {
            let vouched = self.vouched(sample, source);
            let by_xmin = |xid: &u8| *xid >= process.xmin && !process.seen.contains(xid);
            // As if a row's number were its transaction's: both are given out at about the same time.
            let by_last = |xid: &u8| process.seen.last().is_none_or(|last| xid > last);
            let new = snapshot.rows.iter().any(|xid| {
                if self.has(Rule::FollowByXmin) {
                    by_xmin(xid)
                } else {
                    by_last(xid)
                }
            });
            let moves = process
                .watermark
                .is_none_or(|known| self.later(Some(known), vouched) != known);
            if process.unsettled {
                process.unsettled_until.get_or_insert(sample);
            }
            let again = moves && process.unsettled && self.has(Rule::DropAgain);
            if new {
                process.unsettled = true;
                process.unsettled_until = None;
            }
            let another = process
                .previous_epoch
                .is_some_and(|epoch| epoch != sample.epoch);
            process.floor = Some(self.later(process.floor, vouched));
            process.previous_epoch = Some(sample.epoch);
            process.xmin = snapshot.xmin;
            process.seen = snapshot.rows;
            let empty = another && self.has(Rule::EmptyOnNewEpoch);
            process.step = Step::Dropping {
                vouched,
                drop: new || again,
                empty,
            };
        }
        state.processes[index] = process;
    }

    fn drop_key(&self, state: &mut State, process: &mut Process, vouched: Position, drop: bool) {
        if drop {
            process.cache = None;
            if let Some(load) = &mut process.load {
                load.overtaken = true;
            }
            state.shared = None;
            state.shared_floor = Some(self.later(state.shared_floor, vouched));
        }
    }
}

impl Model for Panel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let process = Process {
            step: Step::Idle,
            previous_epoch: None,
            xmin: 0,
            seen: BTreeSet::new(),
            unsettled: false,
            unsettled_until: None,
            watermark: None,
            floor: None,
            load: None,
            cache: None,
        };
        vec![State {
            log: Vec::new(),
            replica: Vec::new(),
            writes: [Write::NotBegun; 2],
            next_xid: 1,
            failed_over: false,
            processes: vec![process; self.follows.len()],
            shared: None,
            shared_floor: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (writer, write) in state.writes.iter().enumerate() {
            actions.push(match write {
                Write::NotBegun => Action::Begin(writer),
                Write::Open { .. } => Action::Commit(writer),
                Write::Logged { .. } => Action::Show(writer),
                Write::Visible { .. } => Action::Answer(writer),
                Write::Answered { .. } | Write::Lost => continue,
            });
        }
        if !self.has(Rule::InvalidationWithTheChange) {
            actions.extend((0..2).map(Action::Invalidate));
        }
        let others = state
            .log
            .iter()
            .filter(|record| **record == Record::Other)
            .count();
        if others < self.others {
            actions.push(Action::WriteOther);
        }
        // A replica whose log has gone another way than the primary's gets no more of it.
        if state.log.len() > state.replica.len() && state.log.starts_with(&state.replica) {
            actions.push(Action::Replicate);
        }
        if self.fail_over && !state.failed_over {
            actions.extend((0..=state.log.len()).map(Action::FailOver));
        }
        for (index, process) in state.processes.iter().enumerate() {
            actions.push(Action::Follow(index));
            if process.load.is_some() {
                actions.push(Action::Keep(index));
            } else {
                actions.push(Action::LoadFrom(index, Source::Primary));
                let replica = state.sample(Source::Replica);
                let floor = process
                    .floor
                    .is_none_or(|floor| self.reaches(replica, floor));
                if floor || !self.has(Rule::LoadAtOrPastFloor) {
                    actions.push(Action::LoadFrom(index, Source::Replica));
                }
            }
            if self.cached(state, process).is_some() {
                actions.push(Action::Forget(index));
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Begin(writer) => {
                state.writes[writer] = Write::Open {
                    xid: state.next_xid,
                };
                state.next_xid += 1;
            }
            Action::Commit(writer) => {
                let Write::Open { xid } = state.writes[writer] else {
                    return None;
                };
                let early =
                    (!self.has(Rule::TokenAfterCommit)).then(|| state.sample(Source::Primary));
                let logged = self.has(Rule::InvalidationWithTheChange);
                state.log.push(Record::Commit {
                    writer: writer as u8,
                    xid,
                    logged,
                });
                state.writes[writer] = Write::Logged { xid, early };
            }
            Action::Show(writer) => {
                let Write::Logged { xid, early } = state.writes[writer] else {
                    return None;
                };
                state.writes[writer] = Write::Visible { xid, early };
            }
            Action::Answer(writer) => {
                let Write::Visible { xid, early } = state.writes[writer] else {
                    return None;
                };
                // A commit notices that the timeline is another than the epoch was given for.
                if state.failed_over && !state.log.contains(&Record::Epoch) {
                    state.log.push(Record::Epoch);
                }
                let token = early.unwrap_or_else(|| state.sample(Source::Primary));
                state.writes[writer] = Write::Answered { xid, token };
            }
            Action::Invalidate(writer) => {
                let (Write::Visible { xid, .. } | Write::Answered { xid, .. }) =
                    state.writes[writer]
                else {
                    return None;
                };
                let record = Record::Invalidation { xid };
                if state.log.contains(&record) {
                    return None;
                }
                state.log.push(record);
            }
            Action::WriteOther => state.log.push(Record::Other),
            Action::Replicate => state.replica.push(state.log[state.replica.len()]),
            Action::FailOver(kept) => {
                state.failed_over = true;
                state.log.truncate(kept);
                let survived = |writer: usize| {
                    state.log.iter().any(|record| {
                        matches!(record, Record::Commit { writer: own, .. } if usize::from(*own) == writer)
                    })
                };
                let survivors = [survived(0), survived(1)];
                for (write, survives) in state.writes.iter_mut().zip(survivors) {
                    *write = match *write {
                        Write::NotBegun => Write::NotBegun,
                        // Its writer was never answered: nothing was promised.
                        Write::Answered { .. } if survives => *write,
                        _ => Write::Lost,
                    };
                }
                let xids = state.log.iter().map(|record| match record {
                    Record::Commit { xid, .. } | Record::Invalidation { xid } => *xid,
                    Record::Epoch | Record::Other => 0,
                });
                state.next_xid = xids.max().unwrap_or(0) + 1;
            }
            Action::Follow(index) => self.follow(&mut state, index),
            Action::LoadFrom(index, source) => {
                let value = state.snapshot(source).value;
                let from = self.vouched(state.sample(source), source);
                state.processes[index].load = Some(Load {
                    from,
                    value,
                    overtaken: false,
                });
            }
            Action::Keep(index) => {
                let load = state.processes[index].load.take()?;
                let floor = state
                    .shared_floor
                    .is_none_or(|floor| self.reaches(load.from, floor));
                let overtaken = if self.shared_cache {
                    !floor
                } else {
                    load.overtaken
                };
                if !overtaken || !self.has(Rule::OvertakenLoadsAreNotKept) {
                    if self.shared_cache {
                        state.shared = Some(load.value);
                    } else {
                        state.processes[index].cache = Some(load.value);
                    }
                }
            }
            Action::Forget(index) => {
                if self.shared_cache {
                    state.shared = None;
                } else {
                    state.processes[index].cache = None;
                }
            }
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("you read your own writes", |panel: &Self, state| {
                panel.reads_own_writes(state)
            }),
            // Without these the promise would be kept by never using anything.
            Property::sometimes(
                "a cache answers a reader with a token",
                |panel: &Self, state| {
                    state.processes.iter().any(|process| {
                    let watermark = process.watermark;
                    panel.cached(state, process).is_some()
                        && state.writes.iter().any(|write| {
                            matches!(write, Write::Answered { token, .. }
                                if watermark.is_some_and(|watermark| panel.reaches(watermark, *token)))
                        })
                })
                },
            ),
        ]
    }
}

const PROMISE: &str = "you read your own writes";

fn explore(panel: Panel) -> impl Checker<Panel> {
    panel.checker().threads(2).spawn_bfs().join()
}

fn process(follows: Source, without: Option<Rule>) -> Panel {
    Panel {
        without,
        follows: vec![follows],
        shared_cache: false,
        fail_over: false,
        others: 1,
    }
}

#[test]
fn own_writes_are_read_through_a_cache() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(process(follows, None));
        explored.assert_properties();
        println!("{follows:?}: {} states", explored.unique_state_count());
    }
}

#[test]
fn own_writes_are_read_after_a_fail_over() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(Panel {
            fail_over: true,
            others: 0,
            ..process(follows, None)
        });
        explored.assert_properties();
        println!(
            "{follows:?}, fail-over: {} states",
            explored.unique_state_count()
        );
    }
}

#[test]
fn own_writes_are_read_through_a_shared_cache() {
    let panel = Panel {
        follows: vec![Source::Primary, Source::Replica],
        shared_cache: true,
        others: 0,
        ..process(Source::Primary, None)
    };
    let explored = explore(panel);
    explored.assert_properties();
    println!("shared: {} states", explored.unique_state_count());
}

#[test]
fn no_rule_can_be_left_out() {
    use Rule as R;
    use Source::{Primary, Replica};
    let of_one = [
        (R::TokenGuardsCaches, Primary),
        (R::TokenGuardsReplicas, Primary),
        (R::JoinersCheckTheLoad, Primary),
        (R::TokenAfterCommit, Replica),
        (R::InvalidationWithTheChange, Replica),
        (R::SampleBeforeSnapshot, Replica),
        (R::PrimaryCountsLess, Primary),
        (R::FollowByXmin, Primary),
        (R::DropBeforeWatermark, Replica),
        (R::DropAgain, Primary),
        (R::LoadAtOrPastFloor, Primary),
        (R::OvertakenLoadsAreNotKept, Replica),
        (R::EpochsDiffer, Replica),
        (R::EmptyOnNewEpoch, Primary),
    ];
    for (rule, follows) in of_one {
        let fail_over = matches!(rule, R::EpochsDiffer | R::EmptyOnNewEpoch);
        let explored = explore(Panel {
            fail_over,
            ..process(follows, Some(rule))
        });
        assert!(
            explored.discovery(PROMISE).is_some(),
            "{rule:?} could be left out"
        );
        println!("{rule:?}: {} states", explored.unique_state_count());
    }
}
