//! Lists of servers.

use panel_domain::id::{EggId, NodeId, UserId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::{AdminPermission, UserPermission};
use panel_domain::policy;
use panel_storage::Part;
use panel_storage::servers::{self, Scope, ServerFilter};

use super::view::{self, AdminServer, Server};
use crate::cx::Cx;
use crate::error::Error;

/// One page of the servers that the caller owns or was given a share of; with `other` of all the rest, which is empty for
/// those who do not see it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page: Page,
    search: Option<String>,
    other: bool,
) -> Result<Paged<Server>, Error> {
    let user = cx.require_user(UserPermission::ServersRead)?.id;
    let scope = match other {
        false => Scope::User(user),
        true if policy::sees_all_servers(cx.actor()) => Scope::Others(user),
        true => return Ok(Paged::new(page, 0, Vec::new())),
    };
    let filter = ServerFilter {
        search,
        ..ServerFilter::default()
    };
    let mut conn = cx.read().await?;
    let (rows, total) =
        servers::list_details(&mut conn, scope, &filter, page.offset(), page.per_page()).await?;
    let rows = view::for_user(&mut conn, cx.actor(), rows).await?;
    if scope == Scope::User(user) && filter.search.is_none() {
        cx.shows(Part::ServersOf(user));
        for row in &rows {
            view::note_parts(cx, &row.details);
        }
    }
    Ok(Paged::new(page, total, rows))
}

/// Which servers an administrator's list shows.
#[derive(Debug, Clone, Default)]
pub struct ListAdminServers {
    /// Part of the name, or the beginning of the id.
    pub search: Option<String>,
    /// Only on this node.
    pub node: Option<NodeId>,
    /// Only of this owner.
    pub owner: Option<UserId>,
    /// Only of this egg.
    pub egg: Option<EggId>,
}

/// One page of all servers.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list_admin(
    cx: &Cx,
    page: Page,
    input: ListAdminServers,
) -> Result<Paged<AdminServer>, Error> {
    cx.require_admin(AdminPermission::ServersRead)?;
    let filter = ServerFilter {
        search: input.search,
        node_id: input.node,
        owner_id: input.owner,
        moving_at: None,
        egg_id: input.egg,
        backup_configuration_id: None,
    };
    let mut conn = cx.read().await?;
    let (rows, total) = servers::list_details(
        &mut conn,
        Scope::All,
        &filter,
        page.offset(),
        page.per_page(),
    )
    .await?;
    let rows = view::for_admin(rows);
    Ok(Paged::new(page, total, rows))
}
