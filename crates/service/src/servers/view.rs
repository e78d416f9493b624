//! Servers as they are shown: the rows that a page needs, loaded for all of its servers at once.

use std::collections::HashMap;

use panel_domain::actor::Actor;
use panel_domain::id::{ServerId, UserId};
use panel_domain::permission::{PermissionSet, ServerPermission};
use panel_domain::policy::{self, ServerAccess};
use panel_storage::servers::ServerDetails;
use panel_storage::subusers::{self, Subuser};
use panel_storage::{Part, Readable};

use crate::cx::Cx;
use crate::error::Error;

/// A server as one of its users sees it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its rows.
    pub details: ServerDetails,
    /// What the one who asks may do with it.
    pub permissions: PermissionSet<ServerPermission>,
    /// Whether it belongs to the one who asks.
    pub is_owner: bool,
}

/// A server as administrators see it.
#[derive(Debug, Clone)]
pub struct AdminServer {
    /// Its rows.
    pub details: ServerDetails,
}

/// The servers with what `actor` may do with each. The shares are loaded together.
///
/// # Errors
/// Those of the database.
pub(crate) async fn for_user(
    conn: &mut impl Readable,
    actor: &Actor,
    details: Vec<ServerDetails>,
) -> Result<Vec<Server>, Error> {
    let ids: Vec<ServerId> = details.iter().map(|details| details.server.id).collect();
    let shares: HashMap<ServerId, Subuser> = match actor.user_id() {
        Some(user) if !ids.is_empty() => subusers::of_user(conn, user, &ids)
            .await?
            .into_iter()
            .map(|share| (share.server_id, share))
            .collect(),
        _ => HashMap::new(),
    };
    Ok(details
        .into_iter()
        .map(|details| {
            let access = ServerAccess {
                owner: details.server.owner_id,
                subuser: shares
                    .get(&details.server.id)
                    .map(|share| PermissionSet::from_stored_keys(&share.permissions)),
                deleting: details.server.deleting_at.is_some(),
            };
            Server {
                permissions: policy::server_permissions(actor, &access),
                is_owner: actor.user_id() == Some(details.server.owner_id),
                details,
            }
        })
        .collect())
}

/// Notes everything of a server that its users are shown.
pub(crate) fn note_parts(cx: &Cx, details: &ServerDetails) {
    for part in [
        Part::Server(details.server.id),
        Part::Node(details.node.id),
        Part::Location(details.location.id),
        Part::Egg(details.egg.id),
    ] {
        cx.shows(part);
    }
}

/// The servers as administrators see them.
pub(crate) fn for_admin(details: Vec<ServerDetails>) -> Vec<AdminServer> {
    let view = |details: ServerDetails| AdminServer { details };
    details.into_iter().map(view).collect()
}

/// The accounts behind these ids, each once.
pub(crate) fn distinct(ids: impl Iterator<Item = Option<UserId>>) -> Vec<UserId> {
    let mut ids: Vec<UserId> = ids.flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
