//! `/api/auth`: signing in.

mod checkpoint;
mod login;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config.service(login::login).service(checkpoint::checkpoint);
}
