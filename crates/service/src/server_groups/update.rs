//! Changing a group of servers.

use panel_domain::activity::Event;
use panel_domain::id::{ServerGroupId, ServerId};
use panel_domain::permission::UserPermission;
use panel_domain::server_group::{check_name, check_servers};
use panel_domain::validate::Invalid;
use panel_storage::server_groups;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{check_seen, find, refused};
use crate::cx::Cx;
use crate::error::Error;

/// Changes of a group: `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateServerGroup {
    /// What its user calls it.
    pub name: Option<String>,
    /// Its servers in their order.
    pub servers: Option<Vec<ServerId>>,
}

/// Changes a group of the caller.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], also for servers that the caller does not see.
pub async fn update(cx: &Cx, id: ServerGroupId, input: UpdateServerGroup) -> Result<(), Error> {
    let user = cx.require_user(UserPermission::ServersUpdate)?.id;
    let mut invalid = Invalid::new();
    if let Some(name) = &input.name {
        check_name(name, &mut invalid);
    }
    let servers = input
        .servers
        .map(|servers| check_servers(servers, &mut invalid));
    invalid.finish()?;
    if input.name.is_none() && servers.is_none() {
        find(cx, user, id).await?;
        return Ok(());
    }
    if let Some(servers) = &servers {
        check_seen(cx, user, servers).await?;
    }
    let entry = cx.entry(
        Event::ServerGroupUpdate,
        json!({ "uuid": id, "name": input.name }),
    );
    let (name, servers, entry) = (input.name.as_deref(), servers.as_deref(), &entry);
    cx.write(|tx| {
        async move {
            let changed = server_groups::update(tx, user, id, name, servers).await;
            if !changed.map_err(refused)? {
                return Err(Error::not_found("server group"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
