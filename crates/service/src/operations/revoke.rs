//! Ending a user's connections to a server after rights were taken away.

use std::time::Duration;

use panel_domain::id::{ServerId, UserId};
use panel_storage::servers;

use super::Progress;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// How long until a node that could not be reached is asked again.
const PAUSE: Duration = Duration::from_secs(15);

/// Has the server's node end the user's console and SFTP connections. A node that is away is asked until it is back: tokens end by
/// themselves after ten minutes, but file transfers do not.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub async fn revoke_connections(
    cx: &Cx,
    server: ServerId,
    user: UserId,
) -> Result<Progress, Error> {
    let Some(row) =
        servers::find(&mut cx.read_primary().await?, servers::Scope::All, server).await?
    else {
        return Ok(Progress::Done);
    };
    match node_calls::client(cx, row.node_id)
        .await?
        .revoke(user, server)
        .await
    {
        Ok(()) => Ok(Progress::Done),
        Err(error) if error.is_not_found() => Ok(Progress::Done),
        Err(error) if error.is_unreachable() => Ok(Progress::Again(PAUSE)),
        Err(error) => Err(error.into()),
    }
}
