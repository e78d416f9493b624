//! Which nodes have a mount, and which eggs know what to do with it.

use panel_domain::activity::Event;
use panel_domain::id::{MountId, NestId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::mounts::{self, Holder};
use panel_storage::{eggs, nodes};
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};

use super::Attached;
use crate::cx::Cx;
use crate::error::Error;

/// Asks for the permission to attach mounts to this, and that it is there.
async fn enter(cx: &Cx, holder: Holder, nest: Option<NestId>) -> Result<(), Error> {
    match holder {
        Holder::Node(id) => {
            cx.require_admin(AdminPermission::NodesMounts)?;
            let found = nodes::find(&mut cx.read().await?, id).await?;
            found.map(drop).ok_or(Error::not_found("node"))
        }
        Holder::Egg(id) => {
            cx.require_admin(AdminPermission::EggsMounts)?;
            let found = eggs::find(&mut cx.read().await?, id).await?;
            let found = found.filter(|egg| nest.is_none_or(|nest| egg.nest_id == nest));
            found.map(drop).ok_or(Error::not_found("egg"))
        }
    }
}

fn details(holder: Holder, mount: MountId) -> Value {
    match holder {
        Holder::Node(id) => json!({ "node": id, "mount": mount }),
        Holder::Egg(id) => json!({ "egg": id, "mount": mount }),
    }
}

/// One page of the mounts of a node, or of an egg of `nest`, by name.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn attached(
    cx: &Cx,
    holder: Holder,
    nest: Option<NestId>,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Attached>, Error> {
    enter(cx, holder, nest).await?;
    let mut conn = cx.read().await?;
    let (rows, total) =
        mounts::of_holder(&mut conn, holder, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows).map(|(mount, since)| Attached { mount, since }))
}

/// Attaches a mount to a node, or to an egg of `nest`. Servers there may have it from now on.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`]; [`Error::Invalid`] for a mount that there is not, [`Error::Conflict`] when it is attached already.
pub async fn attach(
    cx: &Cx,
    holder: Holder,
    nest: Option<NestId>,
    mount: MountId,
) -> Result<(), Error> {
    enter(cx, holder, nest).await?;
    let event = match holder {
        Holder::Node(_) => Event::NodeMountCreate,
        Holder::Egg(_) => Event::EggMountCreate,
    };
    let entry = cx.entry(event, details(holder, mount));
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            use panel_storage::Error as Storage;
            match mounts::attach_to(tx, holder, mount, now).await {
                Err(Storage::ForeignKey { constraint }) if constraint.contains("mount_id") => {
                    return Err(Error::not_found("mount"));
                }
                Err(Storage::Conflict { .. }) => {
                    return Err(Error::conflict(
                        "mount_attached",
                        "the mount is attached there already",
                    ));
                }
                other => other?,
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Detaches a mount from a node, or from an egg of `nest`, where no server has it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] while a server there has it.
pub async fn detach(
    cx: &Cx,
    holder: Holder,
    nest: Option<NestId>,
    mount: MountId,
) -> Result<(), Error> {
    enter(cx, holder, nest).await?;
    let event = match holder {
        Holder::Node(_) => Event::NodeMountDelete,
        Holder::Egg(_) => Event::EggMountDelete,
    };
    let entry = cx.entry(event, details(holder, mount));
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !mounts::detach_from(tx, holder, mount).await? {
                return Err(Error::not_found("mount"));
            }
            let servers = mounts::servers_with(tx, mount, Some(holder)).await?;
            if !servers.is_empty() {
                return Err(Error::conflict(
                    "mount_in_use",
                    format!(
                        "{} servers there have this mount: take it from them first",
                        servers.len()
                    ),
                ));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
