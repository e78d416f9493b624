//! `/api/setup`: the first steps in a new panel.

mod create;
mod finish;
mod state;

use crate::routes::Routes;

/// Adds what nobody needs to be signed in for.
pub(crate) fn configure(config: &mut impl Routes) {
    config.service(state::get).service(create::create);
}

/// Adds what the new administrator does.
pub(crate) fn configure_finish(config: &mut impl Routes) {
    config.service(finish::finish);
}
