//! Reading users.

use std::collections::HashMap;

use panel_domain::id::{RoleId, UserId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::roles::{self, Role};
use panel_storage::servers::{self as server_rows, Scope, ServerFilter};
use panel_storage::users::{self, User, UserFilter};
use panel_storage::{ReadConn, Readable};

use crate::cx::Cx;
use crate::error::Error;
use crate::servers;

/// A user with their role.
#[derive(Debug, Clone)]
pub struct UserDetails {
    /// The user.
    pub user: User,
    /// Their role, if they have one.
    pub role: Option<Role>,
}

/// One page of users, oldest first; with `search`, those whose username or e-mail address contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page_of: Page,
    search: Option<&str>,
) -> Result<Paged<UserDetails>, Error> {
    cx.require_admin(AdminPermission::UsersRead)?;
    let filter = UserFilter {
        search: search.map(str::to_owned),
        role_id: None,
    };
    page(cx, page_of, &filter).await
}

/// One page of users for somebody who was found to be allowed to see it.
pub(crate) async fn page(
    cx: &Cx,
    page: Page,
    filter: &UserFilter,
) -> Result<Paged<UserDetails>, Error> {
    let mut conn = cx.read().await?;
    let (rows, total) = users::list(&mut conn, filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, with_roles(&mut conn, rows).await?))
}

/// One user.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: UserId) -> Result<UserDetails, Error> {
    cx.require_admin(AdminPermission::UsersRead)?;
    find(cx, id).await
}

/// The user whom another system calls so.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn find_external(cx: &Cx, external_id: &str) -> Result<UserDetails, Error> {
    cx.require_admin(AdminPermission::UsersRead)?;
    let mut conn = cx.read().await?;
    let found = users::find_by_external_id(&mut conn, external_id).await?;
    with_role(&mut conn, found.ok_or(Error::not_found("user"))?).await
}

/// One page of the servers of a user: those they own, or with `owned` unset those they have a share of as well.
///
/// # Errors
/// [`Error::Denied`] without the permission to see users and servers, [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    id: UserId,
    page: Page,
    search: Option<&str>,
    owned: bool,
) -> Result<Paged<servers::AdminServer>, Error> {
    cx.require_admin(AdminPermission::UsersRead)?;
    cx.require_admin(AdminPermission::ServersRead)?;
    find(cx, id).await?;
    let filter = ServerFilter {
        search: search.map(str::to_owned),
        owner_id: owned.then_some(id),
        ..ServerFilter::default()
    };
    let scope = if owned { Scope::All } else { Scope::User(id) };
    let mut conn = cx.read().await?;
    let (rows, total) =
        server_rows::list_details(&mut conn, scope, &filter, page.offset(), page.per_page())
            .await?;
    let rows = servers::for_admin(rows);
    Ok(Paged::new(page, total, rows))
}

pub(super) async fn find(cx: &Cx, id: UserId) -> Result<UserDetails, Error> {
    found(cx.read().await?, id).await
}

/// The user who signs in as `login`: an e-mail address if it has an `@`, else a username.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn find_by_login(cx: &Cx, login: &str) -> Result<UserDetails, Error> {
    cx.require_admin(AdminPermission::UsersRead)?;
    let mut conn = cx.read_primary().await?;
    let user = users::find_by_login(&mut conn, login.trim())
        .await?
        .ok_or(Error::not_found("user"))?;
    with_role(&mut conn, user).await
}

/// As the primary has it, to decide by.
pub(crate) async fn find_on_primary(cx: &Cx, id: UserId) -> Result<UserDetails, Error> {
    found(cx.read_primary().await?, id).await
}

async fn found(mut conn: ReadConn, id: UserId) -> Result<UserDetails, Error> {
    let user = users::find(&mut conn, id).await?;
    with_role(&mut conn, user.ok_or(Error::not_found("user"))?).await
}

/// A user with their role.
///
/// # Errors
/// Those of the database.
pub(crate) async fn with_role(conn: &mut ReadConn, user: User) -> Result<UserDetails, Error> {
    let role = match user.role_id {
        Some(role) => roles::find(conn, role).await?,
        None => None,
    };
    Ok(UserDetails { user, role })
}

async fn with_roles(conn: &mut impl Readable, rows: Vec<User>) -> Result<Vec<UserDetails>, Error> {
    let mut ids: Vec<RoleId> = rows.iter().filter_map(|user| user.role_id).collect();
    ids.sort();
    ids.dedup();
    let held: HashMap<RoleId, Role> = if ids.is_empty() {
        HashMap::new()
    } else {
        let found = roles::load_many(conn, &ids).await?;
        found.into_iter().map(|role| (role.id, role)).collect()
    };
    Ok(rows
        .into_iter()
        .map(|user| UserDetails {
            role: user.role_id.and_then(|role| held.get(&role).cloned()),
            user,
        })
        .collect())
}
