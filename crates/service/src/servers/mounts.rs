//! The mounts of a server.

use panel_domain::activity::Event;
use panel_domain::id::{MountId, ServerId, ServerRef};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::{AdminPermission, ServerPermission};
use panel_domain::server::ServerAction;
use panel_storage::mounts::{self, Offered as Offer};
use panel_storage::servers::Server;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{change, lookup};
use crate::cx::Cx;
use crate::error::Error;
use crate::mounts::Offered;

fn offered(row: &Server, to_users: bool, attached: bool) -> Offer {
    Offer {
        server: row.id,
        node: row.node_id,
        egg: row.egg_id,
        to_users,
        attached,
    }
}

async fn page_of(
    cx: &Cx,
    offered: Offer,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Offered>, Error> {
    let mut conn = cx.read().await?;
    let (rows, total) =
        mounts::of_server(&mut conn, offered, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows).map(|(mount, since)| Offered { mount, since }))
}

/// One page of the mounts that the server's users may choose, by name, and since when it has each.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn mounts(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Offered>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::MountsRead, ServerAction::View)
        .await?;
    let row = lookup::shown(cx, allowed.resource().id).await?;
    page_of(cx, offered(&row, true, false), page, search).await
}

/// One page of the mounts that any server has, or of those that it could have, by name.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn mounts_for_admin(
    cx: &Cx,
    server: ServerRef,
    attached: bool,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Offered>, Error> {
    cx.require_admin(AdminPermission::ServersMounts)?;
    let row = lookup::current(&mut cx.read_primary().await?, server).await?;
    page_of(cx, offered(&row, false, attached), page, search).await
}

/// Gives a server a mount that its users may choose. It takes effect when the server is started next.
///
/// # Errors
/// [`Error::NotFound`], also for a mount that the server is not offered; [`Error::Denied`]; [`Error::Conflict`] by the server's state, and
/// when it has the mount already.
pub async fn attach_mount(cx: &Cx, server: ServerRef, mount: MountId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::MountsAttach, ServerAction::Use)
        .await?;
    attach(cx, allowed.resource().id, mount, true).await
}

/// Gives any server a mount of its node and egg.
///
/// # Errors
/// As [`attach_mount`].
pub async fn attach_mount_for_admin(
    cx: &Cx,
    server: ServerRef,
    mount: MountId,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersMounts)?;
    let id = change::named(&mut cx.read_primary().await?, server).await?;
    attach(cx, id, mount, false).await
}

/// Takes a mount from a server that its users may choose.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] by the server's state.
pub async fn detach_mount(cx: &Cx, server: ServerRef, mount: MountId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::MountsDetach, ServerAction::Use)
        .await?;
    detach(cx, allowed.resource().id, mount, true).await
}

/// Takes any mount from any server.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn detach_mount_for_admin(
    cx: &Cx,
    server: ServerRef,
    mount: MountId,
) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersMounts)?;
    let id = change::named(&mut cx.read_primary().await?, server).await?;
    detach(cx, id, mount, false).await
}

async fn attach(cx: &Cx, server: ServerId, mount: MountId, by_user: bool) -> Result<(), Error> {
    let entry = cx.entry(Event::ServerMountCreate, json!({})).on(server);
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let row = change::lock(tx, server).await?;
            let found = mounts::find_offered(tx, offered(&row, by_user, false), mount).await?;
            let found = found.ok_or(Error::not_found("mount"))?;
            mounts::attach(tx, server, mount, now)
                .await
                .map_err(|error| match error {
                    panel_storage::Error::Conflict { .. } => {
                        Error::conflict("mount_attached", "the server has this mount already")
                    }
                    other => other.into(),
                })?;
            let details = json!({ "uuid": mount, "name": found.name });
            entry.clone().with(details).record(tx);
            change::sync(tx, server, now)
        }
        .scope_boxed()
    })
    .await
}

async fn detach(cx: &Cx, server: ServerId, mount: MountId, by_user: bool) -> Result<(), Error> {
    let entry = cx.entry(Event::ServerMountDelete, json!({})).on(server);
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            let found = mounts::find(tx, mount).await?;
            let found = found
                .filter(|mount| mount.user_mountable || !by_user)
                .ok_or(Error::not_found("mount"))?;
            if !mounts::detach(tx, server, mount).await? {
                return Err(Error::not_found("mount"));
            }
            let details = json!({ "uuid": mount, "name": found.name });
            entry.clone().with(details).record(tx);
            change::sync(tx, server, now)
        }
        .scope_boxed()
    })
    .await
}
