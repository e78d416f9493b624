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

use panel_cache::Client;
use panel_domain::actor::UserActor;
use panel_secrets::Secret;
use panel_storage::users::{self, User};

use crate::cx::Cx;
use crate::error::Error;
use crate::limits::Bucket;

/// The user's row, when `password` is theirs. Guesses are counted: who has somebody's session shall not get their password.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, [`Error::RateLimited`].
pub(crate) async fn confirm_password(
    cx: &Cx,
    user: &UserActor,
    password: &Secret<String>,
) -> Result<User, Error> {
    let client = Client::Number(user.id.uuid().as_u128());
    cx.limit(Bucket::AccountPassword, client).await?;
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
