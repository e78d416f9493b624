//! Reading the own account.

use panel_domain::policy;
use panel_storage::{Part, users};

use crate::cx::Cx;
use crate::error::Error;
use crate::users::{UserDetails, with_role};

/// The account of the caller, suspended or not.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub async fn get(cx: &Cx) -> Result<UserDetails, Error> {
    let id = policy::signed_in(cx.actor())?.id;
    let mut conn = cx.read().await?;
    let found = users::find(&mut conn, id).await?;
    let found = with_role(&mut conn, found.ok_or(Error::Unauthenticated)?).await?;
    cx.shows(Part::User(id));
    if let Some(role) = &found.role {
        cx.shows(Part::Role(role.id));
    }
    Ok(found)
}
