//! What users may set of their servers.

use panel_domain::activity::Event;
use panel_domain::id::{ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::server::{AutoKill, AutoStart, ServerAction, ServerTexts};
use panel_domain::validate::Invalid;
use panel_storage::servers::ServerChanges;
use serde_json::json;

use super::{change, lookup};
use crate::cx::Cx;
use crate::error::Error;

/// New texts of a server; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Rename {
    /// What people call it.
    pub name: Option<String>,
    /// Free text about it; `Some(None)` removes it.
    pub description: Option<Option<String>>,
}

/// Changes a server's name and description.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::Invalid`].
pub async fn rename(cx: &Cx, server: ServerRef, input: Rename) -> Result<(), Error> {
    let id = authorize(cx, server, ServerPermission::SettingsRename).await?;
    let description = input.description.map(super::blank_is_none);
    let mut invalid = Invalid::new();
    ServerTexts {
        name: input.name.as_deref(),
        description: description.as_ref().and_then(Option::as_deref),
        ..ServerTexts::default()
    }
    .check(&mut invalid);
    invalid.finish()?;
    if input.name.is_none() && description.is_none() {
        return Ok(());
    }
    let entry = cx.entry(
        Event::SettingsRename,
        json!({ "name": &input.name, "description": &description }),
    );
    let changes = ServerChanges {
        name: input.name,
        description,
        ..ServerChanges::default()
    };
    change::apply(cx, id, changes, entry.on(id)).await
}

/// Chooses whether and after how many seconds a server that does not stop is killed; without seconds they stay.
///
/// # Errors
/// As [`rename`].
pub async fn set_auto_kill(
    cx: &Cx,
    server: ServerRef,
    enabled: bool,
    seconds: Option<i64>,
) -> Result<(), Error> {
    let id = authorize(cx, server, ServerPermission::SettingsAutoKill).await?;
    let seconds = match seconds {
        Some(seconds) => seconds,
        None => {
            let row = lookup::current(&mut cx.read_primary().await?, ServerRef::Id(id)).await?;
            i64::from(row.auto_kill_seconds)
        }
    };
    let mut invalid = Invalid::new();
    AutoKill { enabled, seconds }.check(&mut invalid);
    invalid.finish()?;
    let entry = cx.entry(
        Event::SettingsAutoKill,
        json!({ "enabled": enabled, "seconds": seconds }),
    );
    let changes = ServerChanges {
        auto_kill_enabled: Some(enabled),
        auto_kill_seconds: Some(i32::try_from(seconds).map_err(Error::internal)?),
        ..ServerChanges::default()
    };
    change::apply(cx, id, changes, entry.on(id)).await
}

/// Chooses whether a server starts with its node.
///
/// # Errors
/// As [`rename`].
pub async fn set_auto_start(cx: &Cx, server: ServerRef, behavior: AutoStart) -> Result<(), Error> {
    let id = authorize(cx, server, ServerPermission::SettingsAutoStart).await?;
    let entry = cx.entry(Event::SettingsAutoStart, json!({ "behavior": behavior }));
    let changes = ServerChanges {
        auto_start_behavior: Some(behavior.as_str().to_owned()),
        ..ServerChanges::default()
    };
    change::apply(cx, id, changes, entry.on(id)).await
}

/// Chooses the time zone of a server's container; without one it has the node's.
///
/// # Errors
/// As [`rename`].
pub async fn set_timezone(
    cx: &Cx,
    server: ServerRef,
    timezone: Option<String>,
) -> Result<(), Error> {
    let id = authorize(cx, server, ServerPermission::SettingsTimezone).await?;
    let timezone = super::blank_is_none(timezone);
    let mut invalid = Invalid::new();
    ServerTexts {
        timezone: timezone.as_deref(),
        ..ServerTexts::default()
    }
    .check(&mut invalid);
    invalid.finish()?;
    let entry = cx.entry(Event::SettingsTimezone, json!({ "timezone": &timezone }));
    let changes = ServerChanges {
        timezone: Some(timezone),
        ..ServerChanges::default()
    };
    change::apply(cx, id, changes, entry.on(id)).await
}

async fn authorize(
    cx: &Cx,
    server: ServerRef,
    permission: ServerPermission,
) -> Result<ServerId, Error> {
    let allowed = cx
        .authorize_server(server, permission, ServerAction::Use)
        .await?;
    Ok(allowed.resource().id)
}
