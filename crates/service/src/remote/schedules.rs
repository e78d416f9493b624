//! The schedules that a daemon runs itself, as it reads them.

use std::collections::HashMap;

use panel_domain::id::ServerId;
use panel_domain::node::Flavour;
use panel_domain::schedule::{Action, Condition, Executor, Metric, Trigger, with_seconds};
use panel_storage::Readable;
use panel_storage::nodes::Node;
use panel_storage::schedules::{self as rows, Schedule, ScheduleStep};
use serde_json::{Value, json};

use crate::error::Error;
use crate::node_calls::major_of;
use crate::schedules::{read, stored};

/// The enabled schedules of servers for a daemon that runs them. An old daemon refuses the whole server when it meets something that it
/// does not know, so a schedule that its daemon cannot run is left out.
pub(super) async fn of_servers(
    conn: &mut impl Readable,
    servers: &[ServerId],
    executor: Executor,
) -> Result<HashMap<ServerId, Vec<Value>>, Error> {
    let mut found: HashMap<ServerId, Vec<Value>> = HashMap::new();
    if executor == Executor::Panel || servers.is_empty() {
        return Ok(found);
    }
    let schedules = rows::enabled_of_many(conn, servers).await?;
    if schedules.is_empty() {
        return Ok(found);
    }
    let schedule_ids: Vec<_> = schedules.iter().map(|schedule| schedule.id).collect();
    let steps = rows::steps_of_many(conn, &schedule_ids).await?;
    for schedule in &schedules {
        let own = steps.iter().filter(|step| step.schedule_id == schedule.id);
        if let Some(document) = document(schedule, own, executor)? {
            found.entry(schedule.server_id).or_default().push(document);
        }
    }
    Ok(found)
}

/// Who runs the schedules of a node's servers.
pub(super) fn executor_of(node: &Node) -> Executor {
    let flavour: Option<Flavour> = node.flavour.as_deref().and_then(|name| name.parse().ok());
    Executor::of(
        flavour.unwrap_or(Flavour::Calagopus),
        major_of(node.version.as_deref()),
    )
}

/// A schedule as its daemon reads it; `None` when the daemon cannot run it.
fn document<'a>(
    schedule: &Schedule,
    steps: impl Iterator<Item = &'a ScheduleStep>,
    executor: Executor,
) -> Result<Option<Value>, Error> {
    let triggers: Vec<Trigger> = read(schedule.triggers.clone())?;
    let condition: Condition = read(schedule.condition.clone())?;
    let known = triggers
        .iter()
        .all(|trigger| executor.supports_trigger(trigger).is_ok());
    if !known || executor.supports_condition(&condition).is_err() {
        return Ok(None);
    }
    let mut actions = Vec::new();
    for step in steps {
        let action: Action = read(step.action.clone())?;
        if executor.supports_action(&action).is_err() {
            return Ok(None);
        }
        let mut written = stored(&action)?;
        if let Some(condition) = action.condition() {
            written["condition"] = condition_for(condition, executor)?;
        }
        written["uuid"] = json!(step.id);
        actions.push(written);
    }
    Ok(Some(json!({
        "uuid": schedule.id,
        "triggers": stored(&triggers.into_iter().map(written_out).collect::<Vec<_>>())?,
        "condition": condition_for(&condition, executor)?,
        "actions": actions,
    })))
}

fn written_out(trigger: Trigger) -> Trigger {
    match trigger {
        Trigger::Cron { schedule } => Trigger::Cron {
            schedule: with_seconds(&schedule),
        },
        other => other,
    }
}

/// A condition in the words of the daemon: before 1.0, each resource had a condition of its own.
fn condition_for(condition: &Condition, executor: Executor) -> Result<Value, Error> {
    if executor != Executor::OldNode {
        return stored(condition);
    }
    Ok(match condition {
        Condition::And { conditions } => {
            json!({ "type": "and", "conditions": conditions_for(conditions, executor)? })
        }
        Condition::Or { conditions } => {
            json!({ "type": "or", "conditions": conditions_for(conditions, executor)? })
        }
        Condition::Not { condition } => {
            json!({ "type": "not", "condition": condition_for(condition, executor)? })
        }
        Condition::ResourceUsage {
            metric,
            comparator,
            value,
        } => {
            let name = match metric {
                Metric::Cpu => "cpu_usage",
                Metric::Memory => "memory_usage",
                Metric::Disk => "disk_usage",
            };
            json!({ "type": name, "comparator": comparator, "value": value })
        }
        other => stored(other)?,
    })
}

fn conditions_for(conditions: &[Condition], executor: Executor) -> Result<Vec<Value>, Error> {
    conditions
        .iter()
        .map(|condition| condition_for(condition, executor))
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use panel_domain::id::{ScheduleId, ScheduleStepId};

    use super::*;

    fn schedule(condition: Value) -> Schedule {
        Schedule {
            id: ScheduleId::new_v4(),
            server_id: ServerId::new_v4(),
            name: "Nightly".to_owned(),
            enabled: true,
            triggers: json!([{ "type": "cron", "schedule": "0 4 * * *" }]),
            condition,
            considered_until: DateTime::UNIX_EPOCH,
            plan_at: None,
            last_run_at: None,
            last_failure_at: None,
            missed_at: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn step(schedule: &Schedule, action: Value) -> ScheduleStep {
        ScheduleStep {
            id: ScheduleStepId::new_v4(),
            schedule_id: schedule.id,
            author_id: None,
            position: 0,
            action,
            error: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn old_daemons_read_old_words() {
        let usage = json!({ "type": "resource_usage", "metric": "memory", "comparator": "greater_than", "value": 5.0 });
        let schedule = schedule(json!({ "type": "not", "condition": usage }));
        let step = step(&schedule, json!({ "type": "ensure", "condition": usage }));
        let written = |executor| {
            document(&schedule, [&step].into_iter(), executor)
                .unwrap()
                .unwrap()
        };
        let old = json!({ "type": "memory_usage", "comparator": "greater_than", "value": 5.0 });
        assert_eq!(
            written(Executor::OldNode),
            json!({
                "uuid": schedule.id,
                "triggers": [{ "type": "cron", "schedule": "0 0 4 * * *" }],
                "condition": { "type": "not", "condition": old },
                "actions": [{ "uuid": step.id, "type": "ensure", "condition": old }],
            })
        );
        assert_eq!(written(Executor::Node)["actions"][0]["condition"], usage);
    }

    #[test]
    fn what_a_daemon_does_not_know_is_left_out() {
        let schedule = schedule(json!({ "type": "none" }));
        let branch = step(&schedule, json!({ "type": "exit", "successful": true }));
        let written = |executor| document(&schedule, [&branch].into_iter(), executor).unwrap();
        assert!(written(Executor::OldNode).is_none());
        assert!(written(Executor::Node).is_some());
    }
}
