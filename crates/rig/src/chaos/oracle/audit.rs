//! Whether the log has an entry for every change, and for nothing that was not asked for.

use tokio_postgres::Client;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::history::Finding;

pub(super) async fn judge(run: &Run, client: &Client) -> Outcome {
    for changes in run.history.changes() {
        let rows = client
            .query_one(
                "SELECT count(*) FROM activities WHERE event = $1 AND user_id::text = $2 AND created_at >= $3::text::timestamptz",
                &[&changes.event, &changes.user, &run.began_at],
            )
            .await?;
        let entries: i64 = rows.get(0);
        let entries = u64::try_from(entries).unwrap_or_default();
        if entries < changes.acknowledged || entries > changes.attempted {
            run.history.found(
                Finding::AuditGap,
                format!(
                    "{} by {}: {entries} entries, {} acknowledged and {} attempted",
                    changes.event, changes.user, changes.acknowledged, changes.attempted
                ),
            );
        }
    }
    Ok(())
}
