//! `/api/admin/eggs`: the eggs that come with the panel.

mod starter;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config.service(starter::list).service(starter::install);
}
