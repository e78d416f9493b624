//! Named sets of permissions.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::RoleId;
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::roles;
use crate::types::contains;

/// A role.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = roles, check_for_backend(Pg))]
pub struct Role {
    #[diesel(deserialize_as = Uuid)]
    pub id: RoleId,
    pub name: String,
    pub description: Option<String>,
    pub require_two_factor: bool,
    pub admin_permissions: Vec<String>,
    pub server_permissions: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// The role of this id.
pub async fn find(conn: &mut impl Readable, id: RoleId) -> Result<Option<Role>, Error> {
    conn.optional(roles::table.find(id.uuid()).select(Role::as_select()))
        .await
}

/// The roles of these ids, in no particular order.
pub async fn load_many(conn: &mut impl Readable, ids: &[RoleId]) -> Result<Vec<Role>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        roles::table
            .filter(roles::id.eq_any(ids))
            .select(Role::as_select()),
    )
    .await
}

/// One page of roles by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Role>, i64), Error> {
    let found = || {
        let query = roles::table.into_boxed();
        match search {
            Some(search) => query.filter(roles::name.ilike(contains(search))),
            None => query,
        }
    };
    conn.page(
        found().count(),
        found()
            .order((roles::name, roles::id))
            .offset(offset)
            .limit(limit)
            .select(Role::as_select()),
    )
    .await
}

/// Adds a role.
///
/// # Errors
/// [`Error::Conflict`] on `roles_name_key`.
pub async fn insert(tx: &mut Tx, role: &Role) -> Result<(), Error> {
    tx.execute(diesel::insert_into(roles::table).values((
        roles::id.eq(role.id.uuid()),
        roles::name.eq(role.name.clone()),
        roles::description.eq(role.description.clone()),
        roles::require_two_factor.eq(role.require_two_factor),
        roles::admin_permissions.eq(role.admin_permissions.clone()),
        roles::server_permissions.eq(role.server_permissions.clone()),
        roles::created_at.eq(role.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes to a role: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = roles, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct RoleChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub require_two_factor: Option<bool>,
    pub admin_permissions: Option<Vec<String>>,
    pub server_permissions: Option<Vec<String>>,
}

/// Changes a role. `false`: there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `roles_name_key`.
pub async fn update(tx: &mut Tx, id: RoleId, changes: &RoleChanges) -> Result<bool, Error> {
    tx.changed(Part::Role(id));
    Ok(tx
        .execute(diesel::update(roles::table.find(id.uuid())).set(changes.clone()))
        .await?
        > 0)
}

/// Deletes a role; its holders are left without one. `false`: there was none.
pub async fn delete(tx: &mut Tx, id: RoleId) -> Result<bool, Error> {
    tx.changed(Part::Role(id));
    Ok(tx
        .execute(diesel::delete(roles::table.find(id.uuid())))
        .await?
        > 0)
}
