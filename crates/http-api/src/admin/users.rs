//! `/api/admin/users`: the people of the panel.

mod activity;
mod create;
mod delete;
mod get;
mod list;
mod servers;
mod two_factor;
mod update;

use crate::routes::Routes;

pub(super) fn configure(config: &mut impl Routes) {
    config
        .service(list::list)
        .service(create::create)
        .service(get::get_external)
        .service(get::get)
        .service(update::update)
        .service(delete::delete)
        .service(two_factor::disable)
        .service(servers::list)
        .service(activity::list);
}
