//! Places that group nodes.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{BackupConfigurationId, LocationId};
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::locations;
use crate::types::{Nullable, contains};

/// A location.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = locations, check_for_backend(Pg))]
pub struct Location {
    #[diesel(deserialize_as = Uuid)]
    pub id: LocationId,
    pub name: String,
    pub description: Option<String>,
    pub flag: Option<String>,
    pub created_at: DateTime<Utc>,
    #[diesel(deserialize_as = Nullable<BackupConfigurationId>)]
    pub backup_configuration_id: Option<BackupConfigurationId>,
}

/// The location of this id.
pub async fn find(conn: &mut impl Readable, id: LocationId) -> Result<Option<Location>, Error> {
    conn.optional(
        locations::table
            .find(id.uuid())
            .select(Location::as_select()),
    )
    .await
}

/// One page of locations by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Location>, i64), Error> {
    let found = || {
        let query = locations::table.into_boxed();
        match search {
            Some(search) => query.filter(locations::name.ilike(contains(search))),
            None => query,
        }
    };
    conn.page(
        found().count(),
        found()
            .order((locations::name, locations::id))
            .offset(offset)
            .limit(limit)
            .select(Location::as_select()),
    )
    .await
}

/// One page of the locations by name whose backups go there, those whose name contains `search`, and how many there are.
pub async fn with_backups_at(
    conn: &mut impl Readable,
    configuration: BackupConfigurationId,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Location>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found = || {
        locations::table
            .filter(locations::backup_configuration_id.eq(configuration.uuid()))
            .filter(locations::name.ilike(pattern.clone()))
    };
    conn.page(
        found().count(),
        found()
            .order((locations::name, locations::id))
            .offset(offset)
            .limit(limit)
            .select(Location::as_select()),
    )
    .await
}

/// Adds a location.
///
/// # Errors
/// [`Error::Conflict`] on `locations_name_key`.
pub async fn insert(tx: &mut Tx, location: &Location) -> Result<(), Error> {
    tx.execute(
        diesel::insert_into(locations::table).values((
            locations::id.eq(location.id.uuid()),
            locations::name.eq(location.name.clone()),
            locations::description.eq(location.description.clone()),
            locations::flag.eq(location.flag.clone()),
            locations::created_at.eq(location.created_at),
            locations::backup_configuration_id.eq(location
                .backup_configuration_id
                .map(BackupConfigurationId::uuid)),
        )),
    )
    .await?;
    Ok(())
}

/// Changes to a location: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = locations, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct LocationChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub flag: Option<Option<String>>,
    pub backup_configuration_id: Option<Option<Uuid>>,
}

/// Changes a location and gives it back, or `None` when there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on `locations_name_key`.
pub async fn update(
    tx: &mut Tx,
    id: LocationId,
    changes: &LocationChanges,
) -> Result<Option<Location>, Error> {
    tx.changed(Part::Location(id));
    tx.optional(
        diesel::update(locations::table.find(id.uuid()))
            .set(changes.clone())
            .returning(Location::as_returning()),
    )
    .await
}

/// Deletes a location. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while it has nodes.
pub async fn delete(tx: &mut Tx, id: LocationId) -> Result<bool, Error> {
    Ok(tx
        .execute(diesel::delete(locations::table.find(id.uuid())))
        .await?
        > 0)
}

/// The locations of these ids, in no particular order.
pub async fn load_many(
    conn: &mut impl Readable,
    ids: &[LocationId],
) -> Result<Vec<Location>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        locations::table
            .filter(locations::id.eq_any(ids))
            .select(Location::as_select()),
    )
    .await
}
