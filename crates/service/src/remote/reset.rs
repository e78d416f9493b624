//! A daemon was started again.

use panel_jobs::payload::ReconcileNode;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::{backups, nodes, transfers};
use scoped_futures::ScopedFutureExt;

use super::this_node;
use crate::cx::Cx;
use crate::error::Error;

/// Notes that the node's daemon was started: whatever it was doing may be lost. What was asked of it and has not ended is
/// looked at by the worker as soon as the daemon answers.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
pub async fn reset_servers(cx: &Cx) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    cx.write(|tx| {
        async move {
            nodes::record_seen(tx, node, None, now).await?;
            backups::forget_interrupted(tx, node);
            transfers::forget_interrupted(tx, node);
            enqueue(tx, &ReconcileNode { node }, now, EnqueueOptions::default())?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
