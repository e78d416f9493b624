//! Accounts.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{RoleId, UserId};
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::row_counts::{self, Counted, Order};
use crate::schema::users;
use crate::types::{Nullable, contains, no_time};

define_sql_function! {
    /// Text in small letters.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// An account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = users, check_for_backend(Pg))]
pub struct User {
    #[diesel(deserialize_as = Uuid)]
    pub id: UserId,
    #[diesel(deserialize_as = Nullable<RoleId>)]
    pub role_id: Option<RoleId>,
    pub external_id: Option<String>,
    pub avatar: Option<String>,
    pub username: String,
    pub email: String,
    pub name_first: String,
    pub name_last: String,
    pub password_hash: Option<String>,
    pub admin: bool,
    pub frozen: bool,
    pub suspended: bool,
    pub totp_enabled: bool,
    pub totp_secret: Option<Vec<u8>>,
    pub totp_last_step: Option<i64>,
    pub totp_last_used_at: Option<DateTime<Utc>>,
    pub language: String,
    pub toast_position: String,
    pub start_on_grouped_servers: bool,
    pub failed_sign_ins: i32,
    pub sign_in_blocked_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What a new account starts with; everything else takes the schema's default.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Role, if any.
    pub role_id: Option<RoleId>,
    /// Id in a billing system, unique.
    pub external_id: Option<String>,
    /// 3 to 15 letters, digits and underscores; unique whatever the case.
    pub username: String,
    /// As typed; unique whatever the case.
    pub email: String,
    /// Given name.
    pub name_first: String,
    /// Family name.
    pub name_last: String,
    /// Argon2id hash in PHC form; without one no sign-in by password is possible.
    pub password_hash: Option<String>,
    /// Administrator of everything.
    pub admin: bool,
    /// Language tag of the pages.
    pub language: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Changes to an account: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = users, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct UserChanges {
    pub role_id: Option<Option<Uuid>>,
    pub external_id: Option<Option<String>>,
    pub username: Option<String>,
    pub email: Option<String>,
    pub name_first: Option<String>,
    pub name_last: Option<String>,
    pub password_hash: Option<Option<String>>,
    pub admin: Option<bool>,
    pub frozen: Option<bool>,
    pub suspended: Option<bool>,
    pub totp_enabled: Option<bool>,
    pub language: Option<String>,
    pub toast_position: Option<String>,
    pub start_on_grouped_servers: Option<bool>,
}

/// The account of this id.
pub async fn find(conn: &mut impl Readable, id: UserId) -> Result<Option<User>, Error> {
    conn.optional(users::table.find(id.uuid()).select(User::as_select()))
        .await
}

/// The account that signs in as `login`: an e-mail address if it has an `@`, else a username; case does not matter.
pub async fn find_by_login(conn: &mut impl Readable, login: &str) -> Result<Option<User>, Error> {
    let wanted = login.to_lowercase();
    if login.contains('@') {
        conn.optional(
            users::table
                .filter(lower(users::email).eq(wanted))
                .select(User::as_select()),
        )
        .await
    } else {
        conn.optional(
            users::table
                .filter(lower(users::username).eq(wanted))
                .select(User::as_select()),
        )
        .await
    }
}

/// The account with this id in a billing system.
pub async fn find_by_external_id(
    conn: &mut impl Readable,
    external_id: &str,
) -> Result<Option<User>, Error> {
    conn.optional(
        users::table
            .filter(users::external_id.eq(external_id))
            .select(User::as_select()),
    )
    .await
}

/// The accounts of these ids, in no particular order; unknown ids are left out.
pub async fn load_many(conn: &mut impl Readable, ids: &[UserId]) -> Result<Vec<User>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        users::table
            .filter(users::id.eq_any(ids))
            .select(User::as_select()),
    )
    .await
}

/// Which accounts a list shows.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Part of the username or e-mail address.
    pub search: Option<String>,
    /// Only holders of this role.
    pub role_id: Option<RoleId>,
}

fn filtered(filter: &UserFilter) -> users::BoxedQuery<'static, Pg> {
    let mut query = users::table.into_boxed();
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        query = query.filter(
            users::username
                .ilike(pattern.clone())
                .or(users::email.ilike(pattern)),
        );
    }
    if let Some(role) = filter.role_id {
        query = query.filter(users::role_id.eq(role.uuid()));
    }
    query
}

/// One page of accounts, oldest first, and how many there are in all.
pub async fn list(
    conn: &mut impl Readable,
    filter: &UserFilter,
    offset: i64,
    limit: i64,
) -> Result<(Vec<User>, i64), Error> {
    if filter.search.is_none() && filter.role_id.is_none() {
        return list_all(conn, offset, limit).await;
    }
    conn.page(
        filtered(filter).count(),
        filtered(filter)
            .order((users::created_at + no_time(), users::id))
            .offset(offset)
            .limit(limit)
            .select(User::as_select()),
    )
    .await
}

async fn list_all(
    conn: &mut impl Readable,
    offset: i64,
    limit: i64,
) -> Result<(Vec<User>, i64), Error> {
    let days = row_counts::days(conn, Counted::Users).await?;
    let total = row_counts::total(&days);
    let order = Order::OldestFirst;
    let Some(window) = row_counts::window(&days, order, offset, limit) else {
        return Ok((Vec::new(), total));
    };
    let found = users::table
        .select(User::as_select())
        .offset(window.skip)
        .limit(window.take);
    let rows = if window.upwards {
        conn.load(
            found
                .filter(users::created_at.ge(window.bound))
                .order((users::created_at, users::id)),
        )
        .await?
    } else {
        conn.load(
            found
                .filter(users::created_at.lt(window.bound))
                .order((users::created_at.desc(), users::id.desc())),
        )
        .await?
    };
    Ok((row_counts::in_order(rows, window, order), total))
}

/// How many accounts there are.
pub async fn count(conn: &mut impl Readable) -> Result<i64, Error> {
    row_counts::count(conn, Counted::Users).await
}

/// Adds an account.
///
/// # Errors
/// [`Error::Conflict`] on `users_username_key`, `users_email_key` or `users_external_id_key`.
pub async fn insert(tx: &mut Tx, user: &NewUser) -> Result<User, Error> {
    tx.first(
        diesel::insert_into(users::table)
            .values((
                users::id.eq(user.id.uuid()),
                users::role_id.eq(user.role_id.map(RoleId::uuid)),
                users::external_id.eq(user.external_id.clone()),
                users::username.eq(user.username.clone()),
                users::email.eq(user.email.clone()),
                users::name_first.eq(user.name_first.clone()),
                users::name_last.eq(user.name_last.clone()),
                users::password_hash.eq(user.password_hash.clone()),
                users::admin.eq(user.admin),
                users::language.eq(user.language.clone()),
                users::created_at.eq(user.created_at),
            ))
            .returning(User::as_returning()),
    )
    .await
}

/// Changes an account and gives it back, or `None` when there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] as with [`insert`].
pub async fn update(tx: &mut Tx, id: UserId, changes: &UserChanges) -> Result<Option<User>, Error> {
    tx.changed(Part::User(id));
    tx.optional(
        diesel::update(users::table.find(id.uuid()))
            .set(changes.clone())
            .returning(User::as_returning()),
    )
    .await
}

/// As [`update`], unless the account has become an administrator, has ceased to be one, or has got another role since it
/// was read as `expected`: whoever decided about the change decided about another account then.
///
/// # Errors
/// [`Error::Conflict`] as with [`insert`]; [`Error::ForeignKey`] on a role that is not there.
pub async fn update_expected(
    tx: &mut Tx,
    expected: &User,
    changes: &UserChanges,
) -> Result<Option<User>, Error> {
    tx.changed(Part::User(expected.id));
    tx.optional(
        diesel::update(
            users::table
                .find(expected.id.uuid())
                .filter(users::admin.eq(expected.admin))
                .filter(users::role_id.is_not_distinct_from(expected.role_id.map(RoleId::uuid))),
        )
        .set(changes.clone())
        .returning(User::as_returning()),
    )
    .await
}

/// Notes a failed sign-in: counts it, and from `blocked_until` on refuses more until then.
pub async fn record_failed_sign_in(
    tx: &mut Tx,
    id: UserId,
    blocked_until: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    tx.execute(diesel::update(users::table.find(id.uuid())).set((
        users::failed_sign_ins.eq(users::failed_sign_ins + 1),
        users::sign_in_blocked_until.eq(blocked_until),
    )))
    .await?;
    Ok(())
}

/// Forgets failed sign-ins after one that succeeded.
pub async fn clear_failed_sign_ins(tx: &mut Tx, id: UserId) -> Result<(), Error> {
    tx.execute(diesel::update(users::table.find(id.uuid())).set((
        users::failed_sign_ins.eq(0),
        users::sign_in_blocked_until.eq(None::<DateTime<Utc>>),
    )))
    .await?;
    Ok(())
}

/// Deletes an account. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while it owns servers.
pub async fn delete(tx: &mut Tx, id: UserId) -> Result<bool, Error> {
    tx.changed(Part::User(id));
    Ok(tx
        .execute(diesel::delete(users::table.find(id.uuid())))
        .await?
        > 0)
}

/// Keeps others who lock this user waiting until the transaction ends, so that what the user has can be counted. `false`: there is no
/// such user.
pub async fn lock(tx: &mut Tx, id: UserId) -> Result<bool, Error> {
    let found: Option<Uuid> = tx
        .optional(
            users::table
                .find(id.uuid())
                .select(users::id)
                .for_no_key_update(),
        )
        .await?;
    Ok(found.is_some())
}

/// The administrators who are not suspended, locked until the transaction ends, so that two at once cannot remove the last of
/// them.
pub async fn lock_administrators(tx: &mut Tx) -> Result<Vec<UserId>, Error> {
    let ids: Vec<Uuid> = tx
        .load(
            users::table
                .filter(users::admin)
                .filter(users::suspended.eq(false))
                .order(users::id)
                .select(users::id)
                .for_update(),
        )
        .await?;
    Ok(ids.into_iter().map(UserId::from).collect())
}
