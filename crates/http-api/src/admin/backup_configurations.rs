//! `/api/admin/backup-configurations`: places where backups are kept.

mod change;
mod read;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        .service(change::create)
        .service(read::get)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate)
        .service(read::stats)
        .service(read::backups)
        .service(read::locations)
        .service(read::nodes)
        .service(read::servers);
}
