//! The own account: what everybody sees and changes of themselves.

mod activity;
mod email;
mod password;
mod read;
mod update;

pub use activity::activity;
pub use email::{ChangeEmail, change_email};
pub use password::{ChangePassword, change_password};
pub use read::get;
pub use update::{UpdateAccount, update};

use std::time::Duration;

use panel_domain::actor::UserActor;
use panel_secrets::Secret;
use panel_storage::users::{self, User};

use crate::cx::Cx;
use crate::error::Error;

/// The user's row, when `password` is theirs. Guesses are counted: who has somebody's session shall not get their password.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, [`Error::RateLimited`].
async fn confirm_password(
    cx: &Cx,
    user: &UserActor,
    password: &Secret<String>,
) -> Result<User, Error> {
    cx.limit(
        "account_password",
        &user.id.to_string(),
        10,
        Duration::from_secs(300),
    )
    .await?;
    let row = users::find(&mut cx.read_primary().await?, user.id)
        .await?
        .ok_or(Error::Unauthenticated)?;
    let right = match &row.password_hash {
        Some(hash) => cx.parts().passwords.verify(password.expose(), hash).await?,
        None => false,
    };
    if right {
        Ok(row)
    } else {
        Err(Error::invalid("password", "is not your current password"))
    }
}
