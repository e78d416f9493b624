//! Reports that a daemon makes once: how something long ended. The daemons in Go delete a finished backup when its report is refused,
//! so while the primary is away such a report is held, then kept on this process's disk, accepted, and delivered when it is back.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::id::{BackupId, ServerId};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use wings_client::wire::remote::{
    BackupResult, DeletionResult, InstallResult, RestoreResult, TransferResult,
};

use super::{backups, install, this_node, transfers};
use crate::cx::Cx;
use crate::error::Error;
use crate::spool::Kept;

/// The longest pause before a report that is held is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// How something ended on a node.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalReport {
    /// An installation or a reinstallation.
    Install(ServerId, InstallResult),
    /// The making of a backup.
    Backup(BackupId, BackupResult),
    /// The putting back of a backup.
    Restore(BackupId, RestoreResult),
    /// The deletion of a backup.
    Deletion(BackupId, DeletionResult),
    /// A transfer, at its destination. The daemons in Go say no more than that.
    Arrival(ServerId, Option<TransferResult>),
    /// A transfer that cannot be done, at either end.
    TransferFailure(ServerId),
}

/// When a report came. What began later is not what it is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Came {
    /// It is delivered as it comes.
    Now,
    /// It was kept since then.
    At(DateTime<Utc>),
}

impl Came {
    /// By how much the clock of whoever began something may differ from that of the process that kept the report. It was held for longer
    /// than that before it was kept, and nothing began meanwhile: the primary was away.
    const SKEW: TimeDelta = TimeDelta::seconds(10);

    /// Whether the report waited, so that it must be asked what it is about.
    pub(crate) const fn waited(self) -> bool {
        matches!(self, Self::At(_))
    }

    /// Whether the report can be about what began at `began`.
    pub(crate) fn can_be_about(self, began: DateTime<Utc>) -> bool {
        match self {
            Self::Now => true,
            Self::At(came) => began <= came + Self::SKEW,
        }
    }
}

impl FinalReport {
    /// Has it count.
    ///
    /// # Errors
    /// What the use case of its kind says.
    pub(crate) async fn deliver(&self, cx: &Cx, came: Came) -> Result<(), Error> {
        match self {
            Self::Install(server, result) => {
                install::report_install(cx, *server, *result, came).await
            }
            Self::Backup(backup, result) => {
                backups::report_backup(cx, *backup, result.clone()).await
            }
            Self::Restore(backup, result) => {
                backups::report_restore(cx, *backup, *result, came).await
            }
            Self::Deletion(backup, result) => backups::report_deletion(cx, *backup, *result).await,
            Self::Arrival(server, result) => {
                transfers::report_arrival(cx, *server, result.clone(), came).await
            }
            Self::TransferFailure(server) => {
                transfers::report_transfer_failure(cx, *server, came).await
            }
        }
    }
}

/// Takes a final report of the node that asks. While the primary is away it is held, then kept on disk where the operator named a place
/// for that (`APP_SPOOL_DIRECTORY`), and accepted without anybody having looked whether the node may say so: that is asked when it is
/// delivered, and a report that is refused then is dropped.
///
/// # Errors
/// [`Error::NotFound`] for what is not the node's, and what else the report's kind is refused for; [`Error::Unavailable`] while the
/// primary is away and the report cannot be kept.
pub async fn take_final_report(cx: &Cx, report: FinalReport) -> Result<(), Error> {
    let node = this_node(cx)?;
    let came_at = cx.now();
    let spool = cx.app.0.spool.as_ref();
    let patience = spool.map_or(Duration::ZERO, |spool| spool.hold());
    let until = Instant::now() + patience;
    let away = loop {
        let away = match report.deliver(cx, Came::Now).await {
            Err(away @ Error::Unavailable { .. }) => away,
            other => return other,
        };
        let again = Instant::now() + PAUSE;
        if again >= until {
            break away;
        }
        tokio::time::sleep_until(again).await;
    };
    let Some(spool) = spool else {
        return Err(away);
    };
    let kept = Kept {
        node,
        ip: cx.request().ip,
        came_at,
        report,
    };
    spool.keep(kept).await.map_err(|error| {
        tracing::error!(%error, "A final report of a node cannot be kept in APP_SPOOL_DIRECTORY; it is refused");
        away
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_waited_is_not_about_what_began_after_it_came() {
        let came = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let kept = Came::At(came);
        assert!(kept.can_be_about(came - TimeDelta::hours(1)));
        assert!(kept.can_be_about(came + TimeDelta::seconds(3)));
        assert!(!kept.can_be_about(came + TimeDelta::seconds(25)));
        assert!(Came::Now.can_be_about(came + TimeDelta::days(1)));
    }
}
