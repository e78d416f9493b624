//! How locations look to clients.

use panel_api_types::location::Location;
use panel_service::locations;

/// A location.
pub(crate) fn location(row: locations::Location) -> Location {
    Location {
        uuid: row.id.uuid(),
        backup_configuration: None,
        backup_configuration_uuid: row.backup_configuration_id.map(Into::into),
        name: row.name,
        description: row.description,
        flag: row.flag,
        created: row.created_at,
    }
}
