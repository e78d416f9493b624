//! `/api/admin/system-backup-policies`: backups that the panel has made by itself.

mod change;
mod read;
mod scope;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        .service(change::create)
        .service(read::get)
        .service(change::update)
        .service(change::delete)
        .service(change::trigger)
        .service(read::backups)
        .service(read::locations)
        .service(read::nodes)
        .service(read::servers)
        .service(scope::attach_location)
        .service(scope::detach_location)
        .service(scope::attach_node)
        .service(scope::detach_node)
        .service(scope::attach_server)
        .service(scope::detach_server);
}
