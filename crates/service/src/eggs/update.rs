//! Changing an egg.

use indexmap::IndexMap;
use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::eggs as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};

use super::check::check_egg;
use super::create::part;
use super::{NAME_KEY, NAME_TAKEN, from_model, to_model};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes of an egg: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a new egg")]
pub struct EggUpdate {
    pub author: Option<String>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub config_files: Option<Value>,
    pub config_startup: Option<Value>,
    pub config_stop: Option<Value>,
    pub config_script: Option<Value>,
    pub startup_commands: Option<IndexMap<String, String>>,
    pub docker_images: Option<IndexMap<String, String>>,
    pub force_outgoing_ip: Option<bool>,
    pub separate_port: Option<bool>,
    pub features: Option<Vec<String>>,
    pub file_denylist: Option<Vec<String>>,
}

/// Changes an egg. Its servers get what the daemon reads of it at their next start.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another egg of the nest has.
pub async fn update(cx: &Cx, nest: NestId, id: EggId, input: EggUpdate) -> Result<(), Error> {
    cx.require_admin(AdminPermission::EggsUpdate)?;
    let entry = cx.entry(Event::EggUpdate, json!({}));
    let (input, entry) = (&input, &entry);
    cx.write(|tx| {
        async move {
            let before = rows::lock(tx, nest, id)
                .await?
                .ok_or(Error::not_found("egg"))?;
            let egg = changed(before, input.clone())?;
            let (content, addressing) = (rows::EggContent::from(&egg), (&egg).into());
            rows::update(tx, id, &content, Some(addressing))
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)?;
            let details = json!({ "uuid": id, "name": egg.name, "nest_uuid": nest });
            entry.clone().with(details).record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// An egg as it is after a change.
fn changed(before: rows::Egg, input: EggUpdate) -> Result<rows::Egg, Error> {
    let mut model = to_model(&before, &[])?;
    let mut invalid = Invalid::new();
    let has_no_command = input
        .startup_commands
        .as_ref()
        .is_some_and(IndexMap::is_empty);
    invalid.require(
        !has_no_command,
        "startup_commands",
        "must have at least one command",
    );
    set(&mut model.author, input.author);
    set(&mut model.name, input.name);
    set(&mut model.description, input.description);
    set(&mut model.startup_commands, input.startup_commands);
    set(&mut model.docker_images, input.docker_images);
    set(&mut model.force_outgoing_ip, input.force_outgoing_ip);
    set(&mut model.separate_port, input.separate_port);
    set(&mut model.features, input.features);
    set(&mut model.file_denylist, input.file_denylist);
    let config = &mut model.config;
    for_part(
        "config_files",
        input.config_files,
        &mut config.files,
        &mut invalid,
    );
    for_part(
        "config_startup",
        input.config_startup,
        &mut config.startup,
        &mut invalid,
    );
    for_part(
        "config_stop",
        input.config_stop,
        &mut config.stop,
        &mut invalid,
    );
    for_part(
        "config_script",
        input.config_script,
        &mut model.script,
        &mut invalid,
    );
    check_egg(&model, &mut invalid);
    invalid.finish()?;
    let (mut egg, _) = from_model(
        &model,
        before.id,
        before.nest_id,
        before.starter_slug,
        before.created_at,
    )?;
    // What only an export asks for stays as it is; the model was read without variables.
    egg.source = before.source;
    Ok(egg)
}

fn set<T>(place: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *place = value;
    }
}

fn for_part<T: serde::de::DeserializeOwned>(
    field: &str,
    change: Option<Value>,
    place: &mut T,
    invalid: &mut Invalid,
) {
    set(place, change.and_then(|value| part(field, value, invalid)));
}
