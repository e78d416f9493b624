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

/// Any server with its rows. What a replica does not know yet is asked of the primary.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn details(cx: &Cx, server: ServerRef) -> Result<ServerDetails, Error> {
    async fn find(
        conn: &mut impl Readable,
        server: ServerRef,
    ) -> Result<Option<ServerDetails>, Error> {
        match id_of(conn, server).await? {
            Some(id) => Ok(servers::find_details(conn, Scope::All, id).await?),
            None => Ok(None),
        }
    }
    if let Some(details) = find(&mut cx.read().await?, server).await? {
        return Ok(details);
    }
    find(&mut cx.read_primary().await?, server)
        .await?
        .ok_or(Error::not_found("server"))
}

/// The row of any server as the primary has it, for decisions.
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

/// The row of a server for display. What a replica does not know yet is asked of the primary.
///
/// # Errors
/// [`Error::NotFound`].
pub(crate) async fn shown(cx: &Cx, id: ServerId) -> Result<servers::Server, Error> {
    if let Some(row) = servers::find(&mut cx.read().await?, Scope::All, id).await? {
        return Ok(row);
    }
    current(&mut cx.read_primary().await?, ServerRef::Id(id)).await
}
