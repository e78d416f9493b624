//! Between the rows of an egg and the model that imports, exports and rules work on.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use panel_domain::id::{EggId, EggVariableId, NestId};
use panel_eggs::{Egg, EggConfig, Source, Variable};
use panel_storage::eggs as rows;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::Error;

/// What has no column of its own: only an export asks for it.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Rest {
    uuid: Option<String>,
    icon: Option<String>,
    tags: Vec<String>,
    update_url: Option<String>,
    logs: Map<String, Value>,
    source: Source,
    variables: IndexMap<String, Map<String, Value>>,
}

/// The model of an egg's rows.
///
/// # Errors
/// [`Error::Internal`] when a column holds what the model has no place for.
pub(crate) fn to_model(egg: &rows::Egg, variables: &[rows::EggVariable]) -> Result<Egg, Error> {
    let rest: Rest = match &egg.source {
        Some(rest) => column(rest)?,
        None => Rest::default(),
    };
    Ok(Egg {
        uuid: rest.uuid,
        name: egg.name.clone(),
        author: egg.author.clone(),
        description: egg.description.clone(),
        icon: rest.icon,
        tags: rest.tags,
        update_url: rest.update_url,
        features: egg.features.clone(),
        docker_images: column(&egg.docker_images)?,
        startup_commands: column(&egg.startup_commands)?,
        config: EggConfig {
            files: column(&egg.config_files)?,
            startup: column(&egg.config_startup)?,
            stop: column(&egg.config_stop)?,
            logs: rest.logs,
        },
        script: column(&egg.config_script)?,
        file_denylist: egg.file_denylist.clone(),
        force_outgoing_ip: egg.force_outgoing_ip,
        separate_port: egg.separate_port,
        variables: variables
            .iter()
            .map(|row| {
                let mut variable = to_variable(row)?;
                variable.extra = rest
                    .variables
                    .get(&row.env_variable)
                    .cloned()
                    .unwrap_or_default();
                Ok(variable)
            })
            .collect::<Result<_, Error>>()?,
        source: rest.source,
    })
}

/// The model of a variable's row.
///
/// # Errors
/// As [`to_model`].
pub(crate) fn to_variable(row: &rows::EggVariable) -> Result<Variable, Error> {
    Ok(Variable {
        name: row.name.clone(),
        description: row.description.clone().unwrap_or_default(),
        env_variable: row.env_variable.clone(),
        default_value: row.default_value.clone().unwrap_or_default(),
        user_viewable: row.user_viewable,
        user_editable: row.user_editable,
        secret: row.secret,
        rules: row.rules.clone(),
        order: Some(i64::from(row.position)),
        name_translations: column(&row.name_translations)?,
        description_translations: column(&row.description_translations)?,
        extra: Map::new(),
    })
}

/// Rows for an egg that was imported. Ids and time come from outside, since a transaction may run again.
///
/// # Errors
/// [`Error::Internal`] when the model does not serialize.
pub(crate) fn from_model(
    model: &Egg,
    id: EggId,
    nest: NestId,
    starter_slug: Option<String>,
    now: DateTime<Utc>,
) -> Result<(rows::Egg, Vec<rows::EggVariable>), Error> {
    let rest = Rest {
        uuid: model.uuid.clone(),
        icon: model.icon.clone(),
        tags: model.tags.clone(),
        update_url: model.update_url.clone(),
        logs: model.config.logs.clone(),
        source: model.source.clone(),
        variables: model
            .variables
            .iter()
            .filter(|variable| !variable.extra.is_empty())
            .map(|variable| (variable.env_variable.clone(), variable.extra.clone()))
            .collect(),
    };
    let egg = rows::Egg {
        id,
        nest_id: nest,
        name: model.name.clone(),
        author: model.author.clone(),
        description: model.description.clone(),
        starter_slug,
        config_files: json(&model.config.files)?,
        config_startup: json(&model.config.startup)?,
        config_stop: json(&model.config.stop)?,
        config_script: json(&model.script)?,
        startup_commands: json(&model.startup_commands)?,
        docker_images: json(&model.docker_images)?,
        features: model.features.clone(),
        file_denylist: model.file_denylist.clone(),
        force_outgoing_ip: model.force_outgoing_ip,
        separate_port: model.separate_port,
        source: Some(json(&rest)?),
        created_at: now,
    };
    let variables = model
        .ordered_variables()
        .into_iter()
        .enumerate()
        .map(|(position, variable)| {
            Ok(rows::EggVariable {
                id: EggVariableId::new_v4(),
                egg_id: id,
                name: variable.name.clone(),
                description: Some(variable.description.clone()).filter(|text| !text.is_empty()),
                name_translations: json(&variable.name_translations)?,
                description_translations: json(&variable.description_translations)?,
                position: i16::try_from(position).unwrap_or(i16::MAX),
                env_variable: variable.env_variable.clone(),
                default_value: Some(variable.default_value.clone()),
                user_viewable: variable.user_viewable,
                user_editable: variable.user_editable,
                secret: variable.secret,
                rules: variable.rules.clone(),
                created_at: now,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok((egg, variables))
}

fn column<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(Error::internal)
}

fn json(value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}
