//! Groups of eggs.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::NestId;
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::schema::nests;
use crate::types::contains;

/// A nest.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = nests, check_for_backend(Pg))]
pub struct Nest {
    #[diesel(deserialize_as = Uuid)]
    pub id: NestId,
    pub name: String,
    pub author: String,
    pub description: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// The nest of this id.
pub async fn find(conn: &mut impl Readable, id: NestId) -> Result<Option<Nest>, Error> {
    conn.optional(nests::table.find(id.uuid()).select(Nest::as_select()))
        .await
}

/// The nest of this name.
pub async fn find_by_name(conn: &mut impl Readable, name: &str) -> Result<Option<Nest>, Error> {
    conn.optional(
        nests::table
            .filter(nests::name.eq(name.to_owned()))
            .select(Nest::as_select()),
    )
    .await
}

/// One page of nests by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Nest>, i64), Error> {
    let found = || {
        let query = nests::table.into_boxed();
        match search {
            Some(search) => query.filter(nests::name.ilike(contains(search))),
            None => query,
        }
    };
    conn.page(
        found().count(),
        found()
            .order((nests::name, nests::id))
            .offset(offset)
            .limit(limit)
            .select(Nest::as_select()),
    )
    .await
}

/// Adds a nest.
///
/// # Errors
/// [`Error::Conflict`] on `nests_name_key`.
pub async fn insert(tx: &mut Tx, nest: &Nest) -> Result<(), Error> {
    tx.execute(diesel::insert_into(nests::table).values((
        nests::id.eq(nest.id.uuid()),
        nests::name.eq(nest.name.clone()),
        nests::author.eq(nest.author.clone()),
        nests::description.eq(nest.description.clone()),
        nests::created_at.eq(nest.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes to a nest: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = nests, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct NestChanges {
    pub name: Option<String>,
    pub author: Option<String>,
    pub description: Option<Option<String>>,
}

/// Changes a nest. `false`: there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `nests_name_key`.
pub async fn update(tx: &mut Tx, id: NestId, changes: &NestChanges) -> Result<bool, Error> {
    Ok(tx
        .execute(diesel::update(nests::table.find(id.uuid())).set(changes.clone()))
        .await?
        > 0)
}

/// Deletes a nest. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while it has eggs.
pub async fn delete(tx: &mut Tx, id: NestId) -> Result<bool, Error> {
    Ok(tx
        .execute(diesel::delete(nests::table.find(id.uuid())))
        .await?
        > 0)
}
