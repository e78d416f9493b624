//! Writing egg files.

use chrono::{DateTime, SecondsFormat, Utc};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value, json, ser::PrettyFormatter};

use crate::import::{files_from_text, logs_from_text, startup_from_text, stop_from_text};
use crate::model::{ConfigFile, Egg, Format, StartupDetection, Stop, StopKind, Variable};
use crate::placeholders;

/// The formats an egg can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// `PTDL_v2`, which Pterodactyl and most other panels read.
    Pterodactyl,
    /// `PLCN_v3`, which Pelican reads.
    Pelican,
    /// The form of the native API, which Calagopus reads too.
    Native,
}

/// A written egg.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The document; its keys have the order of the format's own files.
    pub document: Value,
    /// What the format cannot say and the document therefore lacks, as sentences for people.
    pub notes: Vec<String>,
}

impl Export {
    /// The document as the text of a file, indented as the panels do.
    pub fn to_text(&self) -> String {
        indented(&self.document)
    }
}

/// Writes an egg as a document of another panel, or of our own API.
///
/// Reading the document again gives the same egg, apart from what [`Export::notes`] lists. Of an egg that came
/// from a file of the same family, parts without a meaning here and the original texts of unchanged `config`
/// entries are repeated. `at` is the moment the file says it was written; the native form says none.
pub fn export(egg: &Egg, format: ExportFormat, at: DateTime<Utc>) -> Export {
    let mut writer = Writer {
        egg,
        format,
        notes: Vec::new(),
    };
    let mut document = match format {
        ExportFormat::Pterodactyl | ExportFormat::Pelican => writer.foreign(at),
        ExportFormat::Native => writer.native(),
    };
    if writer.same_family() {
        for (pointer, value) in &egg.source.extra {
            restore(&mut document, pointer, value);
        }
    }
    Export {
        document,
        notes: writer.notes,
    }
}

struct Writer<'a> {
    egg: &'a Egg,
    format: ExportFormat,
    notes: Vec<String>,
}

impl Writer<'_> {
    fn same_family(&self) -> bool {
        self.egg
            .source
            .format
            .is_some_and(|source| match self.format {
                ExportFormat::Pterodactyl => source.is_pterodactyl(),
                ExportFormat::Pelican => source.is_pelican(),
                ExportFormat::Native => source == Format::Native,
            })
    }

    fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn foreign(&mut self, at: DateTime<Utc>) -> Value {
        let egg = self.egg;
        let pelican = self.format == ExportFormat::Pelican;
        let mut root = Map::new();
        let mut set = |key: &str, value: Value| root.insert(key.to_owned(), value);
        let version = if pelican { "PLCN_v3" } else { "PTDL_v2" };
        set(
            "meta",
            json!({"version": version, "update_url": egg.update_url}),
        );
        set(
            "exported_at",
            Value::String(at.to_rfc3339_opts(SecondsFormat::Secs, false)),
        );
        set("name", json!(egg.name));
        set("author", json!(egg.author));
        // Pterodactyl's own files have no identity and no tags; those written by others for it may.
        if pelican || (egg.uuid.is_some() && self.same_family()) {
            set("uuid", json!(egg.uuid));
        }
        set("description", json!(egg.description));
        if pelican {
            set("icon", json!(egg.icon));
        }
        if pelican || (!egg.tags.is_empty() && self.same_family()) {
            set("tags", json!(egg.tags));
        }
        set("features", json!(egg.features));
        set("docker_images", json!(egg.docker_images));
        set("file_denylist", json!(egg.file_denylist));
        if pelican {
            set("startup_commands", json!(egg.startup_commands));
        } else {
            set(
                "startup",
                json!(egg.default_startup().map(|(_, command)| command)),
            );
        }
        let config = self.config();
        root.insert("config".to_owned(), config);
        let script = &egg.script;
        root.insert(
            "scripts".to_owned(),
            json!({"installation": {
                "script": script.content, "container": script.container, "entrypoint": script.entrypoint,
            }}),
        );
        let variables = self.variables();
        root.insert("variables".to_owned(), Value::Array(variables));
        self.note_losses(pelican);
        Value::Object(root)
    }

    fn note_losses(&mut self, pelican: bool) {
        let egg = self.egg;
        if !pelican {
            if egg.startup_commands.len() > 1 {
                self.note("The format knows one startup command; only the first one is written.");
            }
            if egg.icon.is_some() {
                self.note("The format has no pictures; the egg's picture is left out.");
            }
            if !egg.tags.is_empty() && !self.same_family() {
                self.note("The format has no tags; the egg's tags are left out.");
            }
        }
        if egg.force_outgoing_ip {
            self.note("The format cannot force the outgoing address; the setting is left out.");
        }
        if egg.separate_port {
            self.note("The format cannot show the port apart; the setting is left out.");
        }
    }

    fn config(&mut self) -> Value {
        let config = &self.egg.config;
        let files = match self.verbatim("files", |text| {
            files_from_text(text).as_ref() == Some(&config.files)
        }) {
            Some(text) => text,
            None => {
                let map = self.find_form(&config.files);
                indented(&Value::Object(map))
            }
        };
        let startup = self
            .verbatim("startup", |text| {
                startup_from_text(text).as_ref() == Some(&config.startup)
            })
            .unwrap_or_else(|| indented(&startup_value(&config.startup)));
        let logs = self
            .verbatim("logs", |text| {
                logs_from_text(text).as_ref() == Some(&config.logs)
            })
            .unwrap_or_else(|| indented(&Value::Object(config.logs.clone())));
        let stop = match self.verbatim("stop", |text| stop_from_text(text).0 == config.stop) {
            Some(text) => text,
            None => self.stop_text(&config.stop),
        };
        json!({"files": files, "startup": startup, "logs": logs, "stop": stop})
    }

    fn verbatim(&self, key: &str, still_means: impl Fn(&str) -> bool) -> Option<String> {
        let text = self.egg.source.verbatim.get(key)?;
        (self.same_family() && still_means(text)).then(|| text.clone())
    }

    /// Edited files as a map of paths to maps of keys to values.
    fn find_form(&mut self, files: &[ConfigFile]) -> Map<String, Value> {
        let rename = match self.format {
            ExportFormat::Pelican => pelican_path,
            _ => pterodactyl_path,
        };
        let mut map = Map::new();
        for file in files {
            let mut find = Map::new();
            for replacement in &file.replace {
                let value = rename_placeholders(&replacement.replace_with, rename);
                let key = replacement.matches.clone();
                let lost = match (&replacement.if_value, find.get_mut(&key)) {
                    (None, None) => find.insert(key, value).is_some(),
                    (Some(condition), None) => find
                        .insert(key, json!({ condition.as_str(): value }))
                        .is_some(),
                    (Some(condition), Some(Value::Object(conditions)))
                        if !conditions.contains_key(condition) =>
                    {
                        conditions.insert(condition.clone(), value).is_some()
                    }
                    _ => true,
                };
                if lost {
                    let (path, key) = (&file.file, &replacement.matches);
                    self.note(format!(
                        "In {path} the key `{key}` is edited twice; only the first edit is written."
                    ));
                }
                if !replacement.update_existing
                    || replacement.insert_new != (file.parser != crate::Parser::File)
                {
                    let (path, key) = (&file.file, &replacement.matches);
                    self.note(format!(
                        "In {path} the key `{key}` is always set; the format knows no other way."
                    ));
                }
            }
            let mut entry = Map::new();
            entry.insert("parser".to_owned(), json!(file.parser));
            if !file.create_new {
                entry.insert("create_file".to_owned(), json!(false));
            }
            entry.insert("find".to_owned(), Value::Object(find));
            map.insert(file.file.clone(), Value::Object(entry));
        }
        map
    }

    /// The way to stop as one text: a caret starts a signal.
    fn stop_text(&mut self, stop: &Stop) -> String {
        match (stop.kind, stop.value.as_deref()) {
            (StopKind::Command, Some(command)) => {
                if command.starts_with('^') {
                    self.note("The stop command begins with a caret and will be read as a signal.");
                }
                command.to_owned()
            }
            (StopKind::Signal, Some("SIGINT")) => "^C".to_owned(),
            (StopKind::Signal, Some("SIGKILL")) => "^^C".to_owned(),
            (StopKind::Signal, Some(signal)) => format!("^{signal}"),
            _ => {
                self.note(
                    "The format cannot stop a container plainly; the signal SIGTERM is written.",
                );
                "^SIGTERM".to_owned()
            }
        }
    }

    fn variables(&mut self) -> Vec<Value> {
        let egg = self.egg;
        let pelican = self.format == ExportFormat::Pelican;
        // Pterodactyl shows variables in the order of the file and cannot take a key for their order, except
        // that files written by Pelican in its format have one; those keep it.
        let keeps_order = pelican || self.same_family();
        let ordered: Vec<&Variable> = if keeps_order {
            egg.variables.iter().collect()
        } else {
            egg.ordered_variables()
        };
        ordered
            .into_iter()
            .map(|variable| {
                let env = &variable.env_variable;
                if variable.secret {
                    self.note(format!("The format has no secret variables; `{env}` becomes an ordinary one."));
                }
                if !variable.name_translations.is_empty() || !variable.description_translations.is_empty() {
                    self.note(format!("The format has no translations; those of `{env}` are left out."));
                }
                let mut map = Map::new();
                let mut set = |key: &str, value: Value| map.insert(key.to_owned(), value);
                if pelican {
                    set("sort", json!(variable.order));
                }
                set("name", json!(variable.name));
                set("description", json!(variable.description));
                set("env_variable", json!(variable.env_variable));
                set("default_value", json!(variable.default_value));
                set("user_viewable", json!(variable.user_viewable));
                set("user_editable", json!(variable.user_editable));
                if pelican {
                    set("rules", json!(variable.rules));
                } else {
                    if variable.rules.iter().any(|rule| rule.contains('|')) {
                        set("rules", json!(variable.rules));
                        self.notes.push(format!(
                            "A rule of `{env}` contains a pipe, which the format's text form cannot say; the rules \
                             are written as a list, which Pterodactyl itself does not read."
                        ));
                    } else {
                        set("rules", json!(variable.rules.join("|")));
                    }
                    set("field_type", json!("text"));
                    if let Some(order) = variable.order.filter(|_| keeps_order) {
                        set("sort", json!(order));
                    }
                }
                if self.same_family() {
                    for (key, value) in &variable.extra {
                        map.entry(key.clone()).or_insert_with(|| value.clone());
                    }
                }
                Value::Object(map)
            })
            .collect()
    }

    fn native(&mut self) -> Value {
        let egg = self.egg;
        let files: IndexMap<&str, Value> = egg
            .config
            .files
            .iter()
            .map(|file| {
                let entry = json!({"create_new": file.create_new, "parser": file.parser, "replace": file.replace});
                (file.file.as_str(), entry)
            })
            .collect();
        let variables: Vec<Value> = egg
            .variables
            .iter()
            .enumerate()
            .map(|(index, variable)| {
                json!({
                    "name": variable.name,
                    "name_translations": variable.name_translations,
                    "description": variable.description,
                    "description_translations": variable.description_translations,
                    "order": variable.order.unwrap_or_else(|| i64::try_from(index).unwrap_or(i64::MAX)),
                    "env_variable": variable.env_variable,
                    "default_value": variable.default_value,
                    "user_viewable": variable.user_viewable,
                    "user_editable": variable.user_editable,
                    "secret": variable.secret,
                    "rules": variable.rules,
                })
            })
            .collect();
        if egg.icon.is_some() || !egg.tags.is_empty() || egg.update_url.is_some() {
            self.note("The format has no picture, tags or update address; they are left out.");
        }
        let mut document = json!({
            "uuid": egg.uuid,
            "name": egg.name,
            "description": egg.description,
            "author": egg.author,
            "config": {"files": files, "startup": egg.config.startup, "stop": egg.config.stop},
            "scripts": {"installation": egg.script},
            "startup_commands": egg.startup_commands,
            "force_outgoing_ip": egg.force_outgoing_ip,
            "separate_port": egg.separate_port,
            "features": egg.features,
            "docker_images": egg.docker_images,
            "file_denylist": egg.file_denylist,
            "variables": variables,
        });
        if egg.uuid.is_none()
            && let Value::Object(root) = &mut document
        {
            root.shift_remove("uuid");
        }
        document
    }
}

/// One text stays a single one, as most files have it.
fn startup_value(startup: &StartupDetection) -> Value {
    let mut map = Map::new();
    match startup.done.as_slice() {
        [] => {}
        [one] => {
            map.insert("done".to_owned(), json!(one));
        }
        many => {
            map.insert("done".to_owned(), json!(many));
        }
    }
    if startup.strip_ansi {
        map.insert("strip_ansi".to_owned(), json!(true));
    }
    Value::Object(map)
}

fn indented(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8(bytes).unwrap_or_else(|_| value.to_string()),
        Err(_) => value.to_string(),
    }
}

fn rename_placeholders(value: &Value, rename: fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(placeholders::rewrite(text, |path| {
            rename(path).map(|path| format!("{{{{{path}}}}}"))
        })),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| rename_placeholders(item, rename))
                .collect(),
        ),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), rename_placeholders(value, rename)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The name Pelican gives a placeholder.
fn pelican_path(path: &str) -> Option<String> {
    Some(match path {
        "server.build.default.ip" | "server.build.env.SERVER_IP" => {
            "server.allocations.default.ip".to_owned()
        }
        "server.build.default.port" | "server.build.env.SERVER_PORT" => {
            "server.allocations.default.port".to_owned()
        }
        "server.build.memory" | "server.build.env.SERVER_MEMORY" => {
            "server.build.memory_limit".to_owned()
        }
        _ => {
            let name = [
                "server.build.env.",
                "server.build.environment.",
                "server.env.",
            ]
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))?;
            format!("server.environment.{name}")
        }
    })
}

/// The name Pterodactyl gives a placeholder.
fn pterodactyl_path(path: &str) -> Option<String> {
    Some(match path {
        "server.allocations.default.ip" => "server.build.default.ip".to_owned(),
        "server.allocations.default.port" => "server.build.default.port".to_owned(),
        "server.build.memory_limit" => "server.build.memory".to_owned(),
        _ => {
            let name = [
                "server.environment.",
                "server.build.environment.",
                "server.env.",
            ]
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))?;
            format!("server.build.env.{name}")
        }
    })
}

/// Puts a value of the original file back at its place: where the key is missing, or where the model says
/// "empty" and the file said it in its own way.
fn restore(document: &mut Value, pointer: &str, value: &Value) {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    let Some(Value::Object(map)) = document.pointer_mut(parent) else {
        return;
    };
    let vacant = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        other => other.is_null(),
    };
    match map.get(&key) {
        None => {
            map.insert(key, value.clone());
        }
        Some(written) if vacant(written) && vacant(value) => {
            map.insert(key, value.clone());
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests;
