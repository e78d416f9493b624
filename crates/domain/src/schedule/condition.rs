//! What has to hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::value::{Dynamic, Variable, Variables};
use crate::server::PowerState;

/// What has to hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleCondition, no_recursion))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// It always holds.
    #[default]
    None,
    /// All of these hold.
    And {
        /// Which.
        conditions: Vec<Self>,
    },
    /// One of these holds.
    Or {
        /// Which.
        conditions: Vec<Self>,
    },
    /// This does not hold.
    Not {
        /// Which.
        condition: Box<Self>,
    },
    /// The server is in this state.
    ServerState {
        /// The state.
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        state: PowerState,
    },
    /// The server has run for so long.
    Uptime {
        /// How `value` is compared with.
        comparator: Comparator,
        /// Milliseconds.
        #[cfg_attr(feature = "schema", schema(value_type = i64, minimum = 0))]
        value: u64,
    },
    /// The server uses so much.
    ResourceUsage {
        /// Of what.
        metric: Metric,
        /// How `value` is compared with.
        comparator: Comparator,
        /// Percent of a hardware thread for CPU, bytes otherwise.
        value: f64,
    },
    /// The server has this file.
    FileExists {
        /// Its path.
        #[cfg_attr(feature = "schema", schema(min_length = 1, max_length = 255))]
        file: String,
    },
    /// A variable of the run was set.
    VariableExists {
        /// Which.
        variable: Variable,
    },
    /// A variable of the run holds this.
    VariableEquals {
        /// Which.
        variable: Variable,
        /// What it holds.
        equals: Dynamic,
    },
    /// A variable of the run holds this somewhere.
    VariableContains {
        /// Which.
        variable: Variable,
        /// What it holds.
        contains: Dynamic,
    },
    /// What a variable of the run holds begins with this.
    VariableStartsWith {
        /// Which.
        variable: Variable,
        /// What it begins with.
        starts_with: Dynamic,
    },
    /// What a variable of the run holds ends with this.
    VariableEndsWith {
        /// Which.
        variable: Variable,
        /// What it ends with.
        ends_with: Dynamic,
    },
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleConditionComparator))]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// `<`
    SmallerThan,
    /// `<=`
    SmallerThanOrEquals,
    /// `==`
    Equal,
    /// `>`
    GreaterThan,
    /// `>=`
    GreaterThanOrEquals,
}

impl Comparator {
    /// Whether `left` is this, compared with `right`.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::SmallerThan => left < right,
            Self::SmallerThanOrEquals => left <= right,
            Self::Equal => left == right,
            Self::GreaterThan => left > right,
            Self::GreaterThanOrEquals => left >= right,
        }
    }
}

/// What a server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ScheduleResourceMetric))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Percent of a hardware thread.
    Cpu,
    /// Bytes.
    Memory,
    /// Bytes.
    Disk,
}

/// What a server uses now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// What its process does.
    pub state: PowerState,
    /// For how long it has run, in milliseconds.
    pub uptime_ms: u64,
    /// Percent of a hardware thread.
    pub cpu: f64,
    /// Bytes.
    pub memory: u64,
    /// Bytes.
    pub disk: u64,
}

/// What is known when a condition is looked at.
#[derive(Debug, Clone, Default)]
pub struct Observation {
    /// What the node says about the server.
    pub usage: Option<Usage>,
    /// Whether files exist.
    pub files: BTreeMap<String, bool>,
}

/// Whether the condition holds cannot be said: this was not observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of the server is not known")]
pub struct Unknown(&'static str);

impl Condition {
    /// Whether the node has to be asked about the server's process.
    #[must_use]
    pub fn asks_usage(&self) -> bool {
        match self {
            Self::ServerState { .. } | Self::Uptime { .. } | Self::ResourceUsage { .. } => true,
            Self::And { conditions } | Self::Or { conditions } => {
                conditions.iter().any(Self::asks_usage)
            }
            Self::Not { condition } => condition.asks_usage(),
            _ => false,
        }
    }

    /// The files that the node has to be asked for.
    #[must_use]
    pub fn asks_files(&self) -> Vec<&str> {
        match self {
            Self::FileExists { file } => vec![file],
            Self::And { conditions } | Self::Or { conditions } => {
                conditions.iter().flat_map(Self::asks_files).collect()
            }
            Self::Not { condition } => condition.asks_files(),
            _ => Vec::new(),
        }
    }

    /// Whether it holds. A variable that was never set equals, contains, begins and ends with nothing.
    ///
    /// # Errors
    /// [`Unknown`] when something that decides was not observed.
    pub fn holds(&self, seen: &Observation, variables: &Variables) -> Result<bool, Unknown> {
        let usage = || seen.usage.ok_or(Unknown("state"));
        let compare = |variable: &Variable, with: &Dynamic, test: fn(&str, &str) -> bool| match (
            variables.get(&variable.variable),
            with.resolve(variables),
        ) {
            (Some(value), Some(with)) => test(value, with),
            _ => false,
        };
        Ok(match self {
            Self::None => true,
            Self::And { conditions } => {
                for condition in conditions {
                    if !condition.holds(seen, variables)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Or { conditions } => {
                for condition in conditions {
                    if condition.holds(seen, variables)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::Not { condition } => !condition.holds(seen, variables)?,
            Self::ServerState { state } => usage()?.state == *state,
            Self::Uptime { comparator, value } => comparator.holds(usage()?.uptime_ms, *value),
            Self::ResourceUsage {
                metric,
                comparator,
                value,
            } => {
                let usage = usage()?;
                let used = match metric {
                    Metric::Cpu => usage.cpu,
                    Metric::Memory => bytes(usage.memory),
                    Metric::Disk => bytes(usage.disk),
                };
                comparator.holds(used, *value)
            }
            Self::FileExists { file } => *seen.files.get(file).ok_or(Unknown("list of files"))?,
            Self::VariableExists { variable } => variables.get(&variable.variable).is_some(),
            Self::VariableEquals { variable, equals } => {
                compare(variable, equals, |value, with| value == with)
            }
            Self::VariableContains { variable, contains } => {
                compare(variable, contains, |value, with| value.contains(with))
            }
            Self::VariableStartsWith {
                variable,
                starts_with,
            } => compare(variable, starts_with, |value, with| value.starts_with(with)),
            Self::VariableEndsWith {
                variable,
                ends_with,
            } => compare(variable, ends_with, |value, with| value.ends_with(with)),
        })
    }

    /// This and what it is made of, with how deep each stands (the condition itself is at 1).
    pub(super) fn walk<'a>(&'a self, depth: usize, visit: &mut dyn FnMut(&'a Self, usize)) {
        visit(self, depth);
        match self {
            Self::And { conditions } | Self::Or { conditions } => {
                for condition in conditions {
                    condition.walk(depth + 1, visit);
                }
            }
            Self::Not { condition } => condition.walk(depth + 1, visit),
            _ => {}
        }
    }
}

/// What is compared is a measurement, and exact up to 8 PiB.
const fn bytes(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> Condition {
        serde_json::from_value(value).unwrap()
    }

    fn running() -> Observation {
        Observation {
            usage: Some(Usage {
                state: PowerState::Running,
                uptime_ms: 60_000,
                cpu: 150.5,
                memory: 1 << 30,
                disk: 0,
            }),
            files: [("a.txt".to_owned(), true)].into(),
        }
    }

    #[test]
    fn conditions_of_every_kind() {
        let mut variables = Variables::default();
        variables.set("line", "Done (3.2s)!".to_owned()).unwrap();
        for (condition, holds) in [
            (json!({ "type": "none" }), true),
            (json!({ "type": "and", "conditions": [] }), true),
            (json!({ "type": "or", "conditions": [] }), false),
            (
                json!({ "type": "not", "condition": { "type": "none" } }),
                false,
            ),
            (
                json!({ "type": "or", "conditions": [
                    { "type": "server_state", "state": "starting" },
                    { "type": "server_state", "state": "running" },
                ] }),
                true,
            ),
            (
                json!({ "type": "uptime", "comparator": "greater_than", "value": 60_000 }),
                false,
            ),
            (
                json!({ "type": "resource_usage", "metric": "cpu", "comparator": "greater_than_or_equals", "value": 150.5 }),
                true,
            ),
            (
                json!({ "type": "resource_usage", "metric": "disk", "comparator": "equal", "value": 0 }),
                true,
            ),
            (json!({ "type": "file_exists", "file": "a.txt" }), true),
            (
                json!({ "type": "variable_exists", "variable": { "variable": "x" } }),
                false,
            ),
            (
                json!({ "type": "variable_starts_with", "variable": { "variable": "line" }, "starts_with": "Done" }),
                true,
            ),
            (
                json!({ "type": "variable_ends_with", "variable": { "variable": "line" }, "ends_with": { "variable": "line" } }),
                true,
            ),
            (
                json!({ "type": "variable_equals", "variable": { "variable": "x" }, "equals": { "variable": "y" } }),
                false,
            ),
            (
                json!({ "type": "variable_contains", "variable": { "variable": "line" }, "contains": "3.2" }),
                true,
            ),
        ] {
            let read = read(condition.clone());
            assert_eq!(read.holds(&running(), &variables), Ok(holds), "{condition}");
        }
    }

    #[test]
    fn what_was_not_observed_is_not_guessed() {
        let state = read(
            json!({ "type": "not", "condition": { "type": "server_state", "state": "offline" } }),
        );
        let nothing = Observation::default();
        let variables = Variables::default();
        assert!(state.asks_usage());
        assert_eq!(
            state.holds(&nothing, &variables).unwrap_err().to_string(),
            "the state of the server is not known"
        );
        // What decides without it decides.
        let either = read(json!({ "type": "or", "conditions": [
            { "type": "none" }, { "type": "file_exists", "file": "b" },
        ] }));
        assert_eq!(either.asks_files(), ["b"]);
        assert_eq!(either.holds(&nothing, &variables), Ok(true));
    }
}
