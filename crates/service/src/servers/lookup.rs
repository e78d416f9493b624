//! Finding the server that an administrator's request names.

use panel_domain::id::{ServerId, ServerRef};
use panel_storage::Readable;
use panel_storage::servers::{self, Scope, ServerDetails};

use crate::cx::Cx;
use crate::error::Error;

/// The id behind a reference, asked of `conn` only when the reference is a short id.
///
/// # Errors
/// Those of the database.
pub(crate) async fn id_of(
    conn: &mut impl Readable,
    server: ServerRef,
) -> Result<Option<ServerId>, Error> {
    match server {
        ServerRef::Id(id) => Ok(Some(id)),
        ServerRef::Short(short) => Ok(servers::find_by_short_id(conn, &short.to_string()).await?),
    }
}

/// Any server with its rows.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn details(cx: &Cx, server: ServerRef) -> Result<ServerDetails, Error> {
    let not_found = Error::not_found("server");
    let mut conn = cx.read().await?;
    let Some(id) = id_of(&mut conn, server).await? else {
        return Err(not_found);
    };
    let details = servers::find_details(&mut conn, Scope::All, id).await?;
    details.ok_or(not_found)
}

/// The row of any server as `conn` has it; decisions want the primary's.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn current(
    conn: &mut impl Readable,
    server: ServerRef,
) -> Result<servers::Server, Error> {
    servers::find_named(conn, server)
        .await?
        .ok_or(Error::not_found("server"))
}

/// The row of a server for display.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn shown(cx: &Cx, id: ServerId) -> Result<servers::Server, Error> {
    current(&mut cx.read().await?, ServerRef::Id(id)).await
}
