//! `/api/settings`, `/api/languages`, `/api/announcements`: what everybody may know.

mod announcements;
mod languages;
pub(crate) mod public;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(public::get)
        .service(languages::list)
        .service(announcements::list);
}
