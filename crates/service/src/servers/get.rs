//! One server.

use panel_domain::id::ServerRef;
use panel_domain::permission::AdminPermission;
use panel_storage::servers as rows;

use super::lookup;
use super::view::{AdminServer, Server};
use crate::cx::Cx;
use crate::error::Error;

/// A server that the caller may see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(cx: &Cx, server: ServerRef) -> Result<Server, Error> {
    let seen = cx.see_server(server).await?;
    let details = lookup::details(cx, ServerRef::Id(seen.resource().id)).await?;
    Ok(Server {
        permissions: seen.permissions(),
        is_owner: cx.actor().user_id() == Some(details.server.owner_id),
        details,
    })
}

/// Any server, for administrators.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get_admin(cx: &Cx, server: ServerRef) -> Result<AdminServer, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    admin_view(cx, server).await
}

/// The server that another system calls by this name.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get_external(cx: &Cx, external_id: &str) -> Result<AdminServer, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    let id = rows::find_by_external_id(&mut cx.read().await?, external_id).await?;
    let id = id.ok_or(Error::not_found("server"))?;
    admin_view(cx, ServerRef::Id(id)).await
}

/// The server as administrators see it, for whoever has been authorized already.
pub(crate) async fn admin_view(cx: &Cx, server: ServerRef) -> Result<AdminServer, Error> {
    let details = lookup::details(cx, server).await?;
    Ok(AdminServer { details })
}
