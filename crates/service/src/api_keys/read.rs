//! Reading API keys.

use panel_domain::page::{Page, Paged};
use panel_domain::permission::UserPermission;
use panel_storage::api_keys::{self, ApiKey};

use crate::cx::Cx;
use crate::error::Error;

/// One page of the caller's keys by name; with `search`, those whose name contains it.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(cx: &Cx, page: Page, search: Option<&str>) -> Result<Paged<ApiKey>, Error> {
    let user = cx.require_user(UserPermission::ApiKeysRead)?.id;
    let mut conn = cx.read().await?;
    let (rows, total) =
        api_keys::list(&mut conn, user, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, rows))
}

/// The key of the caller whose text begins with `key_start`.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn find_by_start(cx: &Cx, key_start: &str) -> Result<ApiKey, Error> {
    let user = cx.require_user(UserPermission::ApiKeysRead)?.id;
    let found = api_keys::find_by_start(&mut cx.read().await?, user, key_start).await?;
    found.ok_or(Error::not_found("api key"))
}
