//! The `config` object: edited files, startup detection, logs and the way to stop.
//!
//! Pterodactyl and Pelican JSON write each part as a JSON document inside a text; YAML files and Calagopus
//! write maps. Both are taken in every format, and an empty list stands for an empty map.

use serde_json::{Map, Value};

use super::ImportError;
use super::document::{self, Node, NodeMap};
use super::fields::{self, Notes, below};
use crate::export::indented;
use crate::model::{
    ConfigFile, EggConfig, Parser, Replacement, Source, StartupDetection, Stop, StopKind,
};

pub(super) fn read(
    root: &mut NodeMap,
    source: &mut Source,
    notes: &mut Notes,
) -> Result<EggConfig, ImportError> {
    let mut config = match root.shift_remove("config") {
        Some(Node::Map(config)) => config,
        _ => {
            notes.attention(
                "/config",
                "The egg says neither how it starts nor how it stops.",
            );
            NodeMap::new()
        }
    };
    let files = nested(&mut config, "files", source, notes)?
        .map(|map| files(map, notes))
        .unwrap_or_default();
    let startup = match nested(&mut config, "startup", source, notes)? {
        Some(map) => startup(map, notes),
        None => StartupDetection::default(),
    };
    if startup.done.is_empty() {
        notes.attention(
            "/config/startup",
            "No text tells when a server has started; it will stay starting.",
        );
    }
    let logs =
        nested(&mut config, "logs", source, notes)?.map(|map| match Node::Map(map).into_value() {
            Value::Object(map) => map,
            _ => Map::new(),
        });
    let stop = match config.shift_remove("stop") {
        Some(Node::Map(map)) => stop_object(map, notes),
        Some(node) => {
            let text = fields::text_of(node, "/config/stop", notes).unwrap_or_default();
            let (stop, remark) = stop_from_text(&text);
            if let Some(remark) = remark {
                notes.attention("/config/stop", remark);
            }
            source.verbatim.insert("stop".to_owned(), text);
            stop
        }
        None => {
            notes.attention(
                "/config/stop",
                "The egg does not say how to stop; the container is stopped.",
            );
            Stop::default()
        }
    };
    fields::keep_unknown(config, "/config", source, notes);
    Ok(EggConfig {
        files,
        startup,
        stop,
        logs: logs.unwrap_or_default(),
    })
}

/// A part that is a map or a JSON text of one. Nothing where it is missing, blank or cannot be read.
fn nested(
    config: &mut NodeMap,
    key: &str,
    source: &mut Source,
    notes: &mut Notes,
) -> Result<Option<NodeMap>, ImportError> {
    let path = below("/config", key);
    let Some(node) = config.shift_remove(key) else {
        return Ok(None);
    };
    let node = match node {
        Node::Text(text) => {
            if text.trim().is_empty() {
                source.verbatim.insert(key.to_owned(), text);
                return Ok(None);
            }
            match document::from_json(text.trim_start_matches('\u{feff}').trim()) {
                Ok((node, duplicates)) => {
                    for duplicate in duplicates {
                        notes.repaired(
                            &path,
                            format!("The key `{duplicate}` occurs twice; the last one counts."),
                        );
                    }
                    source.verbatim.insert(key.to_owned(), text);
                    node
                }
                // A bomb is one wherever it stands.
                Err(error @ (ImportError::TooDeep { .. } | ImportError::TooMany { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    notes.dropped(
                        &path,
                        format!("The text cannot be read and is left out: {error}."),
                    );
                    return Ok(None);
                }
            }
        }
        node => {
            // Kept as the text that other languages of the format have here, for what the model has no place for.
            if matches!(node, Node::Map(_) | Node::List(_)) {
                source
                    .verbatim
                    .insert(key.to_owned(), indented(&node.clone().into_value()));
            }
            node
        }
    };
    Ok(match node {
        Node::Map(map) => Some(map),
        node if node.is_vacant() => None,
        _ => {
            notes.dropped(&path, "This should be a map and is left out.");
            None
        }
    })
}

fn map_from_text(text: &str) -> Option<NodeMap> {
    if text.trim().is_empty() {
        return Some(NodeMap::new());
    }
    match document::from_json(text.trim_start_matches('\u{feff}').trim())
        .ok()?
        .0
    {
        Node::Map(map) => Some(map),
        node if node.is_vacant() => Some(NodeMap::new()),
        _ => None,
    }
}

/// What the text of `config.files` means.
pub(crate) fn files_from_text(text: &str) -> Option<Vec<ConfigFile>> {
    map_from_text(text).map(|map| files(map, &mut Notes::default()))
}

/// What the text of `config.startup` means.
pub(crate) fn startup_from_text(text: &str) -> Option<StartupDetection> {
    map_from_text(text).map(|map| startup(map, &mut Notes::default()))
}

/// What the text of `config.logs` means.
pub(crate) fn logs_from_text(text: &str) -> Option<Map<String, Value>> {
    match Node::Map(map_from_text(text)?).into_value() {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn files(map: NodeMap, notes: &mut Notes) -> Vec<ConfigFile> {
    map.into_iter()
        .filter_map(|(path, node)| file(path, node, notes))
        .collect()
}

fn file(name: String, node: Node, notes: &mut Notes) -> Option<ConfigFile> {
    let path = below("/config/files", &name);
    let Node::Map(mut entry) = node else {
        notes.dropped(
            &path,
            "The entry of this file is not a map and is left out.",
        );
        return None;
    };
    let parser_name = fields::optional_text(&mut entry, "parser", &path, notes).unwrap_or_default();
    let Some(parser) = Parser::from_name(&parser_name) else {
        notes.dropped(
            &path,
            format!("No daemon knows the parser `{parser_name}`; the file is left out."),
        );
        return None;
    };
    let create_key = if entry.contains_key("create_new") {
        "create_new"
    } else {
        "create_file"
    };
    let create_new = fields::flag(&mut entry, create_key, &path, true, notes);
    let mut replace = Vec::new();
    match (entry.shift_remove("replace"), entry.shift_remove("find")) {
        (Some(Node::List(items)), _) => {
            for (index, item) in items.into_iter().enumerate() {
                replace.extend(replacement(
                    item,
                    parser,
                    &format!("{path}/replace/{index}"),
                    notes,
                ));
            }
        }
        (_, Some(Node::Map(find))) => {
            for (matches, value) in find {
                if matches!(&value, Node::Map(conditions) if conditions.is_empty()) {
                    let place = below(&below(&path, "find"), &matches);
                    notes.dropped(&place, "The key has no new value and is left out.");
                }
                find_entry(&mut replace, matches, value, parser);
            }
        }
        (_, Some(node)) if node.is_vacant() => {}
        _ => {
            notes.dropped(&path, "The entry lists no edits; the file is left out.");
            return None;
        }
    }
    for key in entry.keys() {
        notes.ignored(&below(&path, key), "This has no meaning here.");
    }
    Some(ConfigFile {
        file: name,
        create_new,
        parser,
        replace,
    })
}

/// One key of the `find` form; a map lists new values by the current value each one replaces.
fn find_entry(replace: &mut Vec<Replacement>, matches: String, value: Node, parser: Parser) {
    let one = |if_value: Option<String>, value: Node| Replacement {
        matches: matches.clone(),
        insert_new: parser != Parser::File,
        update_existing: true,
        if_value,
        replace_with: value.into_value(),
    };
    match value {
        Node::Map(conditions) => {
            replace.extend(
                conditions
                    .into_iter()
                    .map(|(condition, value)| one(Some(condition), value)),
            );
        }
        value => replace.push(one(None, value)),
    }
}

/// One element of the `replace` form.
fn replacement(node: Node, parser: Parser, path: &str, notes: &mut Notes) -> Option<Replacement> {
    let Node::Map(mut map) = node else {
        notes.dropped(path, "This edit is not a map and is left out.");
        return None;
    };
    let Some(matches) = fields::optional_text(&mut map, "match", path, notes) else {
        notes.dropped(
            path,
            "This edit does not say what to replace and is left out.",
        );
        return None;
    };
    let value = match map
        .shift_remove("replace_with")
        .or_else(|| map.shift_remove("value"))
    {
        Some(value) => value.into_value(),
        None => {
            notes.dropped(path, "This edit has no new value and is left out.");
            return None;
        }
    };
    let if_value = fields::optional_text(&mut map, "if_value", path, notes);
    let insert_new = fields::flag(&mut map, "insert_new", path, parser != Parser::File, notes);
    let update_existing = fields::flag(&mut map, "update_existing", path, true, notes);
    for key in map.keys() {
        notes.ignored(&below(path, key), "This has no meaning here.");
    }
    Some(Replacement {
        matches,
        insert_new,
        update_existing,
        if_value,
        replace_with: value,
    })
}

fn startup(mut map: NodeMap, notes: &mut Notes) -> StartupDetection {
    let path = "/config/startup";
    let done = match map.shift_remove("done") {
        None | Some(Node::Null) => Vec::new(),
        Some(Node::List(items)) => items
            .into_iter()
            .enumerate()
            .filter_map(|(index, item)| {
                fields::text_of(item, &format!("{path}/done/{index}"), notes)
            })
            .collect(),
        Some(Node::Map(entries)) if entries.is_empty() => Vec::new(),
        Some(node) => fields::text_of(node, "/config/startup/done", notes)
            .into_iter()
            .collect(),
    };
    for text in &done {
        if let Some(pattern) = text.strip_prefix("regex:")
            && notes.may_compile(1)
            && let Err(error) = regex::RegexBuilder::new(pattern)
                .size_limit(1 << 18)
                .build()
        {
            notes.attention(
                "/config/startup/done",
                format!("The regular expression cannot be used: {error}."),
            );
        }
    }
    let strip_ansi = fields::flag(&mut map, "strip_ansi", path, false, notes);
    for key in ["userInteraction", "user_interaction"] {
        if map.shift_remove(key).is_some_and(|node| !node.is_vacant()) {
            notes.ignored(&below(path, key), "No daemon acts on this.");
        }
    }
    for key in map.keys() {
        notes.ignored(&below(path, key), "This has no meaning here.");
    }
    StartupDetection { done, strip_ansi }
}

/// What the text of `config.stop` means: a caret starts a signal, anything else is a console command. The
/// second part is a remark for people.
pub(crate) fn stop_from_text(text: &str) -> (Stop, Option<String>) {
    if text.is_empty() {
        return (
            Stop::default(),
            Some("The egg does not say how to stop; the container is stopped.".to_owned()),
        );
    }
    let Some(name) = text.strip_prefix('^') else {
        return (
            Stop {
                kind: StopKind::Command,
                value: Some(text.to_owned()),
            },
            None,
        );
    };
    let (signal, known) = signal(name);
    let remark = (!known)
        .then(|| format!("`{text}` is no signal daemons know; servers are killed instead."));
    (
        Stop {
            kind: StopKind::Signal,
            value: Some(signal.to_owned()),
        },
        remark,
    )
}

/// The signal of a name, and whether the name is a known one. Daemons kill on every name they do not know.
fn signal(name: &str) -> (&'static str, bool) {
    match name.trim().to_ascii_uppercase().as_str() {
        "C" | "SIGINT" => ("SIGINT", true),
        "SIGTERM" => ("SIGTERM", true),
        "SIGABRT" => ("SIGABRT", true),
        "SIGQUIT" => ("SIGQUIT", true),
        "^C" | "SIGKILL" => ("SIGKILL", true),
        _ => ("SIGKILL", false),
    }
}

fn stop_object(mut map: NodeMap, notes: &mut Notes) -> Stop {
    let path = "/config/stop";
    let kind = fields::optional_text(&mut map, "type", path, notes).unwrap_or_default();
    let value = fields::optional_text(&mut map, "value", path, notes);
    match (kind.as_str(), value) {
        ("command", Some(value)) if !value.is_empty() => Stop {
            kind: StopKind::Command,
            value: Some(value),
        },
        ("signal", Some(value)) if !value.is_empty() => {
            let (name, known) = signal(&value);
            if !known {
                notes.attention(
                    path,
                    format!("`{value}` is no signal daemons know; servers are killed instead."),
                );
            }
            Stop {
                kind: StopKind::Signal,
                value: Some(name.to_owned()),
            }
        }
        ("stop", _) => Stop::default(),
        (other, _) => {
            notes.repaired(
                path,
                format!("`{other}` without a value or meaning is read as stopping the container."),
            );
            Stop::default()
        }
    }
}
