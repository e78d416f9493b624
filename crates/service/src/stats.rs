//! Numbers about the whole panel.

use panel_domain::permission::AdminPermission;
use panel_storage::stats;

use crate::cx::Cx;
use crate::error::Error;

pub use panel_storage::stats::Counts;

/// How many of each thing there are.
///
/// # Errors
/// [`Error::Denied`].
pub async fn counts(cx: &Cx) -> Result<Counts, Error> {
    cx.require_admin(AdminPermission::StatsRead)?;
    Ok(stats::counts(&mut cx.read().await?).await?)
}
