//! The command and the image that a server starts with.

use indexmap::IndexMap;
use panel_domain::activity::Event;
use panel_domain::id::{ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_storage::eggs;
use panel_storage::servers::{self, Server, ServerChanges};
use serde_json::{Value, json};

use super::change;
use crate::cx::Cx;
use crate::error::Error;

/// Chooses one of the egg's startup commands.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`], [`Error::Invalid`] for a command that is not the egg's.
pub async fn set_command(cx: &Cx, server: ServerRef, command: String) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::StartupCommand, ServerAction::Use)
        .await?;
    choose_command(cx, allowed.resource().id, command).await
}

/// As [`set_command`], for somebody who was asked already whether they may.
pub(crate) async fn choose_command(cx: &Cx, id: ServerId, command: String) -> Result<(), Error> {
    let (row, egg) = server_and_egg(cx, id).await?;
    if command != row.startup && !offers(&egg.startup_commands, &command)? {
        return Err(Error::invalid(
            "command",
            "must be one of the egg's startup commands",
        ));
    }
    let entry = cx.entry(
        Event::StartupCommand,
        json!({ "from": row.startup, "to": &command }),
    );
    let changes = ServerChanges {
        startup: Some(command),
        ..ServerChanges::default()
    };
    change::apply(cx, row.id, changes, entry.on(row.id)).await
}

/// Chooses one of the egg's container images. An image that an administrator chose freely may be left for one of them.
///
/// # Errors
/// As [`set_command`].
pub async fn set_image(cx: &Cx, server: ServerRef, image: String) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::StartupDockerImage,
            ServerAction::Use,
        )
        .await?;
    choose_image(cx, allowed.resource().id, image).await
}

/// As [`set_image`], for somebody who was asked already whether they may.
pub(crate) async fn choose_image(cx: &Cx, id: ServerId, image: String) -> Result<(), Error> {
    let (row, egg) = server_and_egg(cx, id).await?;
    if image != row.image && !offers(&egg.docker_images, &image)? {
        return Err(Error::invalid(
            "image",
            "must be one of the egg's container images",
        ));
    }
    let entry = cx.entry(
        Event::StartupImage,
        json!({ "from": row.image, "to": &image }),
    );
    let changes = ServerChanges {
        image: Some(image),
        ..ServerChanges::default()
    };
    change::apply(cx, row.id, changes, entry.on(row.id)).await
}

async fn server_and_egg(cx: &Cx, id: ServerId) -> Result<(Server, eggs::Egg), Error> {
    servers::find_with_egg(&mut cx.read_primary().await?, id)
        .await?
        .ok_or(Error::not_found("server"))
}

/// Whether `wanted` is a value of the egg's column.
pub(crate) fn offers(column: &Value, wanted: &str) -> Result<bool, Error> {
    let offered: IndexMap<String, String> =
        serde_json::from_value(column.clone()).map_err(Error::internal)?;
    Ok(offered.values().any(|value| value == wanted))
}
