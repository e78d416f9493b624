//! Reading groups of servers.

use std::collections::HashSet;

use panel_domain::id::{ServerGroupId, ServerId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::server_groups::{self, ServerGroup};
use panel_storage::servers as rows;
use uuid::Uuid;

use super::seen;
use crate::cx::Cx;
use crate::error::Error;
use crate::servers::{Server, for_user};

/// The caller's groups in their order, each with those of its servers that the caller sees.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx) -> Result<Vec<ServerGroup>, Error> {
    let user = cx.require_user(UserPermission::ServersRead)?.id;
    let mut conn = cx.read().await?;
    let mut groups = server_groups::list(&mut conn, user).await?;
    let every: HashSet<Uuid> = groups
        .iter()
        .flat_map(|group| group.servers.iter().copied())
        .collect();
    let every: Vec<ServerId> = every.into_iter().map(ServerId::from).collect();
    let seen = seen(cx, &mut conn, user, &every, None).await?;
    let seen: HashSet<Uuid> = seen.iter().map(|server| server.uuid()).collect();
    for group in &mut groups {
        group.servers.retain(|server| seen.contains(server));
    }
    Ok(groups)
}

/// One page of the servers of a group of the caller, in the group's order; with `search`, those whose name contains it or whose id begins
/// with it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    id: ServerGroupId,
    page: Page,
    search: Option<String>,
) -> Result<Paged<Server>, Error> {
    let user = cx.require_user(UserPermission::ServersRead)?.id;
    let mut conn = cx.read().await?;
    let group = server_groups::find(&mut conn, user, id)
        .await?
        .ok_or(Error::not_found("server group"))?;
    let ids: Vec<ServerId> = group.servers.into_iter().map(ServerId::from).collect();
    // No more than a group may have.
    let seen = seen(cx, &mut conn, user, &ids, search).await?;
    let total = i64::try_from(seen.len()).map_err(Error::internal)?;
    let (offset, limit) = (
        usize::try_from(page.offset()).map_err(Error::internal)?,
        usize::try_from(page.per_page()).map_err(Error::internal)?,
    );
    let wanted: Vec<ServerId> = seen.into_iter().skip(offset).take(limit).collect();
    let details = rows::details(&mut conn, &wanted).await?;
    let shown = for_user(&mut conn, cx.actor(), details).await?;
    Ok(Paged::new(page, total, shown))
}
