//! `/api/client`: what users do with their account and their servers.

mod account;
mod permissions;
pub(crate) mod servers;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut Routes<'_>) {
    account::configure(config);
    servers::configure(config);
    config.service(permissions::list);
}
