//! Doing the steps of a run, for nodes whose daemons run no schedules.
//!
//! Whoever works on a run holds its fence; a change under an older one has no effect. Before a node is called for a step, that it
//! is about to be is written down. Who finds that written does not call again: power actions and commands happen at most once.

mod backups;
mod conditions;
mod effects;
mod progress;

pub(crate) use progress::RunProgress;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::activity::Event;
use panel_domain::id::{ScheduleId, ScheduleRunId, ServerId, ServerRef};
use panel_domain::schedule::{Action, Condition, Executor, Instruction, Program, Trigger};
use panel_domain::server::ServerAction;
use panel_jobs::payload::RunSchedule;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Tx;
use panel_storage::schedules::{self as rows, NewRun, Run, RunEnd, Schedule};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use self::conditions::Verdict;
use self::effects::Effect;
use self::progress::StoredStep;
use super::Progress;
use crate::authorize::load_server_facts;
use crate::cx::Cx;
use crate::error::Error;
use crate::keys::ServerFacts;
use crate::schedules::{TIME_TO_BEGIN, executor, read, stored};

/// For how long a node that cannot be reached is waited for.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// How long until a node that could not be reached is tried again.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// How often the state of a server is looked at that a step waits for.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(2);

/// How many runs may follow from each other, each begun by the end of the one before.
const MAX_DEPTH: i16 = 10;

/// Schedules that the end of a run may start.
const MAX_SUCCESSORS: usize = 100;

/// How a run goes on.
enum Flow {
    /// With what the cursor points at now.
    On,
    /// At this time.
    At(DateTime<Utc>),
    /// Not at all.
    End(&'static str, Option<String>),
    /// Somebody else has it.
    Lost,
}

/// A run that is being worked on.
struct Execution {
    id: ScheduleRunId,
    row: Run,
    steps: Vec<StoredStep>,
    progress: RunProgress,
    server: ServerFacts,
}

/// Does the steps of a run, until it has ended or has to wait. `last`: nobody will try again after this.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn run_schedule(cx: &Cx, id: ScheduleRunId, last: bool) -> Result<Progress, Error> {
    let claimed = cx
        .write(|tx| async move { Ok(rows::claim_run(tx, id).await?) }.scope_boxed())
        .await?;
    let Some(row) = claimed else {
        return Ok(Progress::Done);
    };
    let (fence, schedule, server) = (row.fence, row.schedule_id.into(), row.server_id.into());
    let worked = match Execution::begin(cx, id, row).await {
        Ok(Some(mut execution)) => execution.work(cx).await,
        Ok(None) => return Ok(Progress::Done),
        Err(error) => Err(error),
    };
    match worked {
        Err(error) if last => {
            // It must not stay open when nobody works on it any more.
            let end = RunEnd {
                state: "failed",
                error: Some(error.to_string()),
                progress: json!({}),
            };
            let (end, now) = (&end, cx.now());
            cx.write(|tx| {
                async move {
                    if rows::finish_run(tx, id, fence, end, now).await? {
                        rows::record_end(tx, server, schedule, now, false).await?;
                    }
                    Ok(())
                }
                .scope_boxed()
            })
            .await?;
            Err(error)
        }
        other => other,
    }
}

impl Execution {
    /// Reads what a run is about. `None`: its server is gone.
    async fn begin(cx: &Cx, id: ScheduleRunId, row: Run) -> Result<Option<Self>, Error> {
        let server = ServerRef::Id(row.server_id.into());
        let mut conn = cx.read_primary().await?;
        let mark = cx.parts().revocations.mark();
        let Some(server) = load_server_facts(&mut conn, server, mark).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            id,
            steps: read(row.steps.clone())?,
            progress: read(row.progress.clone())?,
            row,
            server,
        }))
    }

    fn schedule(&self) -> ScheduleId {
        self.row.schedule_id.into()
    }

    fn server(&self) -> ServerId {
        self.server.id
    }

    async fn work(&mut self, cx: &Cx) -> Result<Progress, Error> {
        let flow = self.advance(cx).await?;
        match flow {
            Flow::Lost => Ok(Progress::Done),
            Flow::End(state, error) => {
                self.finish(cx, state, error).await?;
                Ok(Progress::Done)
            }
            Flow::On => {
                self.save(cx, None).await?;
                Ok(Progress::Again(Duration::ZERO))
            }
            Flow::At(at) => {
                if !self.save(cx, None).await? {
                    return Ok(Progress::Done);
                }
                let wait = (at - cx.now()).to_std().unwrap_or_default();
                Ok(Progress::Again(wait))
            }
        }
    }

    async fn advance(&mut self, cx: &Cx) -> Result<Flow, Error> {
        let now = cx.now();
        if now >= self.row.deadline_at {
            let reason = "not done by its deadline".to_owned();
            return Ok(Flow::End("failed", Some(reason)));
        }
        let stopped = match self.stopped(cx).await? {
            Some(reason) if self.progress.begun => Some(Flow::End("failed", Some(reason))),
            Some(reason) => Some(Flow::End("skipped", Some(reason))),
            None => None,
        };
        if let Some(end) = stopped {
            return Ok(end);
        }
        let actions: Vec<Action> = self.steps.iter().map(|step| step.action.clone()).collect();
        let program = match Program::of(&actions) {
            Ok(program) => program,
            Err(malformed) => {
                self.progress.cursor.step = malformed.step;
                self.note_error(malformed.to_string());
                return Ok(Flow::End("failed", None));
            }
        };
        if !self.progress.begun {
            match self.may_begin(cx).await? {
                Flow::On => {}
                other => return Ok(other),
            }
        }
        if self.row.called_at.take().is_some() {
            let lost = "it is not known whether this was done: the panel was stopped while it asked the node for it";
            if let Some(end) = self.failed(&program, lost.to_owned()) {
                return Ok(end);
            }
        }
        // A program only goes forward, so this comes to its end.
        loop {
            match self.step(cx, &program).await? {
                Flow::On => {}
                other => return Ok(other),
            }
        }
    }

    /// Why the run may not go on, if it may not.
    async fn stopped(&self, cx: &Cx) -> Result<Option<String>, Error> {
        if let Err(conflict) = self.server.state.allows(ServerAction::Use, false) {
            return Ok(Some(conflict.to_string()));
        }
        let by_node = executor(cx, self.server.node).await? != Executor::Panel;
        Ok(by_node.then(|| "the server's node runs its schedules itself now".to_owned()))
    }

    /// Looks at the schedule's condition, and gives the run the time that its steps wait for.
    async fn may_begin(&mut self, cx: &Cx) -> Result<Flow, Error> {
        if !self.row.skip_condition {
            let condition: Condition = read(self.row.condition.clone())?;
            match self.decide(cx, &condition).await? {
                Verdict::Holds(true) => {}
                Verdict::Holds(false) => {
                    let reason = "the condition of the schedule did not hold".to_owned();
                    return Ok(Flow::End("skipped", Some(reason)));
                }
                Verdict::Later(at) => return Ok(Flow::At(at)),
                Verdict::Unknown(reason) => return Ok(Flow::End("failed", Some(reason))),
            }
        }
        self.progress.begun = true;
        let waits: u64 = self.steps.iter().map(StoredStep::longest_wait_ms).sum();
        if waits > 0 {
            let waits = TimeDelta::milliseconds(i64::try_from(waits).unwrap_or(i64::MAX));
            let deadline = cx.now() + TIME_TO_BEGIN + waits;
            let (id, fence) = (self.id, self.row.fence);
            let held = cx
                .write(|tx| {
                    async move { Ok(rows::set_deadline(tx, id, fence, deadline).await?) }
                        .scope_boxed()
                })
                .await?;
            if !held {
                return Ok(Flow::Lost);
            }
            self.row.deadline_at = deadline;
        }
        Ok(Flow::On)
    }

    /// Does what the cursor points at.
    async fn step(&mut self, cx: &Cx, program: &Program<'_>) -> Result<Flow, Error> {
        let cursor = self.progress.cursor;
        match program.at(cursor) {
            Instruction::End { successful } => {
                let state = if successful { "succeeded" } else { "failed" };
                Ok(Flow::End(state, None))
            }
            Instruction::Pass => {
                self.passed(program, true);
                Ok(Flow::On)
            }
            Instruction::Decide(condition) => Ok(match self.decide(cx, condition).await? {
                Verdict::Holds(holds) => {
                    self.passed(program, holds);
                    Flow::On
                }
                Verdict::Later(at) => Flow::At(at),
                Verdict::Unknown(reason) => self.failed(program, reason).unwrap_or(Flow::On),
            }),
            Instruction::Ensure(condition) => Ok(match self.decide(cx, condition).await? {
                Verdict::Holds(true) => {
                    self.passed(program, true);
                    Flow::On
                }
                Verdict::Holds(false) => {
                    let reason = "the condition did not hold".to_owned();
                    self.failed(program, reason).unwrap_or(Flow::On)
                }
                Verdict::Later(at) => Flow::At(at),
                Verdict::Unknown(reason) => self.failed(program, reason).unwrap_or(Flow::On),
            }),
            Instruction::Do(action) => Ok(match self.perform(cx, action).await? {
                Effect::Done => {
                    self.passed(program, true);
                    Flow::On
                }
                Effect::Later(at) => Flow::At(at),
                Effect::Failed(reason) => self.failed(program, reason).unwrap_or(Flow::On),
                Effect::Lost => Flow::Lost,
            }),
        }
    }

    /// Goes on after the step at hand.
    fn passed(&mut self, program: &Program<'_>, holds: bool) {
        self.progress.cursor = program.after(self.progress.cursor, holds);
        self.progress.until = None;
    }

    /// Notes that the step at hand has failed: the end of the run, unless that does not matter.
    fn failed(&mut self, program: &Program<'_>, reason: String) -> Option<Flow> {
        let goes_on = self
            .steps
            .get(self.progress.cursor.step)
            .is_some_and(|step| step.action.ignores_failure());
        self.note_error(reason);
        if goes_on {
            self.passed(program, true);
            None
        } else {
            Some(Flow::End("failed", None))
        }
    }

    fn note_error(&mut self, reason: String) {
        if let Some(step) = self.steps.get(self.progress.cursor.step) {
            self.progress.errors.insert(step.id.uuid(), reason);
        }
    }

    /// Writes down how far the run is. `false`: somebody else has it.
    async fn save(&self, cx: &Cx, called_at: Option<DateTime<Utc>>) -> Result<bool, Error> {
        let (id, fence, progress) = (self.id, self.row.fence, stored(&self.progress)?);
        let progress = &progress;
        cx.write(|tx| {
            async move { Ok(rows::save_run(tx, id, fence, progress, called_at).await?) }
                .scope_boxed()
        })
        .await
    }

    /// Ends the run, and begins those that wait for its end.
    async fn finish(
        &self,
        cx: &Cx,
        state: &'static str,
        error: Option<String>,
    ) -> Result<(), Error> {
        let now = cx.now();
        let (id, fence, schedule, server) =
            (self.id, self.row.fence, self.schedule(), self.server());
        let first = self.progress.errors.values().next();
        let why = error.as_ref().or(first);
        let entry = cx
            .entry(
                Event::ScheduleFail,
                json!({ "schedule": &self.row.schedule_name, "uuid": schedule, "error": why }),
            )
            .on(server)
            .by_schedule();
        let errors = stored(&self.progress.errors)?;
        let end = RunEnd {
            state,
            error,
            progress: stored(&self.progress)?,
        };
        let successors: Vec<ScheduleRunId> = (0..MAX_SUCCESSORS)
            .map(|_| ScheduleRunId::new_v7(now))
            .collect();
        let depth = self.row.depth;
        let (end, entry, errors, successors) = (&end, &entry, &errors, &successors);
        cx.write(|tx| {
            async move {
                if !rows::finish_run(tx, id, fence, end, now).await? {
                    return Ok(());
                }
                let successful = match end.state {
                    "succeeded" => true,
                    "failed" => false,
                    _ => return Ok(()),
                };
                rows::record_end(tx, server, schedule, now, successful).await?;
                rows::record_errors(tx, schedule, errors).await?;
                if !successful {
                    entry.record(tx);
                }
                let ended = Ended {
                    server,
                    schedule,
                    successful,
                    depth,
                };
                begin_successors(tx, &ended, successors, now).await
            }
            .scope_boxed()
        })
        .await
    }
}

/// A run that has ended.
struct Ended {
    server: ServerId,
    schedule: ScheduleId,
    successful: bool,
    depth: i16,
}

/// Begins the runs of schedules that are started by the end of this one.
async fn begin_successors(
    tx: &mut Tx,
    ended: &Ended,
    ids: &[ScheduleRunId],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if ended.depth >= MAX_DEPTH {
        return Ok(());
    }
    let others = rows::enabled_of_many(tx, &[ended.server]).await?;
    let runs: Vec<NewRun> = others
        .into_iter()
        .filter(|other| waits_for(other, ended))
        .zip(ids)
        .map(|(other, id)| NewRun {
            id: *id,
            schedule_id: other.id,
            cause: "schedule_completion",
            slot: None,
            skip_condition: false,
            depth: ended.depth + 1,
            deadline_at: now + TIME_TO_BEGIN,
            created_at: now,
        })
        .collect();
    if runs.is_empty() {
        return Ok(());
    }
    for run in rows::start_runs(tx, &runs).await? {
        enqueue(tx, &RunSchedule { run }, now, EnqueueOptions::default())?;
    }
    Ok(())
}

/// Whether a schedule is started by the end of this run.
fn waits_for(other: &Schedule, ended: &Ended) -> bool {
    match read::<Vec<Trigger>>(other.triggers.clone()) {
        Ok(triggers) => triggers.iter().any(|trigger| {
            matches!(trigger, Trigger::ScheduleCompletion { schedule, successful }
                if *schedule == ended.schedule && *successful == ended.successful)
        }),
        Err(error) => {
            // One that cannot be read must not keep another one's run from coming to its end.
            tracing::error!(schedule.id = %other.id, %error, "The triggers of a schedule cannot be read");
            false
        }
    }
}
