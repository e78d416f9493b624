//! Groups that users arrange their servers in. A group says nothing about who may do what: a server that its user sees no more stays in
//! it unseen, and is there again when they do.

mod create;
mod delete;
mod read;
mod reorder;
mod update;

pub use create::{NewServerGroup, create};
pub use delete::delete;
pub use panel_storage::server_groups::ServerGroup;
pub use read::{list, servers};
pub use reorder::reorder;
pub use update::{UpdateServerGroup, update};

use panel_domain::id::{ServerGroupId, ServerId, UserId};
use panel_domain::policy;
use panel_storage::servers::Scope;
use panel_storage::{ReadConn, server_groups, servers as rows};

use crate::cx::Cx;
use crate::error::Error;

/// A group of the user, as the primary has it.
async fn find(cx: &Cx, user: UserId, id: ServerGroupId) -> Result<ServerGroup, Error> {
    server_groups::find(&mut cx.read_primary().await?, user, id)
        .await?
        .ok_or(Error::not_found("server group"))
}

/// Those of these servers that the caller sees, in their order.
async fn seen(
    cx: &Cx,
    conn: &mut ReadConn,
    user: UserId,
    servers: &[ServerId],
    search: Option<String>,
) -> Result<Vec<ServerId>, Error> {
    if servers.is_empty() {
        return Ok(Vec::new());
    }
    let scope = match policy::sees_all_servers(cx.actor()) {
        true => Scope::All,
        false => Scope::User(user),
    };
    Ok(rows::among(conn, scope, servers, search).await?)
}

/// That the caller sees all of these servers.
async fn check_seen(cx: &Cx, user: UserId, servers: &[ServerId]) -> Result<(), Error> {
    let seen = seen(cx, &mut cx.read_primary().await?, user, servers, None).await?;
    if seen.len() == servers.len() {
        Ok(())
    } else {
        Err(not_seen())
    }
}

fn not_seen() -> Error {
    Error::invalid("server_order", "must be servers that you see")
}

/// What the tables' rules mean to somebody who broke them.
fn refused(error: panel_storage::Error) -> Error {
    match error {
        // It was deleted a moment ago.
        panel_storage::Error::ForeignKey { constraint }
            if constraint == "server_group_servers_server_id_fkey" =>
        {
            not_seen()
        }
        other => other.into(),
    }
}
