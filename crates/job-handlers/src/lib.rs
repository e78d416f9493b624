//! From the queue to the use cases: which function does a job, and what its answer means for the queue.

use std::time::Duration;

use panel_jobs::payload::{
    CheckNodes, DeleteBackup, DeleteExpiredSessions, DeleteOldRecords, DeleteServer, DiscardCopy,
    InstallServer, MakeBackup, MakeSystemBackups, PlanSchedules, PruneBackups, ReconcileNode,
    ReconcileOperations, RestoreBackup, RevokeConnections, RunSchedule, SyncServer, TransferServer,
};
use panel_jobs::{JobError, Periodic, RunnerBuilder};
use panel_service::operations::{self, Progress};
use panel_service::{App, Error};

/// Registers the handler of every job there is, and the work that is due again and again.
#[must_use]
pub fn register(runner: RunnerBuilder, app: &App) -> RunnerBuilder {
    handlers(runner, app)
        .every(Periodic::new(Duration::from_secs(15), CheckNodes {}))
        .every(Periodic::new(
            Duration::from_secs(15),
            ReconcileOperations {},
        ))
        .every(Periodic::new(Duration::from_secs(2), PlanSchedules {}))
        .every(Periodic::new(Duration::from_secs(3600), PruneBackups {}))
        .every(Periodic::new(Duration::from_secs(15), MakeSystemBackups {}))
        .every(Periodic::new(
            Duration::from_secs(300),
            DeleteExpiredSessions {},
        ))
        .every(Periodic::new(Duration::from_secs(600), DeleteOldRecords {}))
}

/// Registers the handlers alone.
#[must_use]
pub fn handlers(runner: RunnerBuilder, app: &App) -> RunnerBuilder {
    let with = |app: &App| app.clone();
    let (install, delete, sync, revoke) = (with(app), with(app), with(app), with(app));
    let (node, check, operations, sessions, records) =
        (with(app), with(app), with(app), with(app), with(app));
    let (plan, run) = (with(app), with(app));
    let (make, restore, discard, prune) = (with(app), with(app), with(app), with(app));
    let system = with(app);
    let (transfer, copy) = (with(app), with(app));
    runner
        .handle(move |_: PlanSchedules, _| {
            let app = plan.clone();
            async move { done(operations::plan_schedules(&app.system()).await) }
        })
        .handle(move |job: RunSchedule, attempt| {
            let app = run.clone();
            async move { step(operations::run_schedule(&app.system(), job.run, attempt.last).await) }
        })
        .handle(move |job: MakeBackup, _| {
            let app = make.clone();
            async move { step(operations::make_backup(&app.system(), job.operation).await) }
        })
        .handle(move |job: RestoreBackup, _| {
            let app = restore.clone();
            async move { step(operations::restore_backup(&app.system(), job.operation).await) }
        })
        .handle(move |job: DeleteBackup, _| {
            let app = discard.clone();
            async move { step(operations::delete_backup(&app.system(), job.operation).await) }
        })
        .handle(move |_: MakeSystemBackups, _| {
            let app = system.clone();
            async move { done(operations::make_system_backups(&app.system()).await) }
        })
        .handle(move |job: TransferServer, _| {
            let app = transfer.clone();
            async move { step(operations::transfer_server(&app.system(), job.operation).await) }
        })
        .handle(move |job: DiscardCopy, _| {
            let app = copy.clone();
            async move { step(operations::discard_copy(&app.system(), job.operation).await) }
        })
        .handle(move |_: PruneBackups, _| {
            let app = prune.clone();
            async move { done(operations::prune_backups(&app.system()).await) }
        })
        .handle(move |job: InstallServer, _| {
            let app = install.clone();
            async move { step(operations::install_server(&app.system(), job.operation).await) }
        })
        .handle(move |job: DeleteServer, _| {
            let app = delete.clone();
            async move { step(operations::delete_server(&app.system(), job.operation).await) }
        })
        .handle(move |job: SyncServer, _| {
            let app = sync.clone();
            async move { step(operations::sync_server(&app.system(), job.server).await) }
        })
        .handle(move |job: RevokeConnections, _| {
            let app = revoke.clone();
            async move {
                step(operations::revoke_connections(&app.system(), job.server, job.user).await)
            }
        })
        .handle(move |job: ReconcileNode, _| {
            let app = node.clone();
            async move { step(operations::reconcile_node(&app.system(), job.node).await) }
        })
        .handle(move |_: CheckNodes, _| {
            let app = check.clone();
            async move { done(operations::check_nodes(&app.system()).await) }
        })
        .handle(move |_: ReconcileOperations, _| {
            let app = operations.clone();
            async move { done(operations::reconcile_operations(&app.system()).await) }
        })
        .handle(move |_: DeleteExpiredSessions, _| {
            let app = sessions.clone();
            async move { done(operations::delete_expired_sessions(&app.system()).await) }
        })
        .handle(move |_: DeleteOldRecords, _| {
            let app = records.clone();
            async move { done(operations::delete_old_records(&app.system()).await) }
        })
}

fn step(progress: Result<Progress, Error>) -> Result<(), JobError> {
    match progress {
        Ok(Progress::Done) => Ok(()),
        Ok(Progress::Again(delay)) => Err(JobError::Later(delay)),
        Err(error) => Err(failed(&error)),
    }
}

fn done<T>(result: Result<T, Error>) -> Result<(), JobError> {
    result.map(|_| ()).map_err(|error| failed(&error))
}

fn failed(error: &Error) -> JobError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    match error {
        Error::NotFound { .. } => JobError::GiveUp(text),
        _ => JobError::Retry(text),
    }
}
