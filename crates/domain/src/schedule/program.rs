//! The order in which the steps of a run are done.

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::condition::Condition;

/// The steps of a run with their branches matched.
#[derive(Debug, Clone)]
pub struct Program<'a> {
    actions: Vec<&'a Action>,
    /// For a step that decides, where the run goes on when it does not hold; for one that ends a branch, where it goes on after
    /// the branch before it was done.
    leaps: Vec<usize>,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the step, from 0.
    pub step: usize,
    /// Whether the branches before did not hold, so that this one is to be looked at.
    #[serde(default)]
    pub untaken: bool,
}

/// What is to be done at a [`Cursor`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Instruction<'a> {
    /// Do this, then go on after it.
    Do(&'a Action),
    /// Look whether this holds, then go on by that.
    Decide(&'a Condition),
    /// Look whether this holds; if not, the run ends here.
    Ensure(&'a Condition),
    /// Nothing: go on after it.
    Pass,
    /// The run ends here.
    End {
        /// As what.
        successful: bool,
    },
}

/// A step whose branch begins or ends nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Malformed {
    /// The number of the step, from 0.
    pub step: usize,
    reason: &'static str,
}

impl<'a> Program<'a> {
    /// Matches the branches of these steps.
    ///
    /// # Errors
    /// [`Malformed`] for the first step whose branch begins or ends nowhere.
    pub fn of(actions: impl IntoIterator<Item = &'a Action>) -> Result<Self, Malformed> {
        let actions: Vec<&Action> = actions.into_iter().collect();
        let mut leaps: Vec<usize> = (1..=actions.len()).collect();
        // Of each open branching: its steps so far, and whether `else` was among them.
        let mut open: Vec<(Vec<usize>, bool)> = Vec::new();
        for (step, action) in actions.iter().enumerate() {
            match action {
                Action::If { .. } => open.push((vec![step], false)),
                Action::ElseIf { .. } | Action::Else => {
                    let Some((branches, has_else)) = open.last_mut() else {
                        return Err(Malformed {
                            step,
                            reason: "there is no `if` before this branch",
                        });
                    };
                    if *has_else {
                        return Err(Malformed {
                            step,
                            reason: "no branch may follow `else`",
                        });
                    }
                    branches.push(step);
                    *has_else = matches!(action, Action::Else);
                }
                Action::EndIf => {
                    let Some((branches, _)) = open.pop() else {
                        return Err(Malformed {
                            step,
                            reason: "there is no `if` before this `end_if`",
                        });
                    };
                    for pair in branches.windows(2) {
                        if let [branch, following] = pair {
                            leaps[*branch] = *following;
                        }
                    }
                    if let Some(last) = branches.last() {
                        leaps[*last] = step;
                    }
                }
                _ => {}
            }
        }
        if let Some(step) = open.last().and_then(|(branches, _)| branches.first()) {
            return Err(Malformed {
                step: *step,
                reason: "there is no `end_if` after this `if`",
            });
        }
        Ok(Self { actions, leaps })
    }

    /// What is to be done at `cursor`. After the last step the run has succeeded.
    #[must_use]
    pub fn at(&self, cursor: Cursor) -> Instruction<'a> {
        let Some(action) = self.actions.get(cursor.step).copied() else {
            return Instruction::End { successful: true };
        };
        match action {
            Action::If { condition } => Instruction::Decide(condition),
            Action::ElseIf { condition } if cursor.untaken => Instruction::Decide(condition),
            Action::ElseIf { .. } | Action::Else | Action::EndIf => Instruction::Pass,
            Action::Ensure { condition } => Instruction::Ensure(condition),
            Action::Exit { successful } => Instruction::End {
                successful: *successful,
            },
            _ => Instruction::Do(action),
        }
    }

    /// Where the run goes on after what was to be done at `cursor`; `holds` is what a [`Instruction::Decide`] found.
    #[must_use]
    pub fn after(&self, cursor: Cursor, holds: bool) -> Cursor {
        let next = Cursor {
            step: cursor.step + 1,
            untaken: false,
        };
        match self.actions.get(cursor.step) {
            Some(Action::If { .. }) if !holds => self.leap(cursor.step),
            Some(Action::ElseIf { .. }) if cursor.untaken && !holds => self.leap(cursor.step),
            Some(Action::ElseIf { .. } | Action::Else) if !cursor.untaken => self.end(cursor.step),
            _ => next,
        }
    }

    fn leap(&self, step: usize) -> Cursor {
        Cursor {
            step: self.leaps[step],
            untaken: true,
        }
    }

    /// The `end_if` of the branching that `step` belongs to.
    fn end(&self, step: usize) -> Cursor {
        let mut step = step;
        while !matches!(self.actions[step], Action::EndIf) {
            step = self.leaps[step];
        }
        Cursor {
            step,
            untaken: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `i0` is an `if` that is decided by `verdicts[0]`, and so on; a letter is a step.
    fn actions(text: &str) -> Vec<Action> {
        let condition =
            |name: &str| json!({ "type": "variable_exists", "variable": { "variable": name } });
        text.split_whitespace()
            .map(|word| {
                let value = match word.split_at(1) {
                    ("i", n) => json!({ "type": "if", "condition": condition(n) }),
                    ("e", n) if !n.is_empty() => {
                        json!({ "type": "else_if", "condition": condition(n) })
                    }
                    ("e", _) => json!({ "type": "else" }),
                    (".", _) => json!({ "type": "end_if" }),
                    ("x", _) => json!({ "type": "exit", "successful": false }),
                    _ => {
                        json!({ "type": "send_command", "ignore_failure": false, "command": word })
                    }
                };
                serde_json::from_value(value).unwrap()
            })
            .collect()
    }

    fn trace(text: &str, verdicts: &[bool]) -> String {
        let actions = actions(text);
        let program = Program::of(&actions).unwrap();
        let mut cursor = Cursor::default();
        let mut done = String::new();
        for _ in 0..100 {
            let holds = match program.at(cursor) {
                Instruction::Do(Action::SendCommand { command, .. }) => {
                    done.push_str(
                        command
                            .resolve(&super::super::Variables::default())
                            .unwrap(),
                    );
                    true
                }
                Instruction::Decide(Condition::VariableExists { variable }) => {
                    verdicts[variable.variable.parse::<usize>().unwrap()]
                }
                Instruction::End { successful } => {
                    return done + if successful { "" } else { "!" };
                }
                _ => true,
            };
            cursor = program.after(cursor, holds);
        }
        panic!("the run does not end: {text}");
    }

    #[test]
    fn one_branch_at_most_is_done() {
        let text = "a i0 b e1 c e2 d e f . g";
        assert_eq!(trace(text, &[true, true, true]), "abg");
        assert_eq!(trace(text, &[false, true, true]), "acg");
        assert_eq!(trace(text, &[false, false, true]), "adg");
        assert_eq!(trace(text, &[false, false, false]), "afg");
        assert_eq!(trace("i0 b e1 c . g", &[false, false]), "g");
        assert_eq!(trace("i0 x e g . h", &[false]), "gh");
        assert_eq!(trace("i0 a x e g . h", &[true]), "a!");
        assert_eq!(trace("", &[]), "");
    }

    #[test]
    fn branches_nest() {
        let text = "i0 a i1 b e c . d e i1 f e g . h . z";
        assert_eq!(trace(text, &[true, true]), "abdz");
        assert_eq!(trace(text, &[true, false]), "acdz");
        assert_eq!(trace(text, &[false, true]), "fhz");
        assert_eq!(trace(text, &[false, false]), "ghz");
    }

    #[test]
    fn branches_that_begin_or_end_nowhere() {
        for (text, step, reason) in [
            ("a e b", 1, "there is no `if` before this branch"),
            ("a .", 1, "there is no `if` before this `end_if`"),
            ("a i0 b", 1, "there is no `end_if` after this `if`"),
            ("i0 e e1 .", 2, "no branch may follow `else`"),
            ("i0 i1 .", 0, "there is no `end_if` after this `if`"),
        ] {
            let actions = actions(text);
            let malformed = Program::of(&actions).unwrap_err();
            assert_eq!((malformed.step, malformed.reason), (step, reason), "{text}");
        }
    }
}
