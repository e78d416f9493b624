//! The rows, by who the operations are for.

mod account;
mod backups;
mod files;
mod infrastructure;
mod mounts;
mod people;
mod public;
mod remote;
mod schedules;
mod servers;
mod system_backup_policies;

pub(super) use account::ssh_key_site;
pub(super) use servers::transfer_order;

use super::row::Row;

/// All of them.
pub(crate) fn all() -> Vec<Row> {
    [
        public::rows(),
        account::rows(),
        people::rows(),
        infrastructure::rows(),
        servers::client(),
        files::rows(),
        mounts::rows(),
        schedules::rows(),
        backups::client(),
        backups::admin(),
        system_backup_policies::rows(),
        backups::remote(),
        servers::admin(),
        remote::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
