//! What a user has open at nodes.

use chrono::{DateTime, Utc};
use panel_domain::id::{ServerId, UserId};
use panel_jobs::payload::RevokeConnections;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Tx;

use crate::error::Error;

/// Has the nodes of these servers end the user's consoles and file transfers. Whoever may still use them connects again.
///
/// # Errors
/// Those of the database.
pub(crate) async fn cut_connections(
    tx: &mut Tx,
    user: UserId,
    servers: &[ServerId],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for server in servers {
        let job = RevokeConnections {
            server: *server,
            user,
        };
        enqueue(tx, &job, now, EnqueueOptions::default())?;
    }
    Ok(())
}
