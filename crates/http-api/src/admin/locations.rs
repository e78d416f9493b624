//! `/api/admin/locations`: places that group nodes.

mod change;
mod read;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(read::list)
        .service(read::get)
        .service(read::nodes)
        .service(change::create)
        .service(change::update)
        .service(change::delete)
        .service(change::duplicate);
}
