//! Public keys of users for SFTP.

mod create;
mod delete;
mod import;
mod read;
mod update;

pub use create::create;
pub use delete::delete;
pub use import::{Sites, import};
pub use panel_storage::ssh_keys::SshKey;
pub use read::list;
pub use update::update;

use panel_domain::id::{SshKeyId, UserId};
use panel_domain::ssh_key::SshPublicKey;
use panel_domain::validate::Invalid;
use panel_storage::{ReadConn, Tx, ssh_keys, users};

use crate::cx::Cx;
use crate::error::Error;

/// The most keys a user may have.
pub const MAX_SSH_KEYS: i64 = 50;

/// What the table's rules mean to somebody who broke them.
const NAME_KEY: &str = "ssh_keys_name_key";
const NAME_TAKEN: &str = "is the name of another of your keys";
const FINGERPRINT_KEY: &str = "ssh_keys_fingerprint_key";
const FINGERPRINT_TAKEN: &str = "is one of your keys already";

/// A key of the user, as it will be stored.
fn row(cx: &Cx, user: UserId, name: String, key: &SshPublicKey) -> SshKey {
    SshKey {
        id: SshKeyId::new_v4(),
        user_id: user,
        name,
        fingerprint: key.fingerprint().to_owned(),
        public_key: key.as_bytes().to_vec(),
        created_at: cx.now(),
    }
}

/// Stores keys of a user, all or none; `field` is what the request calls the key itself.
async fn insert(tx: &mut Tx, user: UserId, keys: &[SshKey], field: &str) -> Result<(), Error> {
    if !users::lock(tx, user).await? {
        return Err(Error::Unauthenticated);
    }
    let fits = ssh_keys::insert(tx, user, keys, MAX_SSH_KEYS)
        .await
        .map_err(|error| {
            let taken = |field, message| Error::Taken(Invalid::of(field, message));
            if error.is_conflict_on(FINGERPRINT_KEY) {
                taken(field, FINGERPRINT_TAKEN)
            } else if error.is_conflict_on(NAME_KEY) {
                taken("name", NAME_TAKEN)
            } else {
                error.into()
            }
        })?;
    if fits {
        Ok(())
    } else {
        Err(Error::conflict(
            "too_many_ssh_keys",
            format!("you may have {MAX_SSH_KEYS} SSH keys: delete some first"),
        ))
    }
}

/// A key of the user.
async fn find(conn: &mut ReadConn, user: UserId, id: SshKeyId) -> Result<SshKey, Error> {
    ssh_keys::find(conn, user, id)
        .await?
        .ok_or(Error::not_found("ssh key"))
}
