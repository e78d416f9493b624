//! Placeholders in the values of configuration files.
//!
//! Three families of panels name the same things differently; all names are understood in every egg. What
//! belongs to the daemon's own configuration (`config.*`) is cut down to one harmless key: a daemon may fill
//! in any key of its configuration, its token included, so neither an egg nor a value somebody typed into a
//! variable may ask for one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::environment::{ServerFacts, own_variables};

/// The one placeholder daemons fill in: the address of the container network's bridge. All of them know it
/// under this name.
const INTERFACE: &str = "{{config.docker.network.interface}}";

/// Fills placeholders for one server.
pub(crate) struct Placeholders<'a> {
    values: &'a BTreeMap<String, String>,
    own: BTreeMap<String, String>,
    facts: &'a ServerFacts,
}

impl<'a> Placeholders<'a> {
    pub(crate) fn new(values: &'a BTreeMap<String, String>, facts: &'a ServerFacts) -> Self {
        Self {
            values,
            own: own_variables(facts),
            facts,
        }
    }

    /// Fills every text inside a value; other values keep their types.
    pub(crate) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.fill(item)).collect()),
            Value::Object(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, value)| (disarm(key), self.fill(value)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    fn fill_text(&self, text: &str) -> String {
        let filled = rewrite(text, |path| match path.split('.').next() {
            Some("server" | "env") if path.contains('.') => {
                Some(self.look_up(path).unwrap_or_default())
            }
            Some("config") if path.contains('.') => {
                let known = matches!(
                    path,
                    "config.docker.interface" | "config.docker.network.interface"
                );
                Some(if known {
                    INTERFACE.to_owned()
                } else {
                    String::new()
                })
            }
            _ => None,
        });
        disarm(&filled)
    }

    fn look_up(&self, path: &str) -> Option<String> {
        const VARIABLES: [&str; 5] = [
            "env.",
            "server.build.env.",
            "server.build.environment.",
            "server.environment.",
            "server.env.",
        ];
        if let Some(name) = VARIABLES
            .iter()
            .find_map(|prefix| path.strip_prefix(prefix))
        {
            return self.variable(name);
        }
        let facts = self.facts;
        Some(match path {
            "server.build.default.ip" | "server.allocations.default.ip" => self.ip(),
            "server.build.default.port" | "server.allocations.default.port" => self.port(),
            "server.build.memory" | "server.build.memory_limit" => facts.memory.to_string(),
            "server.build.swap" => facts.swap.to_string(),
            "server.build.disk" | "server.build.disk_space" => facts.disk.to_string(),
            "server.build.cpu" | "server.build.cpu_limit" => facts.cpu.to_string(),
            "server.build.io" | "server.build.io_weight" => facts
                .io_weight
                .map(|weight| weight.to_string())
                .unwrap_or_default(),
            "server.build.threads" => facts.threads.clone(),
            "server.build.image" | "server.container.image" => facts.image.clone(),
            "server.uuid" => facts.uuid.to_string(),
            "server.meta.name" => facts.name.clone(),
            "server.invocation" => facts.startup.clone(),
            _ => return None,
        })
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "SERVER_IP" => Some(self.ip()),
            "SERVER_PORT" => Some(self.port()),
            _ => self
                .own
                .get(name)
                .or_else(|| self.values.get(name))
                .cloned(),
        }
    }

    /// Without an allocation Pelican's values: an address and a port nothing can be reached at.
    fn ip(&self) -> String {
        self.facts
            .address
            .as_ref()
            .map_or_else(|| "127.0.0.1".to_owned(), |address| address.ip.clone())
    }

    fn port(&self) -> String {
        self.facts
            .address
            .as_ref()
            .map_or_else(|| "0".to_owned(), |address| address.port.to_string())
    }
}

/// How many placeholders the texts inside a value may hold at most: as many as opening braces.
pub(crate) fn count(value: &Value) -> usize {
    match value {
        Value::String(text) => text.matches("{{").count(),
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Replaces each `{{path}}` for which the function has a text, in one pass. A path has letters, digits, dots,
/// dashes and underscores; white space inside the braces is allowed around `config.` only, as daemons do.
pub(crate) fn rewrite(text: &str, replacement: impl Fn(&str) -> Option<String>) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from_braces) = rest.split_at(start);
        output.push_str(before);
        let found = path_in_braces(&from_braces[2..])
            .and_then(|(path, after)| Some((replacement(path)?, after)));
        match found {
            Some((text, after)) => {
                output.push_str(&text);
                rest = after;
            }
            None => {
                output.push('{');
                rest = &from_braces[1..];
            }
        }
    }
    output.push_str(rest);
    output
}

/// The path that a text behind opening braces begins with, and what follows the closing ones. It looks no further than the
/// path: a file of opening braces alone would else be read to its end for each of them.
fn path_in_braces(text: &str) -> Option<(&str, &str)> {
    let in_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let unspaced = text.trim_start();
    let (path, rest) = unspaced.split_at(unspaced.find(|c| !in_path(c))?);
    let after = rest.trim_start().strip_prefix("}}")?;
    let is_spaced = unspaced.len() < text.len() || !rest.starts_with("}}");
    (!is_spaced || path.starts_with("config.")).then_some((path, after))
}

/// Breaks every remaining `{{config` a daemon could take for its own placeholder: values of variables are
/// typed by people, and two of them side by side can form one. For texts in which nothing is filled in, too: a
/// daemon may look for its placeholders in more places than it should.
pub(crate) fn disarm(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, from_braces) = rest.split_at(start);
        output.push_str(before);
        if let Some(after) = from_braces.strip_prefix(INTERFACE) {
            output.push_str(INTERFACE);
            rest = after;
            continue;
        }
        let inner = from_braces[2..].trim_start();
        let names_config = inner
            .get(..6)
            .is_some_and(|word| word.eq_ignore_ascii_case("config"));
        output.push_str(if names_config { "{ " } else { "{" });
        rest = &from_braces[1..];
    }
    output.push_str(rest);
    output
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::environment::Address;

    fn facts() -> ServerFacts {
        ServerFacts {
            name: "Lobby".to_owned(),
            address: Some(Address {
                ip: "192.0.2.7".to_owned(),
                port: 25570,
            }),
            memory: 2048,
            disk: 100,
            ..ServerFacts::default()
        }
    }

    fn filled(text: &str, values: &[(&str, &str)]) -> String {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Placeholders::new(&values, &facts()).fill_text(text)
    }

    #[test]
    fn names_of_all_three_panels_mean_the_same() {
        for port in [
            "server.build.default.port",
            "server.allocations.default.port",
            "env.SERVER_PORT",
        ] {
            assert_eq!(
                filled(&format!("0.0.0.0:{{{{{port}}}}}"), &[]),
                "0.0.0.0:25570"
            );
        }
        for path in [
            "server.build.env",
            "server.build.environment",
            "server.environment",
            "server.env",
            "env",
        ] {
            assert_eq!(
                filled(&format!("<{{{{{path}.MOTD}}}}>"), &[("MOTD", "hi")]),
                "<hi>"
            );
        }
        assert_eq!(
            filled("{{server.build.memory}}/{{server.build.memory_limit}}", &[]),
            "2048/2048"
        );
        assert_eq!(
            filled("{{server.meta.name}} {{server.build.disk}}", &[]),
            "Lobby 100"
        );
    }

    #[test]
    fn unknown_paths_are_empty_and_other_braces_stay() {
        assert_eq!(
            filled(
                "a{{server.build.env.NONE}}b{{env.NONE}}c{{server.nothing}}",
                &[]
            ),
            "abc"
        );
        assert_eq!(
            filled("{{NAME}} {{ env.NAME }} {{", &[("NAME", "x")]),
            "{{NAME}} {{ env.NAME }} {{"
        );
    }

    #[test]
    fn without_an_allocation_nothing_is_reachable() {
        let values = BTreeMap::new();
        let facts = ServerFacts::default();
        let text = "{{server.build.default.ip}}:{{env.SERVER_PORT}}";
        assert_eq!(
            Placeholders::new(&values, &facts).fill_text(text),
            "127.0.0.1:0"
        );
    }

    #[test]
    fn the_daemons_configuration_stays_closed() {
        assert_eq!(
            filled("{{config.docker.interface}}$2", &[]),
            format!("{INTERFACE}$2")
        );
        assert_eq!(
            filled("{{ config.docker.network.interface }}", &[]),
            INTERFACE
        );
        for secret in [
            "{{config.token}}",
            "{{ config.token }}",
            "{{config.docker.registries}}",
            "{{config.api}}",
        ] {
            assert_eq!(filled(&format!("a{secret}b"), &[]), "ab");
        }
    }

    #[test]
    fn a_typed_value_cannot_open_the_daemons_configuration() {
        for (one, other) in [
            ("{{config.token}}", ""),
            ("{{ config.token }}", ""),
            ("{{con", "fig.token}}"),
            ("{", "{config.token}}"),
            ("{{{config.token}}}", ""),
            ("{{  Config.token}}", ""),
            ("{{config.docker.network.interface.x}}", ""),
        ] {
            let text = filled(
                "{{env.A}}{{server.build.env.B}}",
                &[("A", one), ("B", other)],
            );
            let lower = text.to_lowercase().replace(' ', "");
            assert!(
                !text.contains("{{config") && !text.contains("{{ config"),
                "{text}"
            );
            assert!(
                lower.contains("config"),
                "the value itself stays readable: {text}"
            );
        }
    }

    /// Reading on to the end for each brace would take hours here.
    #[test]
    fn a_text_of_braces_alone_is_read_once() {
        let braces = "{".repeat(1 << 20);
        assert_eq!(filled(&braces, &[]), braces);
        let unclosed = "{{env.A ".repeat(1 << 17);
        assert_eq!(filled(&unclosed, &[("A", "x")]), unclosed);
    }

    #[test]
    fn types_are_kept_and_nested_texts_are_filled() {
        let values = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        let facts = facts();
        let placeholders = Placeholders::new(&values, &facts);
        let value = json!({"a": ["{{env.A}}", 2, true, null]});
        assert_eq!(
            placeholders.fill(&value),
            json!({"a": ["1", 2, true, null]})
        );
    }
}
