//! The forms of Pterodactyl and Pelican.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{Encoding, Writer, below, indented, object, variable_path};
use crate::import::{
    DEFAULT_LABEL, files_from_text, logs_from_text, startup_from_text, stop_from_text,
};
use crate::model::{Family, Format, StartupDetection, Stop, StopKind, Variable};

impl Writer<'_> {
    fn is_pelican(&self) -> bool {
        self.format.family() == Family::Pelican
    }

    pub(super) fn foreign(&mut self, at: DateTime<Utc>) -> Value {
        let egg = self.egg;
        let pelican = self.is_pelican();
        let mut root = object([
            (
                "meta",
                json!({"version": self.format, "update_url": egg.update_url}),
            ),
            (
                "exported_at",
                Value::String(at.to_rfc3339_opts(SecondsFormat::Secs, false)),
            ),
            ("name", json!(egg.name)),
            ("author", json!(egg.author)),
        ]);
        // Pterodactyl's own files have neither an identity nor tags; it passes over those of others.
        if pelican || egg.uuid.is_some() {
            root.insert("uuid".to_owned(), json!(egg.uuid));
        }
        root.insert("description".to_owned(), json!(egg.description));
        self.icon(&mut root);
        if pelican || !egg.tags.is_empty() {
            root.insert("tags".to_owned(), json!(egg.tags));
        }
        root.insert("features".to_owned(), json!(egg.features));
        self.images(&mut root);
        root.insert("file_denylist".to_owned(), json!(egg.file_denylist));
        self.startup_commands(&mut root);
        root.insert("config".to_owned(), self.config());
        let script = &egg.script;
        root.insert(
            "scripts".to_owned(),
            json!({"installation": {
                "script": script.content, "container": script.container, "entrypoint": script.entrypoint,
            }}),
        );
        root.insert("variables".to_owned(), self.variables());
        if egg.force_outgoing_ip {
            self.dropped(
                "/force_outgoing_ip",
                "The format cannot force the outgoing address.",
            );
        }
        if egg.separate_port {
            self.dropped(
                "/separate_port",
                "The format cannot show the port apart from the address.",
            );
        }
        Value::Object(root)
    }

    /// Pelican keeps the picture under `icon`, before its third version under `image`.
    fn icon(&mut self, root: &mut Map<String, Value>) {
        let icon = &self.egg.icon;
        match (self.format, icon) {
            (Format::PelicanV3, icon) => {
                root.insert("icon".to_owned(), json!(icon));
            }
            (_, None) => {}
            (Format::PelicanV1 | Format::PelicanV2, Some(icon)) if icon.starts_with("data:") => {
                root.insert("image".to_owned(), json!(icon));
            }
            (_, Some(_)) => self.dropped("/icon", "The format has no pictures."),
        }
    }

    fn images(&mut self, root: &mut Map<String, Value>) {
        let images = &self.egg.docker_images;
        if self.format != Format::PterodactylV1 {
            root.insert("docker_images".to_owned(), json!(images));
            return;
        }
        root.insert("images".to_owned(), images.values().cloned().collect());
        for (label, image) in images.iter().filter(|(label, image)| label != image) {
            self.dropped(
                below("/docker_images", label),
                format!(
                    "The format has no labels of images; the image is listed as `{image}` only."
                ),
            );
        }
    }

    fn startup_commands(&mut self, root: &mut Map<String, Value>) {
        let egg = self.egg;
        if self.format == Format::PelicanV3 {
            root.insert("startup_commands".to_owned(), json!(egg.startup_commands));
            return;
        }
        let first = egg.default_startup();
        root.insert(
            "startup".to_owned(),
            json!(first.map(|(_, command)| command)),
        );
        if let Some((label, _)) = first.filter(|(label, _)| *label != DEFAULT_LABEL) {
            self.dropped(
                below("/startup_commands", label),
                "The format has one command without a label.",
            );
        }
        for label in egg.startup_commands.keys().skip(1) {
            self.dropped(
                below("/startup_commands", label),
                "The format knows one startup command; only the first one is written.",
            );
        }
    }

    fn config(&mut self) -> Value {
        let config = &self.egg.config;
        let files = match self.verbatim("files", |text| {
            files_from_text(text).as_ref() == Some(&config.files)
        }) {
            Some(text) => text,
            None => indented(&Value::Object(self.find_form(&config.files))),
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
        match self.encoding {
            Encoding::Json => {
                json!({"files": files, "startup": startup, "logs": logs, "stop": stop})
            }
            Encoding::Yaml => json!({
                "files": as_map(&files), "startup": as_map(&startup), "logs": as_map(&logs), "stop": stop,
            }),
        }
    }

    fn verbatim(&self, key: &str, still_means: impl Fn(&str) -> bool) -> Option<String> {
        let text = self.egg.source.verbatim.get(key)?;
        (self.same_family() && still_means(text)).then(|| text.clone())
    }

    /// The way to stop as one text: a caret starts a signal.
    fn stop_text(&mut self, stop: &Stop) -> String {
        match (stop.kind, stop.value.as_deref()) {
            (StopKind::Command, Some(command)) => {
                if command.starts_with('^') {
                    self.changed(
                        "/config/stop",
                        "The stop command begins with a caret and will be read as a signal.",
                    );
                }
                command.to_owned()
            }
            (StopKind::Signal, Some("SIGINT")) => "^C".to_owned(),
            (StopKind::Signal, Some("SIGKILL")) => "^^C".to_owned(),
            (StopKind::Signal, Some(signal)) => format!("^{signal}"),
            _ => {
                self.changed(
                    "/config/stop",
                    "The format cannot stop a container plainly; the signal SIGTERM is written.",
                );
                "^SIGTERM".to_owned()
            }
        }
    }

    fn variables(&mut self) -> Value {
        let egg = self.egg;
        // Pelican says the order; in Pterodactyl's files it is that of the list.
        let ordered: Vec<&Variable> = if self.is_pelican() {
            egg.variables.iter().collect()
        } else {
            egg.ordered_variables()
        };
        ordered
            .into_iter()
            .map(|variable| Value::Object(self.variable(variable)))
            .collect()
    }

    fn variable(&mut self, variable: &Variable) -> Map<String, Value> {
        let env = &variable.env_variable;
        if variable.secret {
            self.dropped(
                variable_path(env, "secret"),
                format!("The format has no secret variables; `{env}` becomes an ordinary one."),
            );
        }
        for (field, texts) in [
            ("name_translations", &variable.name_translations),
            (
                "description_translations",
                &variable.description_translations,
            ),
        ] {
            if !texts.is_empty() {
                self.dropped(variable_path(env, field), "The format has no translations.");
            }
        }
        let pelican = self.is_pelican();
        let mut map = Map::new();
        if pelican {
            map.insert("sort".to_owned(), json!(variable.order));
        }
        map.extend(object([
            ("name", json!(variable.name)),
            ("description", json!(variable.description)),
            ("env_variable", json!(variable.env_variable)),
            ("default_value", json!(variable.default_value)),
            ("user_viewable", json!(variable.user_viewable)),
            ("user_editable", json!(variable.user_editable)),
            ("rules", self.rules(variable)),
        ]));
        if self.same_family() {
            for (key, value) in &variable.extra {
                let value = match (key.as_str(), variable.order) {
                    ("sort", Some(order)) if !value.is_null() => json!(order),
                    _ => value.clone(),
                };
                map.entry(key.clone()).or_insert(value);
            }
        }
        if !pelican {
            map.entry("field_type").or_insert_with(|| json!("text"));
        }
        map
    }

    /// Pelican lists rules; Pterodactyl joins them with pipes.
    fn rules(&mut self, variable: &Variable) -> Value {
        let rules = &variable.rules;
        if self.is_pelican() {
            return json!(rules);
        }
        if rules.iter().any(|rule| rule.contains('|')) {
            let message = "A rule contains a pipe, which the text form cannot say; the rules are written as a list, \
                           which Pterodactyl itself does not read.";
            self.attention(variable_path(&variable.env_variable, "rules"), message);
            return json!(rules);
        }
        json!(rules.join("|"))
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

/// The map a part of `config` is in YAML; the text itself where it is none, which only a blank text is.
fn as_map(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}
