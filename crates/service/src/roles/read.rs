//! Reading roles.

use panel_domain::id::RoleId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::roles::{self, Role};
use panel_storage::users::UserFilter;

use crate::cx::Cx;
use crate::error::Error;
use crate::users::{self, UserDetails};

/// One page of roles by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<Role>, Error> {
    cx.require_admin(AdminPermission::RolesRead)?;
    let mut conn = cx.read().await?;
    let (rows, total) = roles::list(&mut conn, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// One role.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: RoleId) -> Result<Role, Error> {
    cx.require_admin(AdminPermission::RolesRead)?;
    find(cx, id).await
}

/// One page of the users who hold a role.
///
/// # Errors
/// [`Error::Denied`] without the permission to see roles and users, [`Error::NotFound`].
pub async fn holders(
    cx: &Cx,
    id: RoleId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<UserDetails>, Error> {
    cx.require_admin(AdminPermission::RolesRead)?;
    cx.require_admin(AdminPermission::UsersRead)?;
    find(cx, id).await?;
    let filter = UserFilter {
        search: search.map(str::to_owned),
        role_id: Some(id),
    };
    users::page(cx, page, &filter).await
}

pub(crate) async fn find(cx: &Cx, id: RoleId) -> Result<Role, Error> {
    let found = roles::find(&mut cx.read().await?, id).await?;
    found.ok_or(Error::not_found("role"))
}
