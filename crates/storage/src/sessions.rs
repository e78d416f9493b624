//! Sign-ins of browsers.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{self, Array};
use ipnet::IpNet;
use panel_domain::id::{SessionId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::schema::{sessions, users};
use crate::types::contains;
use crate::users::User;

/// A sign-in.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = sessions, check_for_backend(Pg))]
pub struct Session {
    #[diesel(deserialize_as = Uuid)]
    pub id: SessionId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub secret_hash: Vec<u8>,
    pub ip: IpNet,
    pub user_agent: String,
    pub last_used_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

/// A sign-in with the account it belongs to.
pub type SessionUser = (Session, User);

/// The session whose secret has this SHA-256, if it was used after `used_after`, and its account. The age is asked for
/// here, so that a session ends in time whether or not anybody cleans up.
pub async fn find_by_secret(
    conn: &mut impl Readable,
    secret_hash: &[u8],
    used_after: DateTime<Utc>,
) -> Result<Option<SessionUser>, Error> {
    conn.optional(
        sessions::table
            .inner_join(users::table)
            .filter(sessions::secret_hash.eq(secret_hash.to_vec()))
            .filter(sessions::last_used_at.gt(used_after))
            .select((Session::as_select(), User::as_select())),
    )
    .await
}

/// One page of a user's sessions used after `used_after`, last used first, those whose browser's name contains `search`, and
/// how many there are.
pub async fn list(
    conn: &mut impl Readable,
    user: UserId,
    used_after: DateTime<Utc>,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Session>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let of_user = || {
        sessions::table
            .filter(sessions::user_id.eq(user.uuid()))
            .filter(sessions::last_used_at.gt(used_after))
            .filter(sessions::user_agent.ilike(pattern.clone()))
    };
    conn.page(
        of_user().count(),
        of_user()
            .order((sessions::last_used_at.desc(), sessions::id))
            .offset(offset)
            .limit(limit)
            .select(Session::as_select()),
    )
    .await
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, session: &Session) -> Result<(), Error> {
    tx.execute(diesel::insert_into(sessions::table).values((
        sessions::id.eq(session.id.uuid()),
        sessions::user_id.eq(session.user_id.uuid()),
        sessions::secret_hash.eq(session.secret_hash.clone()),
        sessions::ip.eq(session.ip),
        sessions::user_agent.eq(session.user_agent.clone()),
        sessions::last_used_at.eq(session.last_used_at),
        sessions::created_at.eq(session.created_at),
    )))
    .await?;
    Ok(())
}

/// Notes that sessions were used, several in one statement. A time older than the known one changes nothing.
pub async fn touch(tx: &mut Tx, used: &[(SessionId, DateTime<Utc>)]) -> Result<(), Error> {
    let (ids, times): (Vec<Uuid>, Vec<DateTime<Utc>>) =
        used.iter().map(|(id, at)| (id.uuid(), *at)).unzip();
    tx.execute(
        Sql::new("UPDATE sessions SET last_used_at = greatest(last_used_at, used.at) FROM unnest(")
            .bind::<Array<sql_types::Uuid>, _>(ids)
            .sql(", ")
            .bind::<Array<sql_types::Timestamptz>, _>(times)
            .sql(") AS used(id, at) WHERE sessions.id = used.id"),
    )
    .await?;
    Ok(())
}

/// Ends one session of this user. `false`: the user has none of this id.
pub async fn delete(tx: &mut Tx, user: UserId, id: SessionId) -> Result<bool, Error> {
    let query = sessions::table
        .find(id.uuid())
        .filter(sessions::user_id.eq(user.uuid()));
    Ok(tx.execute(diesel::delete(query)).await? > 0)
}

/// Ends all sessions of a user but `keep`, and gives their ids.
pub async fn delete_others(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>, Error> {
    let keep = keep.map(SessionId::uuid).unwrap_or_default();
    let ids: Vec<Uuid> = tx
        .load(
            diesel::delete(
                sessions::table
                    .filter(sessions::user_id.eq(user.uuid()))
                    .filter(sessions::id.ne(keep)),
            )
            .returning(sessions::id),
        )
        .await?;
    Ok(ids.into_iter().map(SessionId::from).collect())
}

/// Deletes up to `limit` sessions not used since `before`, and says how many.
pub async fn delete_unused(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    tx.execute(
        Sql::new("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE last_used_at < ")
            .bind::<sql_types::Timestamptz, _>(before)
            .sql(" ORDER BY last_used_at LIMIT ")
            .bind::<sql_types::BigInt, _>(limit)
            .sql(")"),
    )
    .await
}
