//! How far a run is, as it is stored with it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use panel_domain::id::{BackupId, ScheduleStepId, UserId};
use panel_domain::operation::OperationKind;
use panel_domain::schedule::{Action, Cursor, Variables};
use panel_storage::schedules::Run;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;
use crate::schedules::{RunStatus, read};

/// How far a run is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunProgress {
    /// Its condition held.
    #[serde(default)]
    pub(super) begun: bool,
    /// The step at hand.
    #[serde(default)]
    pub(super) cursor: Cursor,
    /// For how long the step at hand waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<DateTime<Utc>>,
    /// The backup that the step at hand has asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) backup: Option<BackupId>,
    /// What its steps have put into variables.
    #[serde(default)]
    pub(super) variables: Variables,
    /// The steps that failed, and why.
    #[serde(default)]
    pub(super) errors: BTreeMap<Uuid, String>,
}

/// A step as it was when the run began.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StoredStep {
    pub(super) id: ScheduleStepId,
    /// Whoever wrote it; nobody when their account is gone.
    pub(super) author: Option<UserId>,
    pub(super) action: Action,
}

impl StoredStep {
    /// For how long it can keep the run waiting.
    pub(super) fn longest_wait_ms(&self) -> u64 {
        match &self.action {
            Action::Sleep { duration } => *duration,
            Action::WaitForState { timeout, .. } => *timeout,
            Action::CreateBackup {
                foreground: true, ..
            } => {
                let limit = OperationKind::Backup.time_limit().num_milliseconds();
                u64::try_from(limit).unwrap_or(0)
            }
            _ => 0,
        }
    }
}

impl RunProgress {
    /// How the schedule of a run stands, if that is its last one.
    pub(crate) fn status_of(run: &Run) -> Result<RunStatus, Error> {
        let progress: Self = read(run.progress.clone())?;
        let running = run.finished_at.is_none();
        let at = run
            .steps
            .get(progress.cursor.step)
            .and_then(|step| step["id"].as_str()?.parse().ok());
        Ok(RunStatus {
            running,
            step: at.filter(|_| running),
            errors: progress.errors,
        })
    }
}
