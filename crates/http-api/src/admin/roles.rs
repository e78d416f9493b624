//! `/api/admin/roles`: named sets of permissions.

mod change;
mod read;

use crate::routes::Routes;

pub(super) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        .service(read::get)
        .service(read::users)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate);
}
