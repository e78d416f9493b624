//! Making an egg from nothing.

use indexmap::IndexMap;
use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_eggs::{Egg as Model, EggConfig, Source};
use panel_storage::eggs as rows;
use scoped_futures::ScopedFutureExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::check::check_egg;
use super::{Egg, NAME_KEY, NAME_TAKEN, from_model, no_nest};
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new egg. The parts that daemons read have the form of the native API.
#[derive(Debug, Clone)]
pub struct NewEgg {
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// Unique in its nest.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Files that are edited before each start.
    pub config_files: Value,
    /// When a starting server counts as running.
    pub config_startup: Value,
    /// How a server is asked to stop.
    pub config_stop: Value,
    /// What installs a server.
    pub config_script: Value,
    /// Startup commands by label; the first is the default.
    pub startup_commands: IndexMap<String, String>,
    /// Images by label; the first is the default.
    pub docker_images: IndexMap<String, String>,
    /// Whether outgoing connections come from the primary address.
    pub force_outgoing_ip: bool,
    /// Whether the port is shown apart from the address.
    pub separate_port: bool,
    /// Dialogs to offer.
    pub features: Vec<String>,
    /// Patterns of files that nobody may touch.
    pub file_denylist: Vec<String>,
}

/// Makes an egg without variables.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`] for the nest, [`Error::Invalid`], [`Error::Taken`] for a name that another egg of the nest has.
pub async fn create(cx: &Cx, nest: NestId, input: NewEgg) -> Result<Egg, Error> {
    cx.require_admin(AdminPermission::EggsCreate)?;
    crate::nests::find(cx, nest).await?;
    let model = model_of(input)?;
    let (egg, variables) = from_model(&model, EggId::new_v4(), nest, None, cx.now())?;
    insert(cx, egg, variables, Event::EggCreate).await
}

/// Writes a new egg with its variables.
pub(super) async fn insert(
    cx: &Cx,
    egg: Egg,
    variables: Vec<rows::EggVariable>,
    event: Event,
) -> Result<Egg, Error> {
    let entry = cx.entry(
        event,
        json!({ "uuid": egg.id, "name": egg.name, "nest_uuid": egg.nest_id }),
    );
    let (row, variables, entry) = (&egg, &variables, &entry);
    cx.write(|tx| {
        async move {
            rows::insert(tx, row)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)
                .map_err(no_nest)?;
            rows::insert_variables(tx, variables).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(egg)
}

fn model_of(input: NewEgg) -> Result<Model, Error> {
    let mut invalid = Invalid::new();
    let files = part("config_files", input.config_files, &mut invalid);
    let startup = part("config_startup", input.config_startup, &mut invalid);
    let stop = part("config_stop", input.config_stop, &mut invalid);
    let script = part("config_script", input.config_script, &mut invalid);
    let (Some(files), Some(startup), Some(stop), Some(script)) = (files, startup, stop, script)
    else {
        return Err(invalid.into());
    };
    let model = Model {
        uuid: None,
        name: input.name,
        author: input.author,
        description: input.description,
        icon: None,
        tags: Vec::new(),
        update_url: None,
        features: input.features,
        docker_images: input.docker_images,
        startup_commands: input.startup_commands,
        config: EggConfig {
            files,
            startup,
            stop,
            logs: serde_json::Map::new(),
        },
        script,
        file_denylist: input.file_denylist,
        force_outgoing_ip: input.force_outgoing_ip,
        separate_port: input.separate_port,
        variables: Vec::new(),
        source: Source::default(),
    };
    check_egg(&model, &mut invalid);
    invalid.require(
        !model.startup_commands.is_empty(),
        "startup_commands",
        "must have at least one command",
    );
    invalid.finish()?;
    Ok(model)
}

/// A part of an egg in the form that daemons are told it in.
pub(super) fn part<T: DeserializeOwned>(
    field: &str,
    value: Value,
    invalid: &mut Invalid,
) -> Option<T> {
    invalid.take(field, serde_json::from_value(value))
}
