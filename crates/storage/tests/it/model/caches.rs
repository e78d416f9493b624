//! Promise 1: you read your own writes, through lagging replicas and caches.
//!
//! Two writers change the value behind one cache key, each once; the value is the set of writes that it includes. A replica
//! applies the primary's log when it likes. Processes follow the log of invalidations, one on the primary, one on the
//! replica, load the value from anywhere they may, and keep it in a cache of their own or in one they share. Commits are in the log
//! before they are visible, may be answered late and commit out of order; once, the primary may be replaced by a standby that
//! has not got its last record, or crash and come back without what was not on disk. Messages of pub/sub are all lost: one that arrived could only drop a value, and a load may
//! replace it at any time anyhow.
//!
//! Sets of transactions are bit masks, and the second writer never begins first: both keep the number of states low.

use stateright::{Checker, HasDiscoveries, Model, Property};

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
    /// A sample of the primary counts what is on disk.
    OnlyDurableCounts,
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

/// How far a database has come, and how much of that a crash would leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Sample {
    position: Position,
    durable: u8,
}

/// A database's content: what its log has up to here, without commits that are not visible yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Snapshot {
    value: u8,
    xmin: u8,
    /// Transactions whose invalidations it shows.
    rows: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
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
    /// At or above `xmin`.
    seen: u8,
    /// The last row seen (only where that is what it goes by).
    last: u8,
    /// Until where to drop again what was seen, once known.
    unsettled: Vec<Option<Position>>,
    watermark: Option<Position>,
    floor: Option<Position>,
    load: Option<Load>,
    cache: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    log: Vec<Record>,
    /// How many of its records are on disk.
    durable: usize,
    replica: Vec<Record>,
    writes: [Write; 2],
    next_xid: u8,
    failed_over: bool,
    crashed: bool,
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
    FailOver,
    Crash,
    Follow(usize),
    LoadFrom(usize, Source),
    Keep(usize),
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
    /// How many of the writers write.
    writers: usize,
    /// Whether there is a replica to read from.
    replica: bool,
    shared_cache: bool,
    fail_over: bool,
    /// Whether the primary crashes once, and comes back with what was on disk.
    crash: bool,
    /// Whether a follower writes something when a reader waits for its watermark and nobody else writes.
    nudge: bool,
    /// How many records of something else are written (after the fail-over, where there is one).
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

    fn vouched(&self, sample: Sample, source: Source) -> Position {
        let less = u8::from(source == Source::Primary && self.has(Rule::PrimaryCountsLess));
        let counts = if self.has(Rule::OnlyDurableCounts) {
            sample.durable
        } else {
            sample.position.lsn
        };
        Position {
            lsn: counts.saturating_sub(less),
            ..sample.position
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

    fn sample(&self, source: Source) -> Sample {
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
    fn write_to_disk(&mut self, record: Record) {
        self.log.push(record);
        self.durable = self.log.len();
    }

    fn snapshot(&self, source: Source) -> Snapshot {
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
                || self.reaches(state.sample(Source::Replica).position, token);
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
            Step::Dropping(vouched) => {
                if self.has(Rule::DropBeforeWatermark) {
                    self.drop_key(state, &mut process, vouched);
                } else {
                    self.move_watermark(&mut process, vouched);
                }
                process.step = Step::Moving(vouched);
                None
            }
            Step::Moving(vouched) => {
                if self.has(Rule::DropBeforeWatermark) {
                    self.move_watermark(&mut process, vouched);
                } else {
                    self.drop_key(state, &mut process, vouched);
                }
                None
            }
        };
        if let Some((sample, snapshot)) = both {
            let vouched = self.vouched(sample, source);
            let sample = sample.position;
            let new = if self.has(Rule::FollowByXmin) {
                snapshot.rows & at_or_above(process.xmin) & !process.seen != 0
            } else {
                // As if a row's number were its transaction's: both are given out at about the same time.
                let last = u8::try_from(snapshot.rows.checked_ilog2().unwrap_or(0)).unwrap_or(0);
                let new = last > process.last;
                process.last = last.max(process.last);
                new
            };
            let moves = process
                .watermark
                .is_none_or(|known| self.later(Some(known), vouched) != known);
            for until in &mut process.unsettled {
                until.get_or_insert(sample);
            }
            let again = moves && !process.unsettled.is_empty() && self.has(Rule::DropAgain);
            if new {
                process.unsettled.push(None);
            }
            let another = process
                .previous_epoch
                .is_some_and(|epoch| epoch != sample.epoch);
            process.floor = Some(self.later(process.floor, vouched));
            process.previous_epoch = Some(sample.epoch);
            process.xmin = snapshot.xmin;
            process.seen = snapshot.rows & at_or_above(snapshot.xmin);
            let empty = another && self.has(Rule::EmptyOnNewEpoch);
            let drop = new || again || empty;
            if drop {
                process.step = Step::Dropping(vouched);
            } else {
                let waits = |write: &Write| {
                    matches!(write, Write::Answered { token, .. }
                        if self.reaches(sample, *token) && !self.reaches(vouched, *token))
                };
                if self.nudge && source == Source::Primary && state.writes.iter().any(waits) {
                    state.write_to_disk(Record::Other);
                }
                self.move_watermark(&mut process, vouched);
            }
        }
        state.processes[index] = process;
    }

    fn drop_key(&self, state: &mut State, process: &mut Process, vouched: Position) {
        process.cache = None;
        if let Some(load) = &mut process.load {
            load.overtaken = true;
        }
        if self.shared_cache {
            state.shared = None;
            state.shared_floor = Some(self.later(state.shared_floor, vouched));
        }
    }

    fn move_watermark(&self, process: &mut Process, vouched: Position) {
        process.watermark = Some(self.later(process.watermark, vouched));
        let passed =
            |until: &Option<Position>| until.is_some_and(|until| self.reaches(vouched, until));
        process.unsettled.retain(|until| !passed(until));
    }
}

const fn bit(xid: u8) -> u8 {
    1 << xid
}

const fn at_or_above(xid: u8) -> u8 {
    u8::MAX << xid
}

impl Model for Panel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let process = Process {
            step: Step::Idle,
            previous_epoch: None,
            xmin: 0,
            seen: 0,
            last: 0,
            unsettled: Vec::new(),
            watermark: None,
            floor: None,
            load: None,
            cache: None,
        };
        vec![State {
            log: Vec::new(),
            durable: 0,
            replica: Vec::new(),
            writes: [Write::NotBegun; 2],
            next_xid: 1,
            failed_over: false,
            crashed: false,
            processes: vec![process; self.follows.len()],
            shared: None,
            shared_floor: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (writer, write) in state.writes.iter().enumerate().take(self.writers) {
            actions.push(match write {
                Write::NotBegun if writer == 1 && state.writes[0] == Write::NotBegun => continue,
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
        if others < self.others && state.failed_over == self.fail_over {
            actions.push(Action::WriteOther);
        }
        // A replica whose log has gone another way than the primary's gets no more of it.
        let behind = state.durable > state.replica.len();
        if self.replica && behind && state.log.starts_with(&state.replica) {
            actions.push(Action::Replicate);
        }
        for (index, process) in state.processes.iter().enumerate() {
            actions.push(Action::Follow(index));
            if process.load.is_some() {
                actions.push(Action::Keep(index));
            } else {
                // The primary too: a replica can show a commit that the primary does not show yet.
                for source in [Source::Primary, Source::Replica] {
                    if source == Source::Replica && !self.replica {
                        continue;
                    }
                    let from = self.vouched(state.sample(source), source);
                    let enough = process.floor.is_none_or(|floor| self.reaches(from, floor));
                    if enough || !self.has(Rule::LoadAtOrPastFloor) {
                        actions.push(Action::LoadFrom(index, source));
                    }
                }
            }
        }
        if self.fail_over && !state.failed_over && !state.log.is_empty() {
            actions.push(Action::FailOver);
        }
        if self.crash && !state.crashed {
            actions.push(Action::Crash);
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
                let early = (!self.has(Rule::TokenAfterCommit))
                    .then(|| state.sample(Source::Primary).position);
                let logged = self.has(Rule::InvalidationWithTheChange);
                state.write_to_disk(Record::Commit {
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
                    state.write_to_disk(Record::Epoch);
                }
                let token = early.unwrap_or_else(|| state.sample(Source::Primary).position);
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
                state.write_to_disk(record);
            }
            Action::WriteOther => state.log.push(Record::Other),
            Action::Replicate => state.replica.push(state.log[state.replica.len()]),
            Action::FailOver => {
                state.failed_over = true;
                state.log.pop();
                state.durable = state.log.len();
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
            Action::Crash => {
                state.crashed = true;
                state.log.truncate(state.durable);
                for write in &mut state.writes {
                    *write = match *write {
                        Write::NotBegun | Write::Answered { .. } => *write,
                        // Nobody was promised anything, whether it survived or not.
                        _ => Write::Lost,
                    };
                }
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
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("you read your own writes", |panel: &Self, state: &State| {
                panel.reads_own_writes(state)
            }),
            // Without these the promise would be kept by never using anything.
            Property::sometimes(USE, |panel: &Self, state: &State| {
                state.processes.iter().any(|process| {
                    let watermark = process.watermark;
                    panel.cached(state, process).is_some()
                        && state.writes.iter().any(|write| {
                            matches!(write, Write::Answered { token, .. }
                                if watermark.is_some_and(|watermark| panel.reaches(watermark, *token)))
                        })
                })
            }),
        ]
    }
}

const PROMISE: &str = "you read your own writes";
const USE: &str = "a cache answers a reader with a token";

/// Every state that can be reached.
fn explore(panel: Panel) -> impl Checker<Panel> {
    panel.checker().threads(2).spawn_bfs().join()
}

/// States until one breaks the promise.
fn search(panel: Panel) -> impl Checker<Panel> {
    let failures = HasDiscoveries::AnyFailures;
    panel.checker().finish_when(failures).spawn_dfs().join()
}

fn process(follows: Source, without: Option<Rule>) -> Panel {
    Panel {
        without,
        follows: vec![follows],
        writers: 2,
        replica: true,
        shared_cache: false,
        fail_over: false,
        crash: false,
        nudge: false,
        others: 0,
    }
}

#[test]
fn own_writes_are_read_through_a_cache() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(process(follows, None));
        println!("{follows:?}: {} states", explored.unique_state_count());
        explored.assert_properties();
    }
}

#[test]
fn own_writes_are_read_after_a_fail_over() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(Panel {
            fail_over: true,
            replica: follows == Source::Replica,
            ..process(follows, None)
        });
        println!(
            "{follows:?}, fail-over: {} states",
            explored.unique_state_count()
        );
        explored.assert_properties();
    }
}

fn crashing(without: Option<Rule>) -> Panel {
    Panel {
        writers: 1,
        replica: false,
        crash: true,
        nudge: true,
        // One to be counted although it is lost, and one less is counted anyhow.
        others: 2,
        ..process(Source::Primary, without)
    }
}

#[test]
fn own_writes_are_read_after_a_crash() {
    let explored = explore(crashing(None));
    println!("crash: {} states", explored.unique_state_count());
    explored.assert_properties();
}

#[test]
fn the_last_writer_gets_to_use_the_caches_again() {
    let quiet = |nudge| {
        explore(Panel {
            writers: 1,
            replica: false,
            nudge,
            ..process(Source::Primary, None)
        })
    };
    quiet(true).assert_properties();
    assert!(
        quiet(false).discovery(USE).is_none(),
        "the nudge is not needed"
    );
}

fn sharing(without: Option<Rule>) -> Panel {
    Panel {
        follows: vec![Source::Primary, Source::Replica],
        writers: 1,
        shared_cache: true,
        ..process(Source::Primary, without)
    }
}

#[test]
fn own_writes_are_read_through_a_shared_cache() {
    let explored = explore(sharing(None));
    println!("shared: {} states", explored.unique_state_count());
    explored.assert_properties();
}

#[test]
fn no_rule_can_be_left_out() {
    use Rule as R;
    use Source::{Primary, Replica};
    for (rule, follows) in [
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
    ] {
        let searched = search(Panel {
            fail_over: matches!(rule, R::EpochsDiffer | R::EmptyOnNewEpoch),
            nudge: true,
            // Where none is needed to break the promise, there are fewer states to go through.
            replica: !matches!(rule, R::FollowByXmin | R::EmptyOnNewEpoch),
            others: 1,
            ..process(follows, Some(rule))
        });
        println!("{rule:?}: {} states", searched.unique_state_count());
        assert!(
            searched.discovery(PROMISE).is_some(),
            "{rule:?} could be left out"
        );
    }
    let forgetful = search(crashing(Some(R::OnlyDurableCounts)));
    assert!(
        forgetful.discovery(PROMISE).is_some(),
        "what is lost in a crash could be counted"
    );
    let floorless = search(sharing(Some(R::OvertakenLoadsAreNotKept)));
    assert!(
        floorless.discovery(PROMISE).is_some(),
        "the shared cache's floors could be left out"
    );
}
