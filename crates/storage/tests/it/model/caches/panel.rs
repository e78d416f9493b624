//! What may happen, under which rules.

use stateright::{Model, Property};

use super::state::{
    Load, Position, Process, Record, Rule, Sample, Source, State, Step, Write, at_or_above,
};
use super::{PROMISE, USE};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
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
    /// Floors are not kept for ever.
    Forget(usize),
}

/// A deployment to explore.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    pub(super) without: Option<Rule>,
    /// What each process follows the log on.
    pub(super) follows: Vec<Source>,
    /// How many of the writers write.
    pub(super) writers: usize,
    /// Whether there is a replica to read from.
    pub(super) replica: bool,
    pub(super) shared_cache: bool,
    pub(super) fail_over: bool,
    /// Whether the primary crashes once, and comes back with what was on disk.
    pub(super) crash: bool,
    /// Whether a follower writes something when a reader waits for its watermark and nobody else writes.
    pub(super) nudge: bool,
    /// How many records of something else are written (after the fail-over, where there is one).
    pub(super) others: usize,
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
                    self.drop_key(state, &mut process, sample.position);
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
                    self.drop_key(state, &mut process, sample.position);
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
            let another = process
                .previous_epoch
                .is_some_and(|epoch| epoch != sample.epoch);
            process.floor = Some(self.later(process.floor, vouched));
            process.previous_epoch = Some(sample.epoch);
            process.xmin = snapshot.xmin;
            process.seen = snapshot.rows & at_or_above(snapshot.xmin);
            let empty = another && self.has(Rule::EmptyOnNewEpoch);
            let drop = new || empty;
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

    fn drop_key(&self, state: &mut State, process: &mut Process, seen: Position) {
        if self.shared_cache {
            state.shared = None;
            state.shared_floor = Some(self.later(state.shared_floor, seen));
        } else {
            process.cache = None;
            process.key_floor = Some(self.later(process.key_floor, seen));
        }
    }

    /// Whether the floor of its key has outlived what it is for: the watermark is past it, and so is every load.
    fn is_over(&self, process: &Process) -> bool {
        process.key_floor.is_some_and(|floor| {
            let past = |position: Position| self.reaches(position, floor);
            process.watermark.is_some_and(past) && process.load.is_none_or(|load| past(load.from))
        })
    }

    fn move_watermark(&self, process: &mut Process, vouched: Position) {
        process.watermark = Some(self.later(process.watermark, vouched));
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
            seen: 0,
            last: 0,
            watermark: None,
            floor: None,
            load: None,
            cache: None,
            key_floor: None,
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
            if self.is_over(process) {
                actions.push(Action::Forget(index));
            }
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
                state.processes[index].load = Some(Load { from, value });
            }
            Action::Forget(index) => state.processes[index].key_floor = None,
            Action::Keep(index) => {
                let process = &mut state.processes[index];
                let load = process.load.take()?;
                let (cache, floor) = if self.shared_cache {
                    (&mut state.shared, state.shared_floor)
                } else {
                    (&mut process.cache, process.key_floor)
                };
                let new_enough = floor.is_none_or(|floor| self.reaches(load.from, floor));
                if new_enough || !self.has(Rule::KeysHaveFloors) {
                    *cache = Some(load.value);
                }
            }
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(PROMISE, |panel: &Self, state: &State| {
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
