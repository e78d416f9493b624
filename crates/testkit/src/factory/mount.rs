//! Mounts.

use panel_domain::id::MountId;
use panel_storage::mounts::{self, Holder};
use scoped_futures::ScopedFutureExt as _;

use super::{number, write};
use crate::app::TestApp;

/// A mount of this folder that is attached to these nodes and eggs.
pub async fn mount(
    app: &TestApp,
    source: &str,
    user_mountable: bool,
    holders: &[Holder],
) -> MountId {
    let number = number();
    let row = mounts::Mount {
        id: MountId::new_v4(),
        name: format!("Mount {number}"),
        description: None,
        source: source.to_owned(),
        target: format!("/mnt/{number}"),
        read_only: true,
        user_mountable,
        created_at: app.now(),
    };
    let (row, now) = (&row, app.now());
    write(app, "a mount", |tx| {
        async move {
            mounts::insert(tx, row).await?;
            for holder in holders {
                mounts::attach_to(tx, *holder, row.id, now).await?;
            }
            Ok(row.id)
        }
        .scope_boxed()
    })
    .await
}

/// Gives a server a mount.
pub async fn mounted(app: &TestApp, server: &super::Server, mount: MountId) {
    let (server, now) = (server.id, app.now());
    write(app, "a mount of a server", |tx| {
        async move { Ok(mounts::attach(tx, server, mount, now).await?) }.scope_boxed()
    })
    .await;
}
