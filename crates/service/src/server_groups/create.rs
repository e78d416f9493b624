//! Making a group of servers.

use panel_domain::activity::Event;
use panel_domain::id::{ServerGroupId, ServerId};
use panel_domain::permission::UserPermission;
use panel_domain::server_group::{MAX_GROUPS, check_name, check_servers};
use panel_domain::validate::Invalid;
use panel_storage::{server_groups, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{ServerGroup, check_seen, refused};
use crate::cx::Cx;
use crate::error::Error;

/// A new group.
#[derive(Debug, Clone)]
pub struct NewServerGroup {
    /// What its user calls it.
    pub name: String,
    /// Its servers in their order.
    pub servers: Vec<ServerId>,
}

/// Makes a group for the caller, behind their others.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], also for servers that the caller does not see; [`Error::Conflict`] for too many.
pub async fn create(cx: &Cx, input: NewServerGroup) -> Result<ServerGroup, Error> {
    let user = cx.require_user(UserPermission::ServersCreate)?.id;
    let mut invalid = Invalid::new();
    check_name(&input.name, &mut invalid);
    let servers = check_servers(input.servers, &mut invalid);
    invalid.finish()?;
    check_seen(cx, user, &servers).await?;
    let group = ServerGroup {
        id: ServerGroupId::new_v4(),
        user_id: user,
        name: input.name,
        position: 0,
        created_at: cx.now(),
        servers: servers.iter().map(|server| server.uuid()).collect(),
    };
    let entry = cx.entry(
        Event::ServerGroupCreate,
        json!({ "uuid": group.id, "name": group.name }),
    );
    let (new, entry) = (&group, &entry);
    let position = cx
        .write(|tx| {
            async move {
                if !users::lock(tx, user).await? {
                    return Err(Error::Unauthenticated);
                }
                let most = i64::try_from(MAX_GROUPS).map_err(Error::internal)?;
                let position = server_groups::insert(tx, new, most).await;
                let position = position.map_err(refused)?.ok_or_else(too_many)?;
                entry.record(tx);
                Ok(position)
            }
            .scope_boxed()
        })
        .await?;
    Ok(ServerGroup { position, ..group })
}

fn too_many() -> Error {
    Error::conflict(
        "too_many_server_groups",
        format!("you have {MAX_GROUPS} groups of servers already: delete one first"),
    )
}
