//! Settings of the panel.

use panel_domain::permission::AdminPermission;

use crate::app::Options;
use crate::auth::setup::{self, Step};
use crate::cx::Cx;
use crate::error::Error;

/// Everything that is set, for administrators.
#[derive(Debug)]
pub struct AdminSettings<'a> {
    /// What the operator decided by configuration.
    pub options: &'a Options,
    /// What the wizard has to do next.
    pub step: Step,
}

/// Reads all settings.
///
/// # Errors
/// [`Error::Denied`].
pub async fn get(cx: &Cx) -> Result<AdminSettings<'_>, Error> {
    cx.require_admin(AdminPermission::SettingsRead)?;
    Ok(AdminSettings {
        options: cx.app().options(),
        step: setup::step(cx).await?,
    })
}
