//! Deleting the backups that their groups and policies do not keep any longer.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::id::BackupId;
use panel_storage::backups::{self as rows, Backup, Scope};
use panel_storage::{Readable, system_backup_policies as policies};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::backups::{Doomed, condemn};
use crate::cx::Cx;
use crate::error::Error;

/// How many backups are looked at in one round.
const AT_ONCE: i64 = 200;

/// Has backups deleted that are beyond the count or the days of their group or policy, and those of policies that are on their way out.
/// Whether one is kept is asked again under the lock of its row.
///
/// # Errors
/// Those of the database.
pub async fn prune_backups(cx: &Cx) -> Result<(), Error> {
    let now = cx.now();
    let mut conn = cx.read_primary().await?;
    let mut outdated = rows::outdated(&mut conn, None, now, AT_ONCE).await?;
    outdated.extend(policies::outdated(&mut conn, None, now, AT_ONCE).await?);
    let leaving = policies::deleting(&mut conn).await?;
    for policy in &leaving {
        outdated.extend(policies::remaining(&mut conn, *policy, AT_ONCE).await?);
    }
    drop(conn);
    for id in outdated {
        match discard(cx, id, now).await {
            // Somebody restores it just now; the next round looks again.
            Ok(()) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    for policy in leaving {
        cx.write(|tx| {
            async move {
                if policies::remaining(tx, policy, 1).await?.is_empty() {
                    policies::delete(tx, policy).await?;
                }
                Ok(())
            }
            .scope_boxed()
        })
        .await?;
    }
    Ok(())
}

/// Has a backup deleted unless it is kept after all.
async fn discard(cx: &Cx, id: BackupId, now: DateTime<Utc>) -> Result<(), Error> {
    let doomed = Doomed::new(cx);
    let entry = cx.entry(Event::BackupDelete, json!({}));
    let (doomed, entry) = (&doomed, &entry);
    cx.write(|tx| {
        async move {
            let Some(row) = rows::lock(tx, Scope::All, id).await? else {
                return Ok(());
            };
            if !is_outdated(tx, &row, now).await? {
                return Ok(());
            }
            condemn(cx, tx, &row, doomed).await?;
            if let Some(server) = row.server_id {
                let details = json!({ "backup": id, "name": row.name, "retention": true });
                entry.clone().on(server).with(details).record(tx);
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Whether nothing keeps a backup.
async fn is_outdated(
    conn: &mut impl Readable,
    row: &Backup,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    if let Some(policy) = row.system_backup_policy_id {
        // Those of a policy on its way out go with it, whatever else would keep them.
        if policies::find(conn, policy).await?.is_none() {
            return Ok(true);
        }
        let outdated = policies::outdated(conn, Some(policy), now, i64::MAX).await?;
        return Ok(!row.locked && outdated.contains(&row.id));
    }
    let Some(group) = row.backup_group_id.filter(|_| !row.locked) else {
        return Ok(false);
    };
    let outdated = rows::outdated(conn, Some(group), now, AT_ONCE).await?;
    Ok(outdated.contains(&row.id))
}
