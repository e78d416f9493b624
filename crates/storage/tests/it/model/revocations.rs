//! Promise 2: a revocation is honoured by every process within a second of its answer.
//!
//! One revocation; two processes that hold the revoked authority in their caches; a replica that lags; a process may lose the
//! primary at any time. Time is in readings' terms: a reading is due every half second, and `Pass` is a whole second.

use stateright::{Checker, Model, Property};

/// Leaving out any one of these must break the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// The row is written in the transaction that revokes.
    RowWithTheChange,
    /// The table is read from the primary.
    ReadFromThePrimary,
    /// Who could not read it for a second trusts nothing that is cached.
    UnknownAfterASecond,
    /// Authority is loaded from the primary.
    LoadFromThePrimary,
    /// A mark from before the load decides whether what was loaded stands.
    MarkBeforeTheLoad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Cached {
    Nothing,
    /// Loaded, not kept yet: what was seen, and whether the revocation was known when it began.
    Loading {
        valid: bool,
        marked_known: bool,
    },
    Kept {
        valid: bool,
        marked_known: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Process {
    reaches_primary: bool,
    cached: Cached,
    /// It has seen the row.
    knows: bool,
    /// A reading has succeeded within the last second.
    current: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct State {
    revoked: bool,
    row: bool,
    answered: bool,
    /// Whole seconds since the answer, up to one.
    passed: bool,
    replica_revoked: bool,
    replica_row: bool,
    processes: [Process; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Revoke,
    WriteRow,
    Answer,
    Replicate,
    Cut(usize),
    Read(usize),
    Load(usize),
    Keep(usize),
    Pass,
}

#[derive(Debug, Clone, Copy)]
struct Panel {
    without: Option<Rule>,
}

impl Panel {
    fn has(self, rule: Rule) -> bool {
        self.without != Some(rule)
    }

    /// Whether the process would let the revoked one in by what it has cached.
    fn lets_in(self, process: &Process) -> bool {
        let Cached::Kept {
            valid,
            marked_known,
        } = process.cached
        else {
            return false;
        };
        let revoked_since = process.knows && !marked_known;
        let trusted = process.current || !self.has(Rule::UnknownAfterASecond);
        valid && trusted && !revoked_since
    }
}

impl Model for Panel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let process = Process {
            reaches_primary: true,
            cached: Cached::Nothing,
            knows: false,
            current: false,
        };
        vec![State {
            revoked: false,
            row: false,
            answered: false,
            passed: false,
            replica_revoked: false,
            replica_row: false,
            processes: [process; 2],
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend([
            Action::Revoke,
            Action::WriteRow,
            Action::Answer,
            Action::Replicate,
            Action::Pass,
        ]);
        for index in 0..state.processes.len() {
            actions.extend([
                Action::Cut(index),
                Action::Read(index),
                Action::Load(index),
                Action::Keep(index),
            ]);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Revoke => {
                state.revoked = true;
                state.row |= self.has(Rule::RowWithTheChange);
            }
            Action::WriteRow if state.revoked => state.row = true,
            Action::Answer if state.revoked => state.answered = true,
            Action::Replicate => {
                state.replica_revoked = state.revoked;
                state.replica_row = state.row;
            }
            Action::Cut(index) => state.processes[index].reaches_primary = false,
            Action::Read(index) => {
                let process = &mut state.processes[index];
                let row = if self.has(Rule::ReadFromThePrimary) {
                    if !process.reaches_primary {
                        return None;
                    }
                    state.row
                } else {
                    state.replica_row
                };
                process.knows |= row;
                process.current = true;
            }
            Action::Load(index) => {
                let process = &mut state.processes[index];
                let revoked = if self.has(Rule::LoadFromThePrimary) {
                    if !process.reaches_primary {
                        return None;
                    }
                    state.revoked
                } else {
                    state.replica_revoked
                };
                process.cached = Cached::Loading {
                    valid: !revoked,
                    marked_known: process.knows,
                };
            }
            Action::Keep(index) => {
                let process = &mut state.processes[index];
                let Cached::Loading {
                    valid,
                    marked_known,
                } = process.cached
                else {
                    return None;
                };
                let marked_known = if self.has(Rule::MarkBeforeTheLoad) {
                    marked_known
                } else {
                    process.knows
                };
                process.cached = Cached::Kept {
                    valid,
                    marked_known,
                };
            }
            // In a second everybody has read, or knows that he has not.
            Action::Pass if state.answered => {
                state.passed = true;
                for process in &mut state.processes {
                    process.current = false;
                    if process.reaches_primary || !self.has(Rule::ReadFromThePrimary) {
                        let row = if self.has(Rule::ReadFromThePrimary) {
                            state.row
                        } else {
                            state.replica_row
                        };
                        process.knows |= row;
                        process.current = true;
                    }
                }
            }
            Action::WriteRow | Action::Answer | Action::Pass => return None,
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "a revocation holds within a second",
                |panel: &Self, state: &State| {
                    !state.passed || !state.processes.iter().any(|process| panel.lets_in(process))
                },
            ),
            Property::sometimes(
                "cached authority lets somebody in",
                |panel: &Self, state: &State| {
                    state.processes.iter().any(|process| panel.lets_in(process))
                },
            ),
        ]
    }
}

#[test]
fn a_revocation_holds_within_a_second() {
    let explored = Panel { without: None }.checker().spawn_bfs().join();
    explored.assert_properties();
    println!("{} states", explored.unique_state_count());
}

#[test]
fn no_rule_can_be_left_out() {
    for rule in [
        Rule::RowWithTheChange,
        Rule::ReadFromThePrimary,
        Rule::UnknownAfterASecond,
        Rule::LoadFromThePrimary,
        Rule::MarkBeforeTheLoad,
    ] {
        let explored = Panel {
            without: Some(rule),
        }
        .checker()
        .spawn_bfs()
        .join();
        let found = explored.discovery("a revocation holds within a second");
        assert!(found.is_some(), "{rule:?} could be left out");
    }
}
