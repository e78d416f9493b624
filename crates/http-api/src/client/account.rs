//! `/api/client/account`: the own account.

mod activity;
mod api_keys;
mod command_snippets;
mod email;
mod get;
mod logout;
mod password;
mod sessions;
mod ssh_keys;
mod two_factor;
mod update;

use crate::routes::Routes;

pub(crate) fn configure(config: &mut impl Routes) {
    config
        .service(get::get)
        .service(update::update)
        .service(email::change)
        .service(password::change)
        .service(two_factor::set_up)
        .service(two_factor::enable)
        .service(two_factor::disable)
        .service(logout::logout)
        .service(activity::list)
        .service(api_keys::list)
        .service(api_keys::find)
        .service(api_keys::create)
        .service(api_keys::update)
        .service(api_keys::recreate)
        .service(api_keys::delete)
        .service(sessions::list)
        .service(sessions::delete_others)
        .service(sessions::delete)
        .service(ssh_keys::list)
        .service(ssh_keys::create)
        .service(ssh_keys::import)
        .service(ssh_keys::update)
        .service(ssh_keys::delete)
        .service(command_snippets::list)
        .service(command_snippets::create)
        .service(command_snippets::update)
        .service(command_snippets::duplicate)
        .service(command_snippets::delete);
}
