//! Ending a user's connections to a server after rights were taken away.

use std::time::Duration;

use panel_domain::id::{ServerId, UserId};
use panel_storage::servers;

use super::Progress;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// Has the server's node end the user's console and SFTP connections. Tokens end by themselves after ten minutes, so it is not
/// tried for longer.
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
        Err(error) if error.is_unreachable() => Ok(Progress::Again(Duration::from_secs(5))),
        Err(error) => Err(error.into()),
    }
}
