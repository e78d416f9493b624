//! Settings of the panel.

mod update;

pub use update::{UpdateSettings, update};

use panel_domain::permission::AdminPermission;

use crate::app::Options;
use crate::auth::setup::{self, Step};
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::{Bucket, Limit, set_limits};

/// Everything that is set, for administrators.
#[derive(Debug)]
pub struct AdminSettings<'a> {
    /// What the operator decided by configuration.
    pub options: &'a Options,
    /// What the wizard has to do next.
    pub step: Step,
    /// How much may be asked, for each bucket.
    pub limits: Vec<(Bucket, Limit)>,
}

/// Reads all settings.
///
/// # Errors
/// [`Error::Denied`].
pub async fn get(cx: &Cx) -> Result<AdminSettings<'_>, Error> {
    cx.require_admin(AdminPermission::SettingsRead)?;
    let set = set_limits(cx).await?;
    let limit_of = |bucket: Bucket| {
        let set = set.iter().find(|(name, _)| name == bucket.name());
        set.map_or_else(|| bucket.default_limit(), |(_, limit)| *limit)
    };
    Ok(AdminSettings {
        limits: Bucket::SETTINGS
            .map(|bucket| (bucket, limit_of(bucket)))
            .into(),
        options: cx.app().options(),
        step: setup::step(cx).await?,
    })
}
