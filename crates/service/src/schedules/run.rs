//! Running schedules now, and seeing how they run.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use panel_cache::Client;
use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ScheduleRunId, ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::schedule::Executor;
use panel_domain::server::ServerAction;
use panel_jobs::payload::RunSchedule;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::schedules::{self as rows, NewRun};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;

use super::{executor, lock, schedule_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;
use crate::node_calls;
use crate::operations::RunProgress;

/// By when a run must have begun. What its steps wait for is added when it begins.
pub(crate) const TIME_TO_BEGIN: TimeDelta = TimeDelta::hours(1);

/// How a schedule stands.
#[derive(Debug, Clone, Default)]
pub struct RunStatus {
    /// Whether it is being run.
    pub running: bool,
    /// The step it is at.
    pub step: Option<Uuid>,
    /// What went wrong in this run, or the last one, by step.
    pub errors: BTreeMap<Uuid, String>,
}

/// Runs a schedule now, whether it is enabled or not.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::RateLimited`]; [`Error::Conflict`] while it is being run;
/// [`Error::NodeUnreachable`] and [`Error::NodeRefused`] where a node runs it, which knows enabled ones only.
pub async fn trigger(
    cx: &Cx,
    server: ServerRef,
    id: ScheduleId,
    skip_condition: bool,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesUpdate, ServerAction::Use)
        .await?;
    let (server, node) = (allowed.resource().id, allowed.resource().node);
    limit(cx, Bucket::ScheduleTrigger, server).await?;
    let executor = executor(cx, node).await?;
    let now = cx.now();
    let run = NewRun {
        id: ScheduleRunId::new_v7(now),
        schedule_id: id,
        cause: "manual",
        slot: None,
        skip_condition,
        depth: 0,
        deadline_at: now + TIME_TO_BEGIN,
        created_at: now,
    };
    let entry = cx.entry(Event::ScheduleTrigger, json!({})).on(server);
    let (run, entry) = (&run, &entry);
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            let details = json!({ "schedule": row.name, "uuid": id });
            entry.clone().with(details).record(tx);
            if executor != Executor::Panel {
                return Ok(());
            }
            let begun = rows::start_runs(tx, std::slice::from_ref(run)).await?;
            if begun.is_empty() {
                return Err(Error::conflict(
                    "schedule_running",
                    "the schedule is being run; abort that, or wait for its end",
                ));
            }
            enqueue(
                tx,
                &RunSchedule { run: run.id },
                now,
                EnqueueOptions::default(),
            )?;
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    if executor == Executor::Panel {
        return Ok(());
    }
    let client = node_calls::client(cx, node).await?;
    let call = || client.trigger_schedule(server, id, skip_condition);
    node_calls::at_most_once(cx, call)
        .await?
        .map_err(not_on_node)
}

/// Ends a run of a schedule where it is. One that is not run stays as it is.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::RateLimited`]; [`Error::NodeUnreachable`] and [`Error::NodeRefused`] where a
/// node runs it.
pub async fn abort(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::SchedulesUpdate,
            ServerAction::View,
        )
        .await?;
    let (server, node) = (allowed.resource().id, allowed.resource().node);
    limit(cx, Bucket::ScheduleAbort, server).await?;
    let executor = executor(cx, node).await?;
    let now = cx.now();
    let entry = cx.entry(Event::ScheduleAbort, json!({})).on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let row = lock(tx, server, id).await?;
            let details = json!({ "schedule": row.name, "uuid": id });
            entry.clone().with(details).record(tx);
            // Also where a node runs it now: the run may be from a time when the panel did.
            rows::abort(tx, id, now);
            Ok::<_, Error>(())
        }
        .scope_boxed()
    })
    .await?;
    if executor == Executor::Panel {
        return Ok(());
    }
    let client = node_calls::client(cx, node).await?;
    client.abort_schedule(server, id).await.map_err(not_on_node)
}

/// How a schedule stands.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`]; [`Error::NodeUnreachable`] and [`Error::NodeRefused`] where a node runs it.
pub async fn status(cx: &Cx, server: ServerRef, id: ScheduleId) -> Result<RunStatus, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SchedulesRead, ServerAction::View)
        .await?;
    let (server, node) = (allowed.resource().id, allowed.resource().node);
    let executor = executor(cx, node).await?;
    let mut conn = cx.read_primary().await?;
    schedule_of(&mut conn, server, id).await?;
    if executor == Executor::Panel {
        let run = rows::last_run(&mut conn, server, id).await?;
        return run.map_or(Ok(RunStatus::default()), |run| RunProgress::status_of(&run));
    }
    drop(conn);
    let client = node_calls::client(cx, node).await?;
    match client.schedule(server, id).await {
        Ok(status) => Ok(RunStatus {
            running: status.running,
            step: status.step,
            errors: status.errors,
        }),
        // A disabled one is not on the node, and nobody runs it.
        Err(error) if error.is_not_found() => Ok(RunStatus::default()),
        Err(error) => Err(error.into()),
    }
}

async fn limit(cx: &Cx, bucket: Bucket, server: ServerId) -> Result<(), Error> {
    cx.limit(bucket, Client::Number(server.uuid().as_u128()))
        .await
}

fn not_on_node(error: wings_client::Error) -> Error {
    if error.is_not_found() {
        return Error::conflict(
            "schedule_not_on_node",
            "the node does not know this schedule: enable it, and try again in a moment",
        );
    }
    error.into()
}
