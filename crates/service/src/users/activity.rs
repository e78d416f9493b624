//! What users did with their accounts.

use std::collections::HashMap;

use panel_domain::id::UserId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::Readable;
use panel_storage::activities::{self, Log};
use panel_storage::users::{self, User};

use super::read;
use crate::cx::Cx;
use crate::error::Error;

/// An entry of a log with the people in it, as far as they still exist.
#[derive(Debug, Clone)]
pub struct Activity {
    /// The entry.
    pub entry: activities::Activity,
    /// Who did it.
    pub user: Option<User>,
    /// Who acted as them.
    pub impersonator: Option<User>,
}

/// One page of what a user did with their account, newest first; with `search`, events whose name contains it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn activity(
    cx: &Cx,
    id: UserId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Activity>, Error> {
    cx.require_admin(AdminPermission::UsersActivity)?;
    read::find(cx, id).await?;
    let mut conn = cx.read().await?;
    let log = Log::User(id);
    let (rows, total) =
        activities::list(&mut conn, log, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, people(&mut conn, rows).await?))
}

/// The entries with the people in them, who are loaded together.
///
/// # Errors
/// Those of the database.
pub(crate) async fn people(
    conn: &mut impl Readable,
    rows: Vec<activities::Activity>,
) -> Result<Vec<Activity>, Error> {
    let mut ids: Vec<UserId> = rows
        .iter()
        .flat_map(|row| [row.user_id, row.impersonator_id])
        .flatten()
        .collect();
    ids.sort();
    ids.dedup();
    let found: HashMap<UserId, User> = if ids.is_empty() {
        HashMap::new()
    } else {
        let found = users::load_many(conn, &ids).await?;
        found.into_iter().map(|user| (user.id, user)).collect()
    };
    let who = |id: Option<UserId>| id.and_then(|id| found.get(&id).cloned());
    Ok(rows
        .into_iter()
        .map(|entry| Activity {
            user: who(entry.user_id),
            impersonator: who(entry.impersonator_id),
            entry,
        })
        .collect())
}
