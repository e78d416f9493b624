//! Making a location.

use panel_domain::activity::Event;
use panel_domain::id::{BackupConfigurationId, LocationId};
use panel_domain::location;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::locations::{self, Location};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN};
use crate::backup_configurations::check_reference;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new location.
#[derive(Debug, Clone)]
pub struct NewLocation {
    /// Unique among locations.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// A country's code of two letters.
    pub flag: Option<String>,
    /// Where the backups of its servers go.
    pub backup_configuration: Option<BackupConfigurationId>,
}

/// Makes a location.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewLocation) -> Result<Location, Error> {
    cx.require_admin(AdminPermission::LocationsCreate)?;
    insert(cx, input).await
}

/// Makes a location for somebody who was found to be allowed to.
pub(super) async fn insert(cx: &Cx, input: NewLocation) -> Result<Location, Error> {
    let mut invalid = Invalid::new();
    location::check(
        &input.name,
        input.description.as_deref(),
        input.flag.as_deref(),
        &mut invalid,
    );
    invalid.finish()?;
    let row = Location {
        id: LocationId::new_v4(),
        name: input.name,
        description: input.description,
        flag: input.flag,
        created_at: cx.now(),
        backup_configuration_id: input.backup_configuration,
    };
    let entry = cx.entry(
        Event::LocationCreate,
        json!({ "uuid": row.id, "name": row.name }),
    );
    let (row_ref, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            check_reference(tx, row_ref.backup_configuration_id).await?;
            locations::insert(tx, row_ref)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(row)
}
