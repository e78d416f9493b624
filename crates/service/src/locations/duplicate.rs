//! Making a location like another one.

use panel_domain::id::LocationId;
use panel_domain::permission::AdminPermission;
use panel_storage::locations::Location;

use super::create::{NewLocation, insert};
use super::find;
use crate::cx::Cx;
use crate::error::Error;

/// Makes a location like `id` under another name. Its nodes stay where they are.
///
/// # Errors
/// As for making one, and [`Error::NotFound`].
pub async fn duplicate(cx: &Cx, id: LocationId, name: String) -> Result<Location, Error> {
    cx.require_admin(AdminPermission::LocationsCreate)?;
    let model = find(cx, id).await?;
    let input = NewLocation {
        name,
        description: model.description,
        flag: model.flag,
        backup_configuration: model.backup_configuration_id,
    };
    insert(cx, input).await
}
