//! Places where backups are kept, for administrators.

mod create;
mod delete;
mod read;
mod update;

pub use create::{NewBackupConfiguration, create, duplicate};
pub use delete::delete;
pub use panel_storage::backups::BackupStats;
pub(crate) use read::{check_reference, exists, find};
pub use read::{get, list, locations, nodes, servers, stats};
pub use update::{ChangeBackupConfiguration, update};

use chrono::{DateTime, Utc};
use panel_domain::backup::{BackupDisk, Stores};
use panel_domain::id::BackupConfigurationId;
use panel_storage::backup_configurations as rows;

use crate::backups::open_stores;
use crate::cx::Cx;
use crate::error::Error;

/// A place where backups are kept, with the access to it in clear.
#[derive(Debug, Clone)]
pub struct BackupConfiguration {
    /// Its id.
    pub id: BackupConfigurationId,
    /// Unique among them.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// Whether no backup is made there for now.
    pub maintenance_enabled: bool,
    /// Whether every node reaches what any node has put there.
    pub shared: bool,
    /// How backups are kept.
    pub disk: BackupDisk,
    /// Access to the stores.
    pub stores: Stores,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl BackupConfiguration {
    fn of(cx: &Cx, row: rows::BackupConfiguration) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            stores: open_stores(cx, &row)?,
            name: row.name,
            description: row.description,
            maintenance_enabled: row.maintenance_enabled,
            shared: row.shared,
            disk: row.disk.parse().map_err(Error::internal)?,
            created_at: row.created_at,
        })
    }
}

const NAME_TAKEN: &str = "is the name of another backup configuration";
