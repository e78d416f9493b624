//! What the families of panels call the same placeholders in configuration files.

use serde_json::Value;

use crate::model::Family;
use crate::placeholders;

/// Renames the placeholders in every text of a value to the names of a family.
///
/// Whole placeholders are renamed, not parts of them, so that a name that is right already stays, and doing it
/// twice does nothing more.
pub(super) fn rename(value: &Value, family: Family) -> Value {
    match value {
        Value::String(text) => Value::String(placeholders::rewrite(text, |path| {
            let renamed = match family {
                Family::Pelican => pelican(path),
                Family::Pterodactyl => pterodactyl(path),
                Family::Native => None,
            };
            renamed.map(|path| format!("{{{{{path}}}}}"))
        })),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| rename(item, family)).collect())
        }
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| (key.clone(), rename(value, family)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The name Pelican gives a placeholder.
fn pelican(path: &str) -> Option<String> {
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
fn pterodactyl(path: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_changed_as_a_whole_and_only_once() {
        for (from, to) in [
            ("server.build.memory", "server.build.memory_limit"),
            ("server.build.memory_limit", "server.build.memory_limit"),
            (
                "server.build.env.SERVER_PORT",
                "server.allocations.default.port",
            ),
            (
                "server.build.env.SERVER_PORT_QUERY",
                "server.environment.SERVER_PORT_QUERY",
            ),
            ("server.build.environment.X", "server.environment.X"),
            ("env.X", "env.X"),
            ("config.docker.interface", "config.docker.interface"),
        ] {
            let text = |path: &str| Value::String(format!("a{{{{{path}}}}}b"));
            let once = rename(&text(from), Family::Pelican);
            assert_eq!(once, text(to));
            assert_eq!(rename(&once, Family::Pelican), once);
        }
    }
}
