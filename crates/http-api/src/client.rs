//! `/api/client`: what users do with their account and their servers.

mod account;
mod permissions;
pub(crate) mod servers;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    account::configure(config);
    servers::configure(config);
    config.service(permissions::list);
}
