//! `/api/auth`: signing in.

mod login;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut Routes<'_>) {
    config.service(login::login);
}
