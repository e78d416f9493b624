//! Groups that users arrange their servers in.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{self, Array};
use panel_domain::id::{ServerGroupId, ServerId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{server_group_servers, server_groups};

/// A group with its servers in their order.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct ServerGroup {
    #[diesel(deserialize_as = Uuid)]
    pub id: ServerGroupId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub name: String,
    pub position: i32,
    pub created_at: DateTime<Utc>,
    pub servers: Vec<Uuid>,
}

/// The columns, and the servers of each row.
macro_rules! whole {
    () => {
        (
            server_groups::id,
            server_groups::user_id,
            server_groups::name,
            server_groups::position,
            server_groups::created_at,
            sql::<Array<sql_types::Uuid>>(
                "ARRAY(SELECT s.server_id FROM server_group_servers s \
                 WHERE s.server_group_id = server_groups.id ORDER BY s.position, s.server_id)",
            ),
        )
    };
}

/// A user's groups in their order. They may hold servers that the user sees no more.
pub async fn list(conn: &mut impl Readable, user: UserId) -> Result<Vec<ServerGroup>, Error> {
    conn.load(
        server_groups::table
            .filter(server_groups::user_id.eq(user.uuid()))
            .order((server_groups::position, server_groups::id))
            .select(whole!()),
    )
    .await
}

/// The group of this id, if it is this user's.
pub async fn find(
    conn: &mut impl Readable,
    user: UserId,
    id: ServerGroupId,
) -> Result<Option<ServerGroup>, Error> {
    let row = server_groups::table
        .find(id.uuid())
        .filter(server_groups::user_id.eq(user.uuid()));
    conn.optional(row.select(whole!())).await
}

/// Adds a group behind the others of a user who is [locked](crate::users::lock), and says where that is, unless they have `most`
/// already. Its own position does not count.
///
/// # Errors
/// [`Error::ForeignKey`] on a server that is not there.
pub async fn insert(tx: &mut Tx, new: &ServerGroup, most: i64) -> Result<Option<i32>, Error> {
    let (count, last): (i64, Option<i32>) = tx
        .first(
            server_groups::table
                .filter(server_groups::user_id.eq(new.user_id.uuid()))
                .select((
                    diesel::dsl::count_star(),
                    diesel::dsl::max(server_groups::position),
                )),
        )
        .await?;
    if count >= most {
        return Ok(None);
    }
    let position = last.map_or(0, |last| last.saturating_add(1));
    tx.execute(diesel::insert_into(server_groups::table).values((
        server_groups::id.eq(new.id.uuid()),
        server_groups::user_id.eq(new.user_id.uuid()),
        server_groups::name.eq(new.name.clone()),
        server_groups::position.eq(position),
        server_groups::created_at.eq(new.created_at),
    )))
    .await?;
    insert_servers(tx, new.id, &new.servers).await?;
    Ok(Some(position))
}

/// Changes a group of a user: its name and its servers, where they are given. `false`: the user has none of this id.
///
/// # Errors
/// As [`insert`].
pub async fn update(
    tx: &mut Tx,
    user: UserId,
    id: ServerGroupId,
    name: Option<&str>,
    servers: Option<&[ServerId]>,
) -> Result<bool, Error> {
    let row = server_groups::table
        .find(id.uuid())
        .filter(server_groups::user_id.eq(user.uuid()));
    // The row is written in any case: two at once wait for each other.
    let changed = match name {
        Some(name) => {
            tx.execute(diesel::update(row).set(server_groups::name.eq(name.to_owned())))
                .await?
        }
        None => {
            tx.execute(diesel::update(row).set(server_groups::name.eq(server_groups::name)))
                .await?
        }
    };
    if changed == 0 {
        return Ok(false);
    }
    if let Some(servers) = servers {
        let former =
            server_group_servers::table.filter(server_group_servers::server_group_id.eq(id.uuid()));
        tx.execute(diesel::delete(former)).await?;
        let servers: Vec<Uuid> = servers.iter().map(|server| server.uuid()).collect();
        insert_servers(tx, id, &servers).await?;
    }
    Ok(true)
}

async fn insert_servers(tx: &mut Tx, id: ServerGroupId, servers: &[Uuid]) -> Result<(), Error> {
    if servers.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = (0..)
        .zip(servers)
        .map(|(position, server): (i32, &Uuid)| {
            (
                server_group_servers::server_group_id.eq(id.uuid()),
                server_group_servers::server_id.eq(*server),
                server_group_servers::position.eq(position),
            )
        })
        .collect();
    tx.execute(diesel::insert_into(server_group_servers::table).values(rows))
        .await?;
    Ok(())
}

/// Puts a user's groups into this order. Those that are not named come after them, as they were; what is not theirs does not count.
pub async fn reorder(tx: &mut Tx, user: UserId, order: &[ServerGroupId]) -> Result<(), Error> {
    let order: Vec<Uuid> = order.iter().map(|id| id.uuid()).collect();
    tx.execute(
        Sql::new("UPDATE server_groups SET position = placed.place FROM (SELECT id, row_number() OVER (ORDER BY array_position(")
            .bind::<Array<sql_types::Uuid>, _>(order)
            .sql(", id), position, id)::integer - 1 AS place FROM server_groups WHERE user_id = ")
            .bind::<sql_types::Uuid, _>(user.uuid())
            .sql(") AS placed WHERE server_groups.id = placed.id AND server_groups.position <> placed.place"),
    )
    .await?;
    Ok(())
}

/// Deletes a group of a user. `false`: the user has none of this id.
pub async fn delete(tx: &mut Tx, user: UserId, id: ServerGroupId) -> Result<bool, Error> {
    let row = server_groups::table
        .find(id.uuid())
        .filter(server_groups::user_id.eq(user.uuid()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}
