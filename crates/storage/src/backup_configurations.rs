//! Places where backups are kept.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::BackupConfigurationId;
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::schema::{backup_configurations, backups};
use crate::types::contains;

/// A place where backups are kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = backup_configurations, check_for_backend(Pg))]
pub struct BackupConfiguration {
    #[diesel(deserialize_as = Uuid)]
    pub id: BackupConfigurationId,
    pub name: String,
    pub description: Option<String>,
    pub maintenance_enabled: bool,
    pub shared: bool,
    pub disk: String,
    /// Sealed.
    pub stores: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// The constraint that names are different.
pub const NAME_KEY: &str = "backup_configurations_name_key";

/// The configuration of this id.
pub async fn find(
    conn: &mut impl Readable,
    id: BackupConfigurationId,
) -> Result<Option<BackupConfiguration>, Error> {
    conn.optional(
        backup_configurations::table
            .find(id.uuid())
            .select(BackupConfiguration::as_select()),
    )
    .await
}

/// The configurations of these ids, in no particular order.
pub async fn load_many(
    conn: &mut impl Readable,
    ids: &[BackupConfigurationId],
) -> Result<Vec<BackupConfiguration>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    conn.load(
        backup_configurations::table
            .filter(backup_configurations::id.eq_any(ids))
            .select(BackupConfiguration::as_select()),
    )
    .await
}

/// One page of configurations by name, those whose name contains `search`, and how many there are.
pub async fn list(
    conn: &mut impl Readable,
    search: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<BackupConfiguration>, i64), Error> {
    let pattern = contains(search.unwrap_or_default());
    let found =
        || backup_configurations::table.filter(backup_configurations::name.ilike(pattern.clone()));
    conn.page(
        found().count(),
        found()
            .order((backup_configurations::name, backup_configurations::id))
            .offset(offset)
            .limit(limit)
            .select(BackupConfiguration::as_select()),
    )
    .await
}

/// Adds a configuration.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn insert(tx: &mut Tx, row: &BackupConfiguration) -> Result<(), Error> {
    tx.execute(diesel::insert_into(backup_configurations::table).values((
        backup_configurations::id.eq(row.id.uuid()),
        backup_configurations::name.eq(row.name.clone()),
        backup_configurations::description.eq(row.description.clone()),
        backup_configurations::maintenance_enabled.eq(row.maintenance_enabled),
        backup_configurations::shared.eq(row.shared),
        backup_configurations::disk.eq(row.disk.clone()),
        backup_configurations::stores.eq(row.stores.clone()),
        backup_configurations::created_at.eq(row.created_at),
    )))
    .await?;
    Ok(())
}

/// Changes of a configuration: `None` leaves a column as it is.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = backup_configurations, check_for_backend(Pg))]
#[expect(missing_docs, reason = "the fields are the columns")]
pub struct BackupConfigurationChanges {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub maintenance_enabled: Option<bool>,
    pub shared: Option<bool>,
    pub disk: Option<String>,
    pub stores: Option<Vec<u8>>,
}

/// Changes a configuration. `false`: there is none of this id.
///
/// # Errors
/// [`Error::Conflict`] on [`NAME_KEY`].
pub async fn update(
    tx: &mut Tx,
    id: BackupConfigurationId,
    changes: &BackupConfigurationChanges,
) -> Result<bool, Error> {
    let row = backup_configurations::table.find(id.uuid());
    Ok(tx.execute(diesel::update(row).set(changes.clone())).await? > 0)
}

/// Deletes a configuration. `false`: there was none.
///
/// # Errors
/// [`Error::ForeignKey`] while backups are kept there.
pub async fn delete(tx: &mut Tx, id: BackupConfigurationId) -> Result<bool, Error> {
    // Those that are gone already stay for the numbers, and refer to nothing.
    let gone = backups::table
        .filter(backups::backup_configuration_id.eq(id.uuid()))
        .filter(backups::deleted_at.is_not_null());
    tx.execute(diesel::update(gone).set(backups::backup_configuration_id.eq(None::<Uuid>)))
        .await?;
    let row = backup_configurations::table.find(id.uuid());
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}
