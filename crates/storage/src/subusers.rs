//! Who else may use a server.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{ServerId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::{subusers, users};
use crate::types::contains;
use crate::users::User;

/// A share of a server.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = subusers, check_for_backend(Pg))]
pub struct Subuser {
    #[diesel(deserialize_as = Uuid)]
    pub server_id: ServerId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub permissions: Vec<String>,
    pub ignored_files: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// Every share of a server.
pub async fn of_server(conn: &mut impl Readable, server: ServerId) -> Result<Vec<Subuser>, Error> {
    conn.load(
        subusers::table
            .filter(subusers::server_id.eq(server.uuid()))
            .order((subusers::created_at, subusers::user_id))
            .select(Subuser::as_select()),
    )
    .await
}

/// The share a user has of a server.
pub async fn find(
    conn: &mut impl Readable,
    server: ServerId,
    user: UserId,
) -> Result<Option<Subuser>, Error> {
    conn.optional(
        subusers::table
            .find((server.uuid(), user.uuid()))
            .select(Subuser::as_select()),
    )
    .await
}

/// The shares a user has of these servers.
pub async fn of_user(
    conn: &mut impl Readable,
    user: UserId,
    servers: &[ServerId],
) -> Result<Vec<Subuser>, Error> {
    let servers: Vec<Uuid> = servers.iter().map(|id| id.uuid()).collect();
    conn.load(
        subusers::table
            .filter(subusers::user_id.eq(user.uuid()))
            .filter(subusers::server_id.eq_any(servers))
            .select(Subuser::as_select()),
    )
    .await
}

/// One page of a server's shares with their users, those whose name or address contains `search`, and how many.
pub async fn list(
    conn: &mut impl Readable,
    server: ServerId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<(Subuser, User)>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        subusers::table
            .inner_join(users::table)
            .filter(subusers::server_id.eq(server.uuid()))
            .filter(
                users::username
                    .ilike(pattern.clone())
                    .or(users::email.ilike(pattern.clone())),
            )
    };
    conn.page(
        found().count(),
        found()
            .order((subusers::created_at, subusers::user_id))
            .offset(offset)
            .limit(limit)
            .select((Subuser::as_select(), User::as_select())),
    )
    .await
}

/// Adds a share.
///
/// # Errors
/// [`Error::Conflict`] on `subusers_pkey`, [`Error::Check`] on `subusers_not_owner`.
pub async fn insert(tx: &mut Tx, subuser: &Subuser) -> Result<(), Error> {
    tx.changed(Part::Server(subuser.server_id));
    tx.changed(Part::ServersOf(subuser.user_id));
    tx.execute(diesel::insert_into(subusers::table).values((
        subusers::server_id.eq(subuser.server_id.uuid()),
        subusers::user_id.eq(subuser.user_id.uuid()),
        subusers::permissions.eq(subuser.permissions.clone()),
        subusers::ignored_files.eq(subuser.ignored_files.clone()),
        subusers::created_at.eq(subuser.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes to a share: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = subusers, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct SubuserChanges {
    pub permissions: Option<Vec<String>>,
    pub ignored_files: Option<Vec<String>>,
}

/// Changes a share. `false`: the user has none.
pub async fn update(
    tx: &mut Tx,
    server: ServerId,
    user: UserId,
    changes: &SubuserChanges,
) -> Result<bool, Error> {
    tx.changed(Part::Server(server));
    let row = subusers::table.find((server.uuid(), user.uuid()));
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Ends a share. `false`: the user had none.
pub async fn delete(tx: &mut Tx, server: ServerId, user: UserId) -> Result<bool, Error> {
    tx.changed(Part::Server(server));
    tx.changed(Part::ServersOf(user));
    Ok(tx
        .execute(diesel::delete(
            subusers::table.find((server.uuid(), user.uuid())),
        ))
        .await?
        > 0)
}
