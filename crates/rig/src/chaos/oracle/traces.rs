//! What a run leaves behind: connections, file handles, and words in logs that may not stand there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio_postgres::Client;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::Finding;

/// How long connections and handles may take to be given back.
const SETTLING: Duration = Duration::from_secs(60);
/// Handles that a server may have more of than at its start: connections that stay open for the next request.
const HANDLES: usize = 120;

/// What the processes held before the work began.
#[derive(Debug)]
pub(crate) struct Resources {
    /// Open file handles by server.
    handles: BTreeMap<String, usize>,
}

/// Takes stock.
pub(crate) async fn resources(run: &Run) -> Outcome<Resources> {
    let status = run.topology.status().await?;
    let handles = status.into_iter().filter_map(|status| {
        let files = std::fs::read_dir(format!("/proc/{}/fd", status.pid?)).ok()?;
        let is_panel = status.name.starts_with("server-") || status.name.starts_with("worker-");
        is_panel.then(|| (status.name, files.count()))
    });
    Ok(Resources {
        handles: handles.collect(),
    })
}

pub(super) async fn judge(run: &Run, client: &Client, baseline: &Resources) -> Outcome {
    given_back(run, client, baseline).await?;
    secrets(run)
}

async fn given_back(run: &Run, client: &Client, baseline: &Resources) -> Outcome {
    let deadline = Instant::now() + SETTLING;
    loop {
        let mut left = Vec::new();
        let idle: i64 = client
            .query_one(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
                &[],
            )
            .await?
            .get(0);
        if idle > 0 {
            left.push(format!("{idle} transactions that nobody ends"));
        }
        for (name, handles) in resources(run).await?.handles {
            let before = baseline.handles.get(&name).copied().unwrap_or_default();
            if handles > before + HANDLES {
                left.push(format!(
                    "{name} has {handles} file handles, {before} before"
                ));
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            for what in left {
                run.history.found(Finding::Leak, what);
            }
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn secrets(run: &Run) -> Outcome {
    let secrets = run.secrets().clone();
    for entry in std::fs::read_dir(run.topology.folder().join("log"))? {
        let file = entry?.path();
        let text = std::fs::read(&file)?;
        let text = String::from_utf8_lossy(&text);
        for secret in &secrets {
            if text.contains(secret.as_str()) {
                let start: String = secret.chars().take(4).collect();
                let text = format!("{} has the secret that begins with {start}", file.display());
                run.history.found(Finding::LeakedSecret, text);
            }
        }
    }
    Ok(())
}
