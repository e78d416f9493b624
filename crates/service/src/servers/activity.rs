//! What was done on a server.

use std::collections::HashMap;

use panel_domain::id::{ServerRef, UserId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_storage::activities::{self, Log};
use panel_storage::users::{self, User};

use super::view::distinct;
use crate::cx::Cx;
use crate::error::Error;

/// An entry of a server's log.
#[derive(Debug, Clone)]
pub struct Activity {
    /// The entry. Its address is empty for those who may not see it.
    pub entry: activities::Activity,
    /// Who did it.
    pub user: Option<User>,
    /// Who acted as them.
    pub impersonator: Option<User>,
}

/// One page of a server's log, newest first; only what `by` did when given. Addresses of other people are shown to those
/// who may see them.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn activity(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
    by: Option<UserId>,
) -> Result<Paged<Activity>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::ActivityRead, ServerAction::View)
        .await?;
    let id = allowed.resource().id;
    let shows_addresses = allowed
        .permissions()
        .contains(ServerPermission::ActivityReadIp);
    let own = cx.actor().user_id();
    let log = by.map_or(Log::Server(id), |user| Log::ServerBy(id, user));
    let mut conn = cx.read().await?;
    let (entries, total) =
        activities::list(&mut conn, log, search, page.offset(), page.per_page()).await?;
    let people = distinct(
        entries
            .iter()
            .flat_map(|entry| [entry.user_id, entry.impersonator_id]),
    );
    let people: HashMap<UserId, User> = if people.is_empty() {
        HashMap::new()
    } else {
        let users = users::load_many(&mut conn, &people).await?;
        users.into_iter().map(|user| (user.id, user)).collect()
    };
    let person = |id: Option<UserId>| id.and_then(|id| people.get(&id).cloned());
    let entries = entries.into_iter().map(|mut entry| {
        if !shows_addresses && (own.is_none() || entry.user_id != own) {
            entry.ip = None;
        }
        Activity {
            user: person(entry.user_id),
            impersonator: person(entry.impersonator_id),
            entry,
        }
    });
    Ok(Paged::new(page, total, entries.collect()))
}
