//! Keys that users make for programs.

mod create;
mod delete;
mod input;
mod read;
mod recreate;
mod update;

pub use create::{CreatedApiKey, NewApiKey, create};
pub use delete::delete;
pub use panel_storage::api_keys::ApiKey;
pub use read::{find_by_start, list};
pub use recreate::recreate;
pub use update::{UpdateApiKey, update};

use panel_domain::actor::ApiKeyScope;
use panel_domain::id::{ApiKeyId, UserId};
use panel_domain::permission::PermissionSet;
use panel_storage::api_keys;

use crate::cx::Cx;
use crate::error::Error;

/// The most keys a user may have.
pub const MAX_API_KEYS: i64 = 50;

/// What the table's rule on names means to somebody who broke it.
const NAME_KEY: &str = "api_keys_name_key";
const NAME_TAKEN: &str = "is the name of another of your keys";

/// What a key may be used for at most.
fn scope_of(key: &ApiKey) -> ApiKeyScope {
    ApiKeyScope {
        user: PermissionSet::from_stored_keys(&key.user_permissions),
        admin: PermissionSet::from_stored_keys(&key.admin_permissions),
        server: PermissionSet::from_stored_keys(&key.server_permissions),
    }
}

/// A key of the user, as the primary has it.
async fn find(cx: &Cx, user: UserId, id: ApiKeyId) -> Result<ApiKey, Error> {
    api_keys::find(&mut cx.read_primary().await?, user, id)
        .await?
        .ok_or(Error::not_found("api key"))
}
