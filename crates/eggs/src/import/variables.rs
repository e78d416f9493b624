//! The variables of an egg file.

use indexmap::IndexMap;
use serde_json::Value;

use super::document::{Node, NodeMap};
use super::fields::{self, Notes, below};
use super::{Format, ImportError, LIMITS};
use crate::environment::DAEMON_VARIABLES;
use crate::model::{Family, Variable};
use crate::rules::{self, RuleSet};

pub(super) fn read(
    root: &mut NodeMap,
    format: Format,
    notes: &mut Notes,
) -> Result<Vec<Variable>, ImportError> {
    let items = match root.shift_remove("variables") {
        Some(Node::List(items)) => items,
        Some(Node::Map(entries)) => {
            if !entries.is_empty() {
                notes.repaired(
                    "/variables",
                    "This should be a list; the values of the map are used.",
                );
            }
            entries.into_values().collect()
        }
        None | Some(Node::Null) => Vec::new(),
        Some(_) => {
            notes.dropped("/variables", "This should be a list and is left out.");
            Vec::new()
        }
    };
    if items.len() > LIMITS.variables {
        return Err(ImportError::TooMany {
            path: "/variables".to_owned(),
            what: "entries",
            count: items.len(),
            limit: LIMITS.variables,
        });
    }
    let mut variables: Vec<Variable> = Vec::with_capacity(items.len());
    let mut places: Vec<usize> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("/variables/{index}");
        let Some(variable) = variable(item, format, &path, notes)? else {
            continue;
        };
        let name_path = below(&path, "env_variable");
        let env = &variable.env_variable;
        if let Some(known) = variables
            .iter()
            .position(|known| known.env_variable == *env)
        {
            notes.dropped(
                &format!("/variables/{}", places[known]),
                format!("The variable `{env}` is declared twice; the last declaration counts."),
            );
            variables[known] = variable;
            places[known] = index;
            continue;
        }
        if let Some(other) = variables
            .iter()
            .find(|known| known.env_variable.eq_ignore_ascii_case(env))
        {
            let message = format!(
                "`{env}` and `{}` differ only in case; some daemons treat them as one.",
                other.env_variable
            );
            notes.attention(&name_path, message);
        }
        variables.push(variable);
        places.push(index);
    }
    Ok(variables)
}

fn variable(
    node: Node,
    format: Format,
    path: &str,
    notes: &mut Notes,
) -> Result<Option<Variable>, ImportError> {
    let Node::Map(mut map) = node else {
        notes.dropped(path, "A variable that is not a map is left out.");
        return Ok(None);
    };
    let env_variable =
        fields::optional_text(&mut map, "env_variable", path, notes).unwrap_or_default();
    if !is_variable_name(&env_variable) {
        let message = format!(
            "`{env_variable}` cannot be the name of an environment variable; it is left out."
        );
        notes.dropped(&below(path, "env_variable"), message);
        return Ok(None);
    }
    if DAEMON_VARIABLES
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(&env_variable))
    {
        let message =
            format!("Daemons set `{env_variable}` themselves; the variable's value is never seen.");
        notes.attention(&below(path, "env_variable"), message);
    }
    let name =
        fields::optional_text(&mut map, "name", path, notes).filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| {
        notes.repaired(
            &below(path, "name"),
            "A variable without a name is shown as its environment variable.",
        );
        env_variable.clone()
    });
    let description =
        fields::optional_text(&mut map, "description", path, notes).unwrap_or_default();
    let default_value =
        fields::optional_text(&mut map, "default_value", path, notes).unwrap_or_default();
    let native = format == Format::Native;
    let user_viewable = fields::flag(&mut map, "user_viewable", path, native, notes);
    let user_editable = fields::flag(&mut map, "user_editable", path, false, notes);
    let secret = fields::flag(&mut map, "secret", path, false, notes);
    let rules = rules(&mut map, path, notes)?;
    let patterns = rules.iter().filter(|rule| rules::is_pattern(rule)).count();
    if notes.may_compile(patterns) {
        for unsupported in RuleSet::parse(&rules).unsupported() {
            let message = format!(
                "The rule `{}` cannot be checked: {}.",
                unsupported.rule, unsupported.reason
            );
            notes.attention(&below(path, "rules"), message);
        }
    }
    let mut extra = serde_json::Map::new();
    let mut order = None;
    for key in ["order", "sort"] {
        match map.shift_remove(key) {
            None => {}
            Some(Node::Null) if format.family() == Family::Pterodactyl => {
                extra.insert(key.to_owned(), Value::Null);
            }
            Some(Node::Null) => {}
            Some(node) => match node
                .scalar_text()
                .and_then(|text| text.trim().parse::<i64>().ok())
            {
                Some(place) => {
                    // Not a key of this format: an export repeats it only where the file had it.
                    if format.family() == Family::Pterodactyl {
                        extra.insert(key.to_owned(), place.into());
                    }
                    order = order.or(Some(place));
                }
                None => notes.dropped(
                    &below(path, key),
                    "The place among the variables is not a whole number.",
                ),
            },
        }
    }
    let name_translations = translations(&mut map, "name_translations", path, notes);
    let description_translations = translations(&mut map, "description_translations", path, notes);
    // Always `text`: nothing ever read another value.
    if map.get("field_type") == Some(&Node::Text("text".to_owned())) {
        map.shift_remove("field_type");
    }
    for (key, node) in map {
        notes.ignored(
            &below(path, &key),
            "This has no meaning here; it is kept for export.",
        );
        extra.insert(key, node.into_value());
    }
    Ok(Some(Variable {
        name,
        description,
        env_variable,
        default_value,
        user_viewable,
        user_editable,
        secret,
        rules,
        order,
        name_translations,
        description_translations,
        extra,
    }))
}

/// What a shell and the container runtime take as a variable's name; other panels allow a dash as well.
fn is_variable_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
}

fn rules(map: &mut NodeMap, path: &str, notes: &mut Notes) -> Result<Vec<String>, ImportError> {
    let path = below(path, "rules");
    let rules = listed(map, &path, notes);
    if rules.len() > LIMITS.rules {
        return Err(ImportError::TooMany {
            path,
            what: "rules",
            count: rules.len(),
            limit: LIMITS.rules,
        });
    }
    Ok(rules)
}

fn listed(map: &mut NodeMap, path: &str, notes: &mut Notes) -> Vec<String> {
    match map.shift_remove("rules") {
        None | Some(Node::Null) => Vec::new(),
        Some(Node::Text(text)) => rules::split(&text),
        Some(Node::List(items)) => items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| fields::text_of(item, &format!("{path}/{index}"), notes))
            .collect(),
        Some(Node::Map(entries)) => {
            if entries.is_empty() {
                notes.repaired(
                    path,
                    "This should be a list; an empty map is read as no rules.",
                );
                return Vec::new();
            }
            notes.repaired(
                path,
                "This should be a list; the values of the map are used.",
            );
            entries
                .into_values()
                .filter_map(|item| fields::text_of(item, path, notes))
                .collect()
        }
        Some(_) => {
            notes.dropped(path, "This should be a list of rules and is left out.");
            Vec::new()
        }
    }
}

fn translations(
    map: &mut NodeMap,
    key: &str,
    path: &str,
    notes: &mut Notes,
) -> IndexMap<String, String> {
    match map.shift_remove(key) {
        Some(Node::Map(entries)) => entries
            .into_iter()
            .filter_map(|(language, node)| {
                let path = below(&below(path, key), &language);
                fields::text_of(node, &path, notes).map(|text| (language, text))
            })
            .collect(),
        Some(node) if !node.is_vacant() => {
            notes.dropped(
                &below(path, key),
                "This should be a map of languages and is left out.",
            );
            IndexMap::new()
        }
        _ => IndexMap::new(),
    }
}
