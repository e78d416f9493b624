//! Having a node read a server's configuration again.

use std::time::Duration;

use panel_domain::id::ServerId;
use panel_storage::servers;

use super::Progress;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Has the server's node read its configuration again. Repeatable: the node always gets what is true then.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn sync_server(cx: &Cx, id: ServerId) -> Result<Progress, Error> {
    let Some(server) =
        servers::find(&mut cx.read_primary().await?, servers::Scope::All, id).await?
    else {
        return Ok(Progress::Done);
    };
    if server.deleting_at.is_some() {
        return Ok(Progress::Done);
    }
    match node_calls::client(cx, server.node_id)
        .await?
        .sync_server(id, None)
        .await
    {
        Ok(()) => Ok(Progress::Done),
        // It is not there yet, or not any more; whoever creates it brings the newest configuration.
        Err(error) if error.is_not_found() => Ok(Progress::Done),
        // A node that is away reads all its servers when it is started.
        Err(error) => {
            tracing::info!(server.id = %id, %error, "The node did not read the server's configuration");
            Ok(Progress::Again(Duration::from_secs(15)))
        }
    }
}
