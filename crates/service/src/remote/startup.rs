//! What schedules on a node change of the startup of their servers (Calagopus).
//!
//! A node may do this only where a step of an enabled schedule says so, with the text that the step names if it names one, and only as
//! long as whoever wrote the step may do it themselves. Without such a schedule a node changes nothing.

use panel_domain::actor::Actor;
use panel_domain::id::{ServerId, ServerRef};
use panel_domain::permission::ServerPermission;
use panel_domain::policy;
use panel_domain::schedule::{Action, Dynamic, action_permissions};
use panel_domain::server::ServerAction;
use panel_storage::schedules;
pub use wings_client::wire::remote::{ChangeCommand, ChangeImage, ChangeVariable};

use super::this_node;
use crate::authorize::load_server_facts;
use crate::cx::Cx;
use crate::error::Error;
use crate::keys::ServerFacts;
use crate::schedules::author_of;
use crate::servers::{VariableValue, choose_command, choose_image, choose_value};

/// Gives a variable of a server another value.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's, [`Error::Denied`] when no schedule says so, [`Error::Conflict`] while the server
/// is not to be changed, [`Error::Invalid`] for a value that its owner could not choose either.
pub async fn change_variable(
    cx: &Cx,
    server: ServerId,
    change: ChangeVariable,
) -> Result<(), Error> {
    let meant = |action: &Action| match action {
        Action::UpdateStartupVariable {
            env_variable,
            value,
            ..
        } => says(env_variable, &change.env_variable) && says(value, &change.value),
        _ => false,
    };
    ordered(cx, server, change.schedule_uuid, meant).await?;
    let value = VariableValue {
        env_variable: change.env_variable,
        value: change.value,
    };
    choose_value(cx, server, value).await
}

/// Gives a server another startup command.
///
/// # Errors
/// As [`change_variable`].
pub async fn change_command(cx: &Cx, server: ServerId, change: ChangeCommand) -> Result<(), Error> {
    let meant = |action: &Action| match action {
        Action::UpdateStartupCommand { command, .. } => says(command, &change.command),
        _ => false,
    };
    ordered(cx, server, change.schedule_uuid, meant).await?;
    choose_command(cx, server, change.command).await
}

/// Gives a server another container image.
///
/// # Errors
/// As [`change_variable`].
pub async fn change_image(cx: &Cx, server: ServerId, change: ChangeImage) -> Result<(), Error> {
    let meant = |action: &Action| match action {
        Action::UpdateStartupDockerImage { image, .. } => says(image, &change.image),
        _ => false,
    };
    ordered(cx, server, change.schedule_uuid, meant).await?;
    choose_image(cx, server, change.image).await
}

/// Whether a step can have come to this text: it is the one it names, or what a variable of the run held.
fn says(wanted: &Dynamic, text: &str) -> bool {
    match wanted {
        Dynamic::Text(named) => named == text,
        Dynamic::Variable(_) => true,
    }
}

/// That a step says so whose author may do it.
pub(super) async fn ordered(
    cx: &Cx,
    server: ServerId,
    schedule: Option<uuid::Uuid>,
    meant: impl Fn(&Action) -> bool,
) -> Result<(), Error> {
    let node = this_node(cx)?;
    let mut conn = cx.read_primary().await?;
    let steps = schedules::steps_on_node(&mut conn, node, server).await?;
    let mark = cx.parts().revocations.mark();
    let facts = load_server_facts(&mut conn, ServerRef::Id(server), mark)
        .await?
        .filter(|facts| facts.node == node)
        .ok_or(Error::not_found("server"))?;
    facts.state.allows(ServerAction::Use, false)?;
    for step in steps {
        if schedule.is_some_and(|schedule| schedule != step.schedule_id.uuid()) {
            continue;
        }
        let action: Action = serde_json::from_value(step.action).map_err(Error::internal)?;
        let needed: Vec<ServerPermission> = action_permissions(&action).collect();
        if needed.is_empty() || !meant(&action) {
            continue;
        }
        let Some(author) = step.author_id else {
            continue;
        };
        if let Some(author) = author_of(&mut conn, author).await? {
            let author = Actor::from(author);
            if needed.iter().all(|needed| may(&author, &facts, *needed)) {
                return Ok(());
            }
        }
    }
    Err(Error::Denied {
        code: "no_such_step",
        message: "no schedule of this server says so".to_owned(),
    })
}

fn may(author: &Actor, facts: &ServerFacts, permission: ServerPermission) -> bool {
    policy::may_on_server(author, &facts.access_of(author), permission).is_ok()
}
