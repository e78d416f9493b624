//! How the schedules ended that daemons run themselves.

use std::collections::{BTreeMap, HashMap};

use panel_domain::id::{ScheduleId, ServerId};
use panel_domain::schedule::MAX_STEPS;
use panel_storage::schedules as rows;
use scoped_futures::ScopedFutureExt;
use wings_client::wire::remote::ScheduleReport;
pub use wings_client::wire::remote::ScheduleReports;

use super::{storable, this_node};
use crate::cx::Cx;
use crate::error::Error;
use crate::schedules::stored;

/// Runs of a report that are looked at.
const MOST_RUNS: usize = 1_000;

/// Notes how runs of schedules ended. Only shown to people: nothing is decided by it. Schedules that are not of the node's servers
/// are skipped, since a daemon reports once and may be late.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
pub async fn record_schedules(cx: &Cx, reports: ScheduleReports) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    // Of several runs the last one counts.
    let mut last: BTreeMap<ScheduleId, ScheduleReport> = BTreeMap::new();
    for report in reports.data.into_iter().take(MOST_RUNS) {
        last.insert(report.uuid.into(), report);
    }
    let ids: Vec<ScheduleId> = last.keys().copied().collect();
    let own: HashMap<ScheduleId, ServerId> =
        rows::of_node(&mut cx.read_primary().await?, node, &ids)
            .await?
            .into_iter()
            .collect();
    let mut ended = Vec::new();
    for (schedule, report) in last {
        if let Some(server) = own.get(&schedule) {
            let errors: BTreeMap<_, _> = report.errors.into_iter().take(MAX_STEPS).collect();
            let errors = storable(stored(&errors)?);
            // A node whose clock is ahead must not make a run look as if it was yet to come.
            let at = report.timestamp.min(now);
            ended.push((schedule, *server, at, report.successful, errors));
        }
    }
    if ended.is_empty() {
        return Ok(());
    }
    let ended = &ended;
    cx.write(|tx| {
        async move {
            for (schedule, server, at, successful, errors) in ended {
                rows::record_end(tx, *server, *schedule, *at, *successful).await?;
                rows::record_errors(tx, *schedule, errors).await?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
