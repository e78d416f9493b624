//! Putting groups of servers into an order.

use panel_domain::activity::Event;
use panel_domain::id::ServerGroupId;
use panel_domain::permission::UserPermission;
use panel_domain::server_group::MAX_GROUPS;
use panel_domain::validate::Invalid;
use panel_storage::{server_groups, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;

/// Puts the caller's groups into this order. Those that are not named come after them, as they were; what is not there does not count,
/// for it may have been deleted meanwhile.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for more than a user may have.
pub async fn reorder(cx: &Cx, order: Vec<ServerGroupId>) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::ServersUpdate)?.id;
    let mut invalid = Invalid::new();
    invalid.require(
        order.len() <= MAX_GROUPS,
        "server_group_order",
        format!("must be at most {MAX_GROUPS}"),
    );
    invalid.finish()?;
    let entry = cx.entry(Event::ServerGroupUpdate, json!({ "order": order }));
    let (order, entry) = (&order, &entry);
    cx.write(|tx| {
        async move {
            if !users::lock(tx, user).await? {
                return Err(Error::Unauthenticated);
            }
            server_groups::reorder(tx, user, order).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
