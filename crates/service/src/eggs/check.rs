//! What is wrong with an egg before it becomes rows.

use indexmap::IndexMap;
use panel_domain::egg;
use panel_domain::validate::Invalid;
use panel_eggs::{Egg, Variable};
use serde::Serialize;
use serde_json::Value;

/// Notes what is wrong with an egg as a whole, its variables apart.
pub(super) fn check_egg(egg: &Egg, invalid: &mut Invalid) {
    egg::check_egg(&egg.name, &egg.author, egg.description.as_deref(), invalid);
    distinct("docker_images", &egg.docker_images, invalid);
    distinct("startup_commands", &egg.startup_commands, invalid);
    for (field, texts) in [
        ("features", &egg.features),
        ("file_denylist", &egg.file_denylist),
    ] {
        let ok = texts.iter().all(|text| storable(text));
        invalid.require(ok, field, "must not contain NUL characters");
    }
    invalid.require(
        egg.config.placeholders() <= panel_eggs::LIMITS.placeholders,
        "config_files",
        format!(
            "must have at most {} placeholders",
            panel_eggs::LIMITS.placeholders
        ),
    );
    part_storable("config_files", &egg.config.files, invalid);
    part_storable("config_startup", &egg.config.startup, invalid);
    part_storable("config_stop", &egg.config.stop, invalid);
    part_storable("config_script", &egg.script, invalid);
    part_storable("docker_images", &egg.docker_images, invalid);
    part_storable("startup_commands", &egg.startup_commands, invalid);
}

/// A column of type `json` takes a NUL, but nothing that reads it later does: comparing parts, or giving a server its image.
fn part_storable(field: &str, part: &impl Serialize, invalid: &mut Invalid) {
    let ok = serde_json::to_value(part).is_ok_and(|value| value_storable(&value));
    invalid.require(ok, field, "must not contain NUL characters");
}

fn value_storable(value: &Value) -> bool {
    match value {
        Value::String(text) => storable(text),
        Value::Array(items) => items.iter().all(value_storable),
        Value::Object(map) => map
            .iter()
            .all(|(key, value)| storable(key) && value_storable(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Notes what is wrong with a variable that an egg's file brings: only what cannot be kept. Files of other panels have values that their
/// own rules would refuse.
pub(super) fn check_imported(variable: &Variable, invalid: &mut Invalid) {
    let field = |name: &str| format!("variables.{}.{name}", variable.env_variable);
    let length = |text: &str| (1..=255).contains(&text.chars().count());
    invalid.require(
        length(&variable.name),
        &field("name"),
        "must be 1 to 255 characters long",
    );
    invalid.require(
        length(&variable.env_variable),
        &field("env_variable"),
        "must be 1 to 255 characters long",
    );
    let texts = [
        &variable.name,
        &variable.description,
        &variable.env_variable,
        &variable.default_value,
    ];
    invalid.require(
        texts
            .into_iter()
            .chain(&variable.rules)
            .all(|t| storable(t)),
        &field("default_value"),
        "must not contain NUL characters",
    );
}

/// Notes what is wrong with a variable that a person makes.
pub(super) fn check_variable(variable: &panel_storage::eggs::EggVariable, invalid: &mut Invalid) {
    invalid.name("name", &variable.name, 1..=255);
    if let Some(description) = &variable.description {
        invalid.text("description", description, 1..=65_536);
    }
    egg::check_env_variable("env_variable", &variable.env_variable, invalid);
    if let Some(value) = &variable.default_value {
        egg::check_value("default_value", value, invalid);
    }
    for unsupported in panel_eggs::RuleSet::parse(&variable.rules).unsupported() {
        invalid.push(
            "rules",
            format!(
                "{:?} cannot be checked: {}",
                unsupported.rule, unsupported.reason
            ),
        );
    }
    invalid.require(
        variable.rules.iter().all(|rule| storable(rule)),
        "rules",
        "must not contain NUL characters",
    );
}

fn distinct(field: &str, choices: &IndexMap<String, String>, invalid: &mut Invalid) {
    let mut values: Vec<&String> = choices.values().collect();
    values.sort_unstable();
    values.dedup();
    invalid.require(
        values.len() == choices.len(),
        field,
        "must not have the same value under two names",
    );
}

/// The database keeps every text but those with a NUL.
fn storable(text: &str) -> bool {
    !text.contains('\0')
}
