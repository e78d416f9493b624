//! Whether everything that was promised is so. Asked of the primary and of the nodes themselves, past the panel.

mod audit;
mod effects;
mod kept;
mod traces;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

use crate::Outcome;
use crate::topology::Topology;

use super::Run;
use super::history::Finding;
use super::workload::Promises;

pub(super) use traces::{Resources, resources};

/// How long operations have after everything is well again.
const OPERATIONS: Duration = Duration::from_secs(120);

/// The primary's time.
pub(super) async fn clock(topology: &Topology) -> Outcome<String> {
    let (client, connection) = tokio_postgres::connect(&topology.primary_url(), NoTls).await?;
    let connection = tokio::spawn(connection);
    let now = client
        .query_one("SELECT clock_timestamp()::text", &[])
        .await?
        .get(0);
    drop(client);
    connection.await??;
    Ok(now)
}

/// Judges the whole run.
pub(super) async fn judge(run: &Arc<Run>, promises: &Promises, baseline: &Resources) -> Outcome {
    let (client, connection) = tokio_postgres::connect(&run.topology.primary_url(), NoTls).await?;
    // Its end is seen by whoever asks.
    let connection = tokio::spawn(connection);
    operations(run, &client).await?;
    kept::judge(run, &client, promises).await?;
    audit::judge(run, &client).await?;
    effects::judge(run, &client).await?;
    traces::judge(run, &client, baseline).await?;
    drop(client);
    Ok(connection.await??)
}

/// Every operation comes to an end, with nobody touching it.
async fn operations(run: &Run, client: &Client) -> Outcome {
    let deadline = Instant::now() + OPERATIONS;
    loop {
        let open = client
            .query(
                "SELECT o.kind, o.state, o.server_id::text, o.attempts, coalesce(o.error, '') \
                 FROM operations o WHERE o.state IN ('queued', 'running') ORDER BY o.created_at",
                &[],
            )
            .await?;
        if open.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            for row in open {
                let (kind, state, server): (String, String, String) =
                    (row.get(0), row.get(1), row.get(2));
                let (attempts, error): (i32, String) = (row.get(3), row.get(4));
                run.history.found(
                    Finding::StuckOperation,
                    format!("{kind} of {server} is {state} after {attempts} attempts {error}"),
                );
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
