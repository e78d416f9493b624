//! The egg as this product understands it, whatever file it came from.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::placeholders;

/// A server type.
///
/// The serialised names of the parts are those of the native API and of the columns that hold them, so
/// that each part can be stored as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Egg {
    /// Identity across updates, as the file gives it. Not every file has one, and nothing makes it unique.
    #[serde(default)]
    pub uuid: Option<String>,
    /// Display name; never empty.
    pub name: String,
    /// Who wrote it, usually an e-mail address. May be empty.
    pub author: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// A picture as a `data:` URI.
    #[serde(default)]
    pub icon: Option<String>,
    /// Grouping words of Pelican files.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where a newer version of the file can be fetched.
    #[serde(default)]
    pub update_url: Option<String>,
    /// Console-triggered dialogs to offer, such as `eula` or `java_version`. Unknown names mean nothing.
    #[serde(default)]
    pub features: Vec<String>,
    /// Container images by label. The first one is the default; references are distinct.
    pub docker_images: IndexMap<String, String>,
    /// Startup command templates by label. The first one is the default; commands are distinct.
    pub startup_commands: IndexMap<String, String>,
    /// How the process is watched, stopped and configured.
    pub config: EggConfig,
    /// What installs the server.
    pub script: InstallScript,
    /// Patterns (as in a gitignore file, relative to the server's root) no file operation may touch.
    #[serde(default)]
    pub file_denylist: Vec<String>,
    /// Whether outgoing connections must come from the primary allocation's address.
    #[serde(default)]
    pub force_outgoing_ip: bool,
    /// Whether the port is shown apart from the address.
    #[serde(default)]
    pub separate_port: bool,
    /// What the owner fills in, in the order of the file. See [`Egg::ordered_variables`].
    #[serde(default)]
    pub variables: Vec<Variable>,
    /// What a later export to the same family of formats needs beyond the model.
    #[serde(default)]
    pub source: Source,
}

impl Egg {
    /// The image a new server gets: its label and reference.
    pub fn default_image(&self) -> Option<(&str, &str)> {
        self.docker_images
            .first()
            .map(|(label, image)| (label.as_str(), image.as_str()))
    }

    /// The startup command a new server gets: its label and template.
    pub fn default_startup(&self) -> Option<(&str, &str)> {
        self.startup_commands
            .first()
            .map(|(label, command)| (label.as_str(), command.as_str()))
    }

    /// The variables as they are to be shown: by [`Variable::order`] where it is given, then those without
    /// one; ties keep the order of the file.
    pub fn ordered_variables(&self) -> Vec<&Variable> {
        let mut ordered: Vec<&Variable> = self.variables.iter().collect();
        ordered.sort_by_key(|variable| variable.order.unwrap_or(i64::MAX));
        ordered
    }
}

/// How the process is watched, stopped and configured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EggConfig {
    /// Files that are edited before each start.
    #[serde(default)]
    pub files: Vec<ConfigFile>,
    /// When a starting server counts as running.
    #[serde(default)]
    pub startup: StartupDetection,
    /// How the server is asked to stop.
    #[serde(default)]
    pub stop: Stop,
    /// Where old daemons looked for logs. Kept for export only; nothing reads it.
    #[serde(default)]
    pub logs: Map<String, Value>,
}

impl EggConfig {
    /// How many placeholders the new values of its files hold. Each may become a text as long as a variable's value, so
    /// [`crate::Limits::placeholders`] bounds what a daemon is sent.
    pub fn placeholders(&self) -> usize {
        let edits = self.files.iter().flat_map(|file| &file.replace);
        edits
            .map(|edit| placeholders::count(&edit.replace_with))
            .sum()
    }
}

/// One file edited before each start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigFile {
    /// Path relative to the server's root; a leading `/` or `./` means the same root.
    pub file: String,
    /// Whether a missing file is created.
    #[serde(default = "yes")]
    pub create_new: bool,
    /// How the file is read and written.
    pub parser: Parser,
    /// The edits, in order.
    #[serde(default)]
    pub replace: Vec<Replacement>,
}

/// How a configuration file is read and written by the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parser {
    /// Whole lines, chosen by their beginning.
    File,
    /// YAML documents. `yml` is read as this too.
    #[serde(alias = "yml")]
    Yaml,
    /// Java properties.
    Properties,
    /// INI sections and keys.
    Ini,
    /// JSON documents.
    Json,
    /// XML documents.
    Xml,
    /// TOML documents; not every daemon knows them.
    Toml,
}

impl Parser {
    /// The name daemons and egg files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Yaml => "yaml",
            Self::Properties => "properties",
            Self::Ini => "ini",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Toml => "toml",
        }
    }

    /// The parser of a name in an egg file.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "file" => Self::File,
            "yaml" | "yml" => Self::Yaml,
            "properties" => Self::Properties,
            "ini" => Self::Ini,
            "json" => Self::Json,
            "xml" => Self::Xml,
            "toml" => Self::Toml,
            _ => return None,
        })
    }
}

/// One edit of a configuration file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replacement {
    /// Which key, path or line prefix is meant; its grammar depends on the parser.
    #[serde(rename = "match")]
    pub matches: String,
    /// Whether a missing key is added.
    #[serde(default)]
    pub insert_new: bool,
    /// Whether an existing key is changed.
    #[serde(default = "yes")]
    pub update_existing: bool,
    /// Only replace when the current value equals this, or with the prefix `regex:` when it matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_value: Option<String>,
    /// The new value; text may hold placeholders.
    pub replace_with: Value,
}

/// When a starting server counts as running.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartupDetection {
    /// Texts of which one must occur in a console line; `regex:` starts a regular expression. With none the
    /// server stays *starting*.
    #[serde(default)]
    pub done: Vec<String>,
    /// Whether colour sequences are removed from a line before it is looked at.
    #[serde(default)]
    pub strip_ansi: bool,
}

/// How a server is asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: StopKind,
    /// The console command, or the signal's name such as `SIGINT`; nothing for a plain container stop.
    #[serde(default)]
    pub value: Option<String>,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            kind: StopKind::Stop,
            value: None,
        }
    }
}

/// The ways to stop a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StopKind {
    /// A line written to the console.
    Command,
    /// A signal sent to the process.
    Signal,
    /// The container runtime's own stop.
    Stop,
}

/// What installs the server's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallScript {
    /// The image the script runs in.
    pub container: String,
    /// The program that is given the script's path; one word, never split.
    pub entrypoint: String,
    /// The script as the file has it; line ends are made uniform when it is sent. Empty means nothing to do.
    pub content: String,
}

/// A value the owner or an administrator fills in, given to the process as an environment variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variable {
    /// Display name.
    pub name: String,
    /// What it means; may be empty.
    #[serde(default)]
    pub description: String,
    /// The environment variable's name.
    pub env_variable: String,
    /// The value of a server that has none of its own. It need not satisfy the rules.
    #[serde(default)]
    pub default_value: String,
    /// Whether the owner sees it.
    #[serde(default)]
    pub user_viewable: bool,
    /// Whether the owner may change it.
    #[serde(default)]
    pub user_editable: bool,
    /// Whether its value is hidden in lists and logs.
    #[serde(default)]
    pub secret: bool,
    /// The rules its values must satisfy, one element each. See [`crate::RuleSet`].
    #[serde(default)]
    pub rules: Vec<String>,
    /// Its place among the variables; the file's order where absent.
    #[serde(default)]
    pub order: Option<i64>,
    /// The name in other languages, by language code.
    #[serde(default)]
    pub name_translations: IndexMap<String, String>,
    /// The description in other languages, by language code.
    #[serde(default)]
    pub description_translations: IndexMap<String, String>,
    /// Keys of the file this product has no meaning for, written again on export.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// The formats an egg file can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// Pterodactyl before 1.7.
    #[serde(rename = "PTDL_v1")]
    PterodactylV1,
    /// Pterodactyl.
    #[serde(rename = "PTDL_v2")]
    PterodactylV2,
    /// Pelican, first form.
    #[serde(rename = "PLCN_v1")]
    PelicanV1,
    /// Pelican, second form.
    #[serde(rename = "PLCN_v2")]
    PelicanV2,
    /// Pelican.
    #[serde(rename = "PLCN_v3")]
    PelicanV3,
    /// Calagopus, whose files name no version; also the form of the native API.
    #[serde(rename = "native")]
    Native,
}

/// The panels whose files read each other's placeholders and keys alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Pterodactyl.
    Pterodactyl,
    /// Pelican.
    Pelican,
    /// Calagopus and this panel.
    Native,
}

impl Format {
    /// All formats, oldest first.
    pub const ALL: [Self; 6] = [
        Self::PterodactylV1,
        Self::PterodactylV2,
        Self::PelicanV1,
        Self::PelicanV2,
        Self::PelicanV3,
        Self::Native,
    ];

    /// Whose format it is.
    pub fn family(self) -> Family {
        match self {
            Self::PterodactylV1 | Self::PterodactylV2 => Family::Pterodactyl,
            Self::PelicanV1 | Self::PelicanV2 | Self::PelicanV3 => Family::Pelican,
            Self::Native => Family::Native,
        }
    }

    /// What a file's `meta.version` says; `native` for the format that has none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PterodactylV1 => "PTDL_v1",
            Self::PterodactylV2 => "PTDL_v2",
            Self::PelicanV1 => "PLCN_v1",
            Self::PelicanV2 => "PLCN_v2",
            Self::PelicanV3 => "PLCN_v3",
            Self::Native => "native",
        }
    }
}

/// What the model does not say but a round trip through the same family of formats must keep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The format the egg was read from; none for an egg made here.
    #[serde(default)]
    pub format: Option<Format>,
    /// Values without a meaning here, by the JSON pointer of their place in the file.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Original texts of the `config` entries, by their name. An export repeats one as long as reading it
    /// still gives what the model says.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub verbatim: IndexMap<String, String>,
}

fn yes() -> bool {
    true
}
