//! How runs of schedules on a node ended (Calagopus).

use std::collections::HashMap;

use panel_domain::id::{ScheduleId, ServerId};
use panel_storage::schedules;
use scoped_futures::ScopedFutureExt;
use serde_json::json;
pub use wings_client::wire::remote::ScheduleReports;

use super::this_node;
use crate::cx::Cx;
use crate::error::Error;

/// Runs of a batch that are looked at; a daemon sends what ended within ten seconds on one server.
const MOST_RUNS: usize = 100;

/// Notes them, for people to see: nothing is planned by what a node says. Schedules that are not of a server of the node are skipped.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
pub async fn report_runs(cx: &Cx, reports: ScheduleReports) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    let mut runs = reports.data;
    runs.truncate(MOST_RUNS);
    let ids: Vec<ScheduleId> = runs.iter().map(|run| ScheduleId::from(run.uuid)).collect();
    let own: HashMap<ScheduleId, ServerId> =
        schedules::on_node(&mut cx.read_primary().await?, node, &ids)
            .await?
            .into_iter()
            .collect();
    let runs: Vec<_> = runs
        .into_iter()
        .filter_map(|run| {
            let schedule = ScheduleId::from(run.uuid);
            own.get(&schedule).map(|server| (schedule, *server, run))
        })
        .collect();
    if runs.is_empty() {
        return Ok(());
    }
    let runs = &runs;
    cx.write(|tx| {
        async move {
            for (schedule, server, run) in runs {
                // A node's clock may be ahead: nothing has ended that is yet to come.
                let ended = run.timestamp.min(now);
                schedules::record_end(tx, *server, *schedule, ended, run.successful).await?;
                schedules::record_errors(tx, *schedule, &json!(run.errors)).await?;
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
