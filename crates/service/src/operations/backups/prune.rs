//! Deleting the backups that their groups and policies do not keep any longer.

use panel_domain::activity::Event;
use panel_storage::backups::{self as rows, Scope};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::backups::{Doomed, condemn};
use crate::cx::Cx;
use crate::error::Error;

/// How many backups are looked at in one round.
const AT_ONCE: i64 = 200;

/// Has backups deleted that are beyond their group's count or days. Whether one is kept is asked again under the lock of its row.
///
/// # Errors
/// Those of the database.
pub async fn prune_backups(cx: &Cx) -> Result<(), Error> {
    let now = cx.now();
    let outdated = rows::outdated(&mut cx.read_primary().await?, None, now, AT_ONCE).await?;
    for id in outdated {
        let doomed = Doomed::new(cx);
        let entry = cx.entry(Event::BackupDelete, json!({}));
        let (doomed, entry) = (&doomed, &entry);
        let done = cx
            .write(|tx| {
                async move {
                    let Some(row) = rows::lock(tx, Scope::All, id).await? else {
                        return Ok(());
                    };
                    let Some(group) = row.backup_group_id.filter(|_| !row.locked) else {
                        return Ok(());
                    };
                    let still = rows::outdated(tx, Some(group), now, AT_ONCE).await?;
                    if !still.contains(&id) {
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
            .await;
        match done {
            // Somebody restores it just now; the next round looks again.
            Ok(()) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
