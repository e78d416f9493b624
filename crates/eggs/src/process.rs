//! What a node needs to run and to install a server, in the form its daemon reads.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::environment::ServerFacts;
use crate::model::{EggConfig, InstallScript, Parser, StopKind};
use crate::placeholders::{Placeholders, disarm};

/// The `process_configuration` of a server, as all three daemons read it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProcessConfiguration {
    /// When a starting server counts as running.
    pub startup: WireStartup,
    /// How the server is asked to stop.
    pub stop: WireStop,
    /// Files edited before each start.
    pub configs: Vec<WireConfigFile>,
}

impl ProcessConfiguration {
    /// Leaves out files of parsers the daemon does not know: one daemon refuses the whole answer for an unknown
    /// parser's name. `toml` is the only parser not all of them have.
    #[must_use]
    pub fn without_parser(mut self, parser: Parser) -> Self {
        self.configs.retain(|config| config.parser != parser);
        self
    }
}

/// When a starting server counts as running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WireStartup {
    /// Texts of which one must occur in a console line; `regex:` starts a regular expression.
    pub done: Vec<String>,
    /// Always empty; no daemon acts on it, but two decode it.
    pub user_interaction: Vec<String>,
    /// Whether colour sequences are removed from a line before it is looked at.
    pub strip_ansi: bool,
}

/// How a server is asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WireStop {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: StopKind,
    /// Console command or signal name; empty for a container stop.
    pub value: String,
}

/// One file edited before each start.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireConfigFile {
    /// How the file is read and written.
    pub parser: Parser,
    /// Path relative to the server's root.
    pub file: String,
    /// Whether a missing file is created, as Pelican's daemon calls it.
    pub create_file: bool,
    /// The same, as Calagopus's daemon calls it.
    pub create_new: bool,
    /// The edits, in order.
    pub replace: Vec<WireReplacement>,
}

/// One edit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireReplacement {
    /// Which key, path or line prefix is meant.
    #[serde(rename = "match")]
    pub matches: String,
    /// The condition on the current value. Left out when there is none: the Go daemons drop the whole list over
    /// a null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_value: Option<String>,
    /// The new value, with everything filled in but the daemon's own placeholder.
    pub replace_with: Value,
    /// Whether a missing key is added (Calagopus's daemon only).
    pub insert_new: bool,
    /// Whether an existing key is changed (Calagopus's daemon only).
    pub update_existing: bool,
}

/// Prepares an egg's process configuration for one server. `values` are the [`crate::effective_values`].
///
/// All placeholders are filled here, as the daemons differ in what they fill, except the address of the
/// container network, which only the daemon knows. No other key of the daemon's configuration can be reached.
pub fn process_configuration(
    config: &EggConfig,
    values: &BTreeMap<String, String>,
    facts: &ServerFacts,
) -> ProcessConfiguration {
    let placeholders = Placeholders::new(values, facts);
    let configs = config
        .files
        .iter()
        .map(|file| WireConfigFile {
            parser: file.parser,
            file: disarm(&file.file),
            create_file: file.create_new,
            create_new: file.create_new,
            replace: file
                .replace
                .iter()
                .map(|replacement| WireReplacement {
                    matches: disarm(&replacement.matches),
                    if_value: replacement.if_value.as_deref().map(disarm),
                    replace_with: placeholders.fill(&replacement.replace_with),
                    insert_new: replacement.insert_new,
                    update_existing: replacement.update_existing,
                })
                .collect(),
        })
        .collect();
    ProcessConfiguration {
        startup: WireStartup {
            done: config.startup.done.clone(),
            user_interaction: Vec::new(),
            strip_ansi: config.startup.strip_ansi,
        },
        stop: WireStop {
            kind: config.stop.kind,
            value: config.stop.value.clone().unwrap_or_default(),
        },
        configs,
    }
}

/// The answer to a daemon that asks for a server's install script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstallConfiguration {
    /// The image the script runs in.
    pub container_image: String,
    /// The program that is given the script's path.
    pub entrypoint: String,
    /// The script, with uniform line ends.
    pub script: String,
    /// Variables for the installation alone; always empty, as the script sees the server's own.
    pub environment: Map<String, Value>,
}

/// Prepares an egg's install script. Nothing when there is nothing to install: the Go daemons would start a
/// container for an empty script.
pub fn install_configuration(script: &InstallScript) -> Option<InstallConfiguration> {
    let content = script.content.replace("\r\n", "\n");
    if content.trim().is_empty() {
        return None;
    }
    Some(InstallConfiguration {
        container_image: script.container.clone(),
        entrypoint: script.entrypoint.clone(),
        script: content,
        environment: Map::new(),
    })
}

/// Console texts (looked for without regard to case) that a daemon reports for an egg's features, so that the
/// interface can offer help. Features without such texts are left out.
pub fn feature_listeners(features: &[String]) -> BTreeMap<String, Vec<String>> {
    features
        .iter()
        .filter_map(|feature| {
            let texts: &[&str] = match feature.as_str() {
                "eula" => &["you need to agree to the eula in order to run the server"],
                "java_version" => &[
                    "java.lang.unsupportedclassversionerror",
                    "unsupported major.minor version",
                    "has been compiled by a more recent version of the java runtime",
                    "requires running the server with java",
                ],
                "pid_limit" => &[
                    "unable to create native thread",
                    "unable to create new native thread",
                    "pthread_create failed",
                    "cannot create thread",
                ],
                "gsl_token" => &["gsl token expired", "account not found"],
                "steam_disk_space" => &[
                    "steamcmd needs 250mb of free disk space to update",
                    "0x202 after update job",
                ],
                _ => return None,
            };
            Some((
                feature.clone(),
                texts.iter().map(|text| (*text).to_owned()).collect(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::environment::Address;
    use crate::import;

    const EGG: &str = r#"{
        "meta": {"version": "PTDL_v2"}, "name": "Proxy", "author": "a@example.org",
        "docker_images": {"Java": "example/java:21"}, "startup": "java -jar {{JAR}}",
        "config": {
            "files": "{\"config.yml\": {\"parser\": \"yml\", \"create_file\": false, \"find\": {\"host\": \"0.0.0.0:{{server.build.default.port}}\", \"limit\": 5, \"servers.*.address\": {\"127.0.0.1\": \"{{config.docker.interface}}\", \"regex:^(localhost)(:\\\\d+)?$\": \"{{config.docker.interface}}$2\"}}}, \"a.toml\": {\"parser\": \"toml\", \"find\": {}}}",
            "startup": "{\"done\": \"Listening\"}", "logs": "{}", "stop": "^C"
        },
        "scripts": {"installation": {"script": "one\r\ntwo", "container": "example/installer", "entrypoint": "ash"}},
        "variables": []
    }"#;

    #[test]
    fn an_egg_becomes_what_daemons_read() {
        let egg = import(EGG.as_bytes()).unwrap().egg;
        let facts = ServerFacts {
            address: Some(Address {
                ip: "192.0.2.1".to_owned(),
                port: 25577,
            }),
            ..ServerFacts::default()
        };
        let wire = process_configuration(&egg.config, &BTreeMap::new(), &facts)
            .without_parser(Parser::Toml);
        let edit = |matches: &str, value: Value| json!({"match": matches, "replace_with": value, "insert_new": true, "update_existing": true});
        let conditional = |condition: &str, value: &str| {
            json!({"match": "servers.*.address", "if_value": condition, "replace_with": value,
                "insert_new": true, "update_existing": true})
        };
        assert_eq!(
            serde_json::to_value(&wire).unwrap(),
            json!({
                "startup": {"done": ["Listening"], "user_interaction": [], "strip_ansi": false},
                "stop": {"type": "signal", "value": "SIGINT"},
                "configs": [{
                    "parser": "yaml", "file": "config.yml", "create_file": false, "create_new": false,
                    "replace": [
                        edit("host", json!("0.0.0.0:25577")),
                        edit("limit", json!(5)),
                        conditional("127.0.0.1", "{{config.docker.network.interface}}"),
                        conditional("regex:^(localhost)(:\\d+)?$", "{{config.docker.network.interface}}$2"),
                    ],
                }],
            })
        );
    }

    /// No text of an egg and no value of a variable, wherever it stands, reaches a daemon with a placeholder of the daemon's
    /// configuration, but for the address of the container network.
    #[test]
    fn no_part_of_a_configuration_file_asks_for_the_daemons_secrets() {
        let secret =
            "{{config.token}} {{ config.remote }} {{{config.api.port}} {{  Config.token }}";
        let files = json!({ secret: {"parser": "json", "find": {
            secret: secret, "value": "{{env.TYPED}}{{server.build.env.HALF}}fig.token}}",
            "under": {secret: secret, "127.0.0.1": "{{config.docker.interface}}"},
            "map": {"x": {secret: [secret, {"{{config.token}}": secret}]}},
        }}});
        let mut document: Value = serde_json::from_str(EGG).unwrap();
        document["config"]["files"] = json!(files.to_string());
        let egg = import(document.to_string().as_bytes()).unwrap().egg;
        let values = [("TYPED", secret), ("HALF", "{{con")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let wire = process_configuration(&egg.config, &values, &ServerFacts::default());
        let text = serde_json::to_value(&wire)
            .unwrap()
            .to_string()
            .to_lowercase();
        let (allowed, rest) = ("{{config.docker.network.interface}}", text.replace(' ', ""));
        assert_eq!(text.matches(allowed).count(), 1, "{text}");
        // A broken pair of braces has a space between them, so spaces are looked at as they are.
        for asked in ["{{config", "{{ config", "{{  config"] {
            assert!(
                !text.replace(allowed, "").contains(asked),
                "{asked}: {text}"
            );
        }
        assert!(rest.contains("config.token"), "the texts are still there");
    }

    #[test]
    fn the_install_script_has_uniform_line_ends() {
        let egg = import(EGG.as_bytes()).unwrap().egg;
        let install = install_configuration(&egg.script).unwrap();
        assert_eq!(
            serde_json::to_value(&install).unwrap(),
            json!({"container_image": "example/installer", "entrypoint": "ash", "script": "one\ntwo",
                "environment": {}})
        );
        assert_eq!(install_configuration(&InstallScript::default()), None);
    }

    #[test]
    fn only_known_features_have_texts() {
        let listeners = feature_listeners(&["eula".to_owned(), "something".to_owned()]);
        assert_eq!(listeners.keys().collect::<Vec<_>>(), ["eula"]);
    }
}
