//! Nothing of a file disappears without a word: every leaf of it is in what is written, or a note names its place.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use panel_eggs::{Encoding, Format, Note, NoteKind, export, import};
use serde_json::{Map, Value};

use crate::corpus::files;

/// A scalar of a document: its place under the names that all formats share, its value, and its place in the
/// document itself.
#[derive(Debug)]
struct Leaf {
    place: String,
    value: Value,
    pointer: String,
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Reads a document with other parsers than the importer's.
fn document(text: &str) -> Value {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        serde_json::from_str(text).unwrap()
    } else {
        serde_saphyr::from_str(text).unwrap()
    }
}

/// The leaves of a document of any format. Left out: what names the format (`meta.version`), when and by what it
/// was written (`exported_at`, `_comment`), the key that is always `text` (`field_type`), null, and switches in
/// the position they have when they are missing.
#[derive(Default)]
struct Leaves {
    found: Vec<Leaf>,
}

impl Leaves {
    fn of(document: &Value) -> Vec<Leaf> {
        let mut leaves = Self::default();
        for (key, value) in document.as_object().unwrap() {
            let pointer = below("", key);
            match (key.as_str(), value) {
                ("_comment" | "exported_at", _) => {}
                ("meta", Value::Object(meta)) => {
                    for (key, value) in meta {
                        match key.as_str() {
                            "version" => {}
                            "update_url" => leaves.walk(value, "/update_url", "/meta/update_url"),
                            _ => leaves.walk(value, &below("/meta", key), &below("/meta", key)),
                        }
                    }
                }
                ("image" | "icon", Value::String(text)) if text.starts_with("data:") => {
                    leaves.add("/icon", value, &pointer);
                }
                ("docker_images" | "images" | "image", _) => {
                    leaves.labelled("/docker_images", value, &pointer)
                }
                ("startup_commands", _) => leaves.labelled("/startup_commands", value, &pointer),
                ("startup", Value::String(_)) => {
                    leaves.add("/startup_commands/Default", value, &pointer)
                }
                ("tags" | "features" | "file_denylist", Value::Array(items)) => {
                    leaves.texts(&pointer, items, &pointer);
                }
                ("config", Value::Object(config)) => leaves.config(config),
                ("scripts", Value::Object(scripts)) => leaves.scripts(scripts),
                ("variables", Value::Array(items)) => leaves.variables(items),
                ("force_outgoing_ip" | "separate_port", Value::Bool(false)) => {}
                _ => leaves.walk(value, &pointer, &pointer),
            }
        }
        leaves.found
    }

    fn add(&mut self, place: &str, value: &Value, pointer: &str) {
        if !value.is_null() {
            self.found.push(Leaf {
                place: place.to_owned(),
                value: value.clone(),
                pointer: pointer.to_owned(),
            });
        }
    }

    fn walk(&mut self, value: &Value, place: &str, pointer: &str) {
        match value {
            Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| {
                self.walk(
                    item,
                    &format!("{place}/{index}"),
                    &format!("{pointer}/{index}"),
                );
            }),
            Value::Object(map) => map
                .iter()
                .for_each(|(key, item)| self.walk(item, &below(place, key), &below(pointer, key))),
            scalar => self.add(place, scalar, pointer),
        }
    }

    /// Texts by label; a text without one is its own.
    fn labelled(&mut self, place: &str, value: &Value, pointer: &str) {
        match value {
            Value::Object(map) => {
                for (label, item) in map {
                    self.add(&below(place, label), item, &below(pointer, label));
                }
            }
            Value::Array(items) => self.texts(place, items, pointer),
            Value::String(text) => self.add(&below(place, text), value, pointer),
            _ => {}
        }
    }

    fn texts(&mut self, place: &str, items: &[Value], pointer: &str) {
        for (index, item) in items.iter().enumerate() {
            let text = item
                .as_str()
                .map_or_else(|| item.to_string(), str::to_owned);
            self.add(&below(place, &text), item, &format!("{pointer}/{index}"));
        }
    }

    fn config(&mut self, config: &Map<String, Value>) {
        for (key, value) in config {
            let pointer = below("/config", key);
            let value = match value {
                Value::String(text) if key != "stop" => {
                    serde_json::from_str(text).unwrap_or(Value::Null)
                }
                other => other.clone(),
            };
            match (key.as_str(), &value) {
                ("files", Value::Object(files)) => {
                    for (path, entry) in files {
                        self.file(entry, &below(&pointer, path));
                    }
                }
                ("startup", Value::Object(startup)) => {
                    for (key, value) in startup {
                        let pointer = below(&pointer, key);
                        match (key.as_str(), value) {
                            ("done", Value::String(_)) => {
                                self.texts(&pointer, std::slice::from_ref(value), &pointer);
                            }
                            ("done", Value::Array(items)) => self.texts(&pointer, items, &pointer),
                            ("strip_ansi", Value::Bool(false)) => {}
                            _ => self.walk(value, &pointer, &pointer),
                        }
                    }
                }
                ("stop", stop) => self.add(&pointer, &Value::String(stop_text(stop)), &pointer),
                _ => self.walk(&value, &pointer, &pointer),
            }
        }
    }

    fn file(&mut self, entry: &Value, pointer: &str) {
        let Value::Object(entry) = entry else {
            return self.walk(entry, pointer, pointer);
        };
        let parser = match entry.get("parser").and_then(Value::as_str) {
            Some("yml") => "yaml",
            Some(other) => other,
            None => "",
        };
        for (key, value) in entry {
            match (key.as_str(), value) {
                ("parser", _) => self.add(
                    &format!("{pointer}#parser"),
                    &parser.into(),
                    &below(pointer, key),
                ),
                ("create_file" | "create_new", Value::Bool(true)) => {}
                ("create_file" | "create_new", _) => {
                    self.add(&format!("{pointer}#create"), value, &below(pointer, key));
                }
                ("find", Value::Object(find)) => {
                    for (key, value) in find {
                        let place = below(pointer, key);
                        match value {
                            Value::Object(conditions) => {
                                for (condition, value) in conditions {
                                    self.edit(&below(&place, condition), value, pointer);
                                }
                            }
                            value => self.edit(&place, value, pointer),
                        }
                    }
                }
                ("replace", Value::Array(edits)) => {
                    for edit in edits {
                        let mut place = below(pointer, edit["match"].as_str().unwrap());
                        if let Some(condition) = edit["if_value"].as_str() {
                            place = below(&place, condition);
                        }
                        self.edit(&place, &edit["replace_with"], pointer);
                        for (switch, usual) in
                            [("insert_new", parser != "file"), ("update_existing", true)]
                        {
                            if edit[switch] != usual {
                                self.add(&below(&place, switch), &edit[switch], pointer);
                            }
                        }
                    }
                }
                _ => self.walk(value, &format!("{pointer}#{key}"), &below(pointer, key)),
            }
        }
    }

    fn edit(&mut self, place: &str, value: &Value, pointer: &str) {
        match value {
            Value::String(text) => {
                self.add(place, &one_name(text).into(), pointer);
            }
            value => self.walk(value, place, pointer),
        }
    }

    fn scripts(&mut self, scripts: &Map<String, Value>) {
        for (key, value) in scripts {
            let pointer = below("/scripts", key);
            match (key.as_str(), value) {
                ("installation", Value::Object(script)) => {
                    for (key, value) in script {
                        let name = if key == "script" { "content" } else { key };
                        self.walk(value, &below(&pointer, name), &below(&pointer, key));
                    }
                }
                _ => self.walk(value, &pointer, &pointer),
            }
        }
    }

    fn variables(&mut self, items: &[Value]) {
        // Some formats number variables and others list them in their order: what counts is what people see.
        let mut shown: Vec<(i64, &str)> = Vec::new();
        for item in items {
            let name = item["env_variable"].as_str().unwrap();
            let order = item["sort"].as_i64().or_else(|| item["order"].as_i64());
            match shown.iter_mut().find(|(_, known)| *known == name) {
                Some(known) => known.0 = order.unwrap_or(i64::MAX),
                None => shown.push((order.unwrap_or(i64::MAX), name)),
            }
        }
        shown.sort_by_key(|(order, _)| *order);
        let names: Vec<&str> = shown.into_iter().map(|(_, name)| name).collect();
        self.add("/variables#order", &names.join(" ").into(), "/variables");
        for (index, item) in items.iter().enumerate() {
            let pointer = format!("/variables/{index}");
            let place = below("/variables", item["env_variable"].as_str().unwrap());
            for (key, value) in item.as_object().unwrap() {
                let pointer = below(&pointer, key);
                match (key.as_str(), value) {
                    ("field_type", Value::String(text)) if text == "text" => {}
                    ("sort" | "order", _) => {}
                    ("secret", Value::Bool(false)) => {}
                    ("rules", Value::String(text)) if text.is_empty() => {}
                    ("rules", Value::String(text)) => {
                        for (index, rule) in text.split('|').enumerate() {
                            self.add(&format!("{place}/rules/{index}"), &rule.into(), &pointer);
                        }
                    }
                    _ => self.walk(value, &below(&place, key), &pointer),
                }
            }
        }
    }
}

/// A text in which the placeholders that panels call differently have one name.
pub(crate) fn one_name(text: &str) -> String {
    text.replace("server.allocations.default.", "server.build.default.")
        .replace("server.environment.", "server.build.env.")
        .replace("server.build.environment.", "server.build.env.")
        .replace("server.build.memory_limit", "server.build.memory")
}

fn stop_text(stop: &Value) -> String {
    let text = match stop {
        Value::String(text) => text.clone(),
        stop => match (stop["type"].as_str(), stop["value"].as_str()) {
            (Some("command"), Some(command)) => return command.to_owned(),
            (Some("signal"), Some(signal)) => format!("^{signal}"),
            _ => return String::new(),
        },
    };
    match text.to_uppercase().as_str() {
        "^C" | "^SIGINT" => "^SIGINT".to_owned(),
        "^^C" | "^SIGKILL" => "^SIGKILL".to_owned(),
        upper if upper.starts_with('^') => upper.to_owned(),
        _ => text,
    }
}

/// Whether two scalars say the same: as they are, as text, or as numbers.
fn same(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let (one, other) = (text(one), text(other));
    one == other
        || matches!((one.parse::<f64>(), other.parse::<f64>()), (Ok(one), Ok(other)) if one.to_bits() == other.to_bits())
}

fn covers(note: &Note, place: &str) -> bool {
    place
        .strip_prefix(note.path.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#']))
}

/// The leaves of a file that are neither in its export nor in a note.
fn missing(path: &Path, bytes: &[u8], format: Format, encoding: Encoding) -> Vec<String> {
    let imported = import(bytes).unwrap();
    let export = export(&imported.egg, format, encoding, DateTime::<Utc>::MIN_UTC);
    let source = Leaves::of(&document(std::str::from_utf8(bytes).unwrap()));
    assert!(source.len() > 10, "{}: {source:?}", path.display());
    let written: BTreeMap<String, Value> = Leaves::of(&document(&export.to_text()))
        .into_iter()
        .map(|leaf| (leaf.place, leaf.value))
        .collect();
    source
        .into_iter()
        .filter(|leaf| {
            let is_written = written
                .get(&leaf.place)
                .is_some_and(|value| same(value, &leaf.value));
            let was_noted = imported.notes.iter().any(|note| {
                // What is passed over is kept for the same format.
                let counts =
                    note.kind != NoteKind::Ignored || Some(format) != imported.egg.source.format;
                counts && covers(note, &leaf.pointer)
            });
            let is_noted = export.notes.iter().any(|note| {
                matches!(note.kind, NoteKind::Dropped | NoteKind::Changed)
                    && covers(note, &leaf.place)
            });
            !(is_written || was_noted || is_noted)
        })
        .map(|leaf| format!("{} ({format:?} {encoding:?}): {leaf:?}", path.display()))
        .collect()
}

#[test]
fn every_leaf_of_every_file_is_written_or_noted_in_every_format() {
    let files = files();
    let mut lost = Vec::new();
    for (path, bytes) in &files {
        for format in Format::ALL {
            for encoding in [Encoding::Json, Encoding::Yaml] {
                lost.extend(missing(path, bytes, format, encoding));
            }
        }
    }
    assert!(
        lost.is_empty(),
        "{} leaves:\n{}",
        lost.len(),
        lost.join("\n")
    );
}

/// The check above would see a leaf that is gone.
#[test]
fn a_leaf_that_is_gone_is_seen() {
    let file = |extra: &str| {
        format!(
            r#"{{"meta": {{"version": "PTDL_v2"}}, "name": "a", "author": "b@example.org", "startup": "c",
                "description": "", "docker_images": {{"d": "e"}}, "features": ["f"], "file_denylist": [],
                "config": {{"files": "{{}}", "startup": "{{\"done\": \"g\"}}", "logs": "{{}}", "stop": "h"}},
                "scripts": {{"installation": {{"script": "i", "container": "j", "entrypoint": "k"}}}},
                "variables": []{extra}}}"#
        )
    };
    let path = Path::new("a file");
    let text = file(r#", "custom": 1"#);
    for format in Format::ALL {
        assert_eq!(
            missing(path, text.as_bytes(), format, Encoding::Json),
            [""; 0]
        );
    }
    let other = Leaves::of(&document(&file("")));
    let custom: Vec<_> = Leaves::of(&document(&text))
        .into_iter()
        .filter(|leaf| !other.iter().any(|known| known.place == leaf.place))
        .map(|leaf| leaf.place)
        .collect();
    assert_eq!(custom, ["/custom"]);
}
