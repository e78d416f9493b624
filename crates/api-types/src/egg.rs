//! Eggs: recipes that servers are made from.

mod files;
mod inheritance;

pub use files::{
    EggEncoding, EggExportReport, EggFormat, EggNote, EggNoteKind, EggUrl, EggUrlFailure, EggUrls,
    ExportQuery, ExportedEgg, ImportedEgg, ImportedEggNotes, ImportedEggs, ReimportedEgg,
};
pub use inheritance::{EggInheritance, EggPart, InheritedPart, SetEggInheritance};

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::page::Page;

/// An egg as the users of a server see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Egg {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Dialogs that the console offers, such as `eula`.
    pub features: Vec<String>,
    /// Container images to choose from, by label; the first is the default.
    pub docker_images: IndexMap<String, String>,
    /// Startup commands to choose from, by label; the first is the default.
    pub startup_commands: IndexMap<String, String>,
    /// Whether the port is shown apart from the address.
    pub separate_port: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A page of eggs that servers run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ServerEggs {
    /// The eggs.
    pub nest_eggs: Page<Egg>,
}

/// An egg as administrators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AdminEgg {
    /// Identifier.
    pub uuid: Uuid,
    /// Where it was installed from, when from a repository.
    pub egg_repository_egg: Option<Value>,
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Configuration files written at each start.
    pub config_files: Vec<ConfigFile>,
    /// How the daemon knows that the server runs.
    pub config_startup: ConfigStartup,
    /// How the server is stopped.
    pub config_stop: ConfigStop,
    /// What installs the server.
    pub config_script: ConfigScript,
    /// Startup commands to choose from, by label; the first is the default.
    pub startup_commands: IndexMap<String, String>,
    /// Whether outgoing connections come from the primary allocation's address.
    pub force_outgoing_ip: bool,
    /// Whether the port is shown apart from the address.
    pub separate_port: bool,
    /// Dialogs that the console offers, such as `eula`.
    pub features: Vec<String>,
    /// Container images to choose from, by label; the first is the default.
    pub docker_images: IndexMap<String, String>,
    /// Patterns of files that nobody may touch.
    pub file_denylist: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A configuration file that the daemon writes at each start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfigFile {
    /// Path below the server's root.
    pub file: String,
    #[serde(default = "crate::truthy")]
    /// Whether it is made when it is missing.
    pub create_new: bool,
    /// How it is read and written.
    pub parser: ConfigParser,
    /// What is set in it.
    pub replace: Vec<ConfigReplacement>,
}

/// How a configuration file is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigParser {
    /// Line by line, by the beginning of the line.
    File,
    /// As YAML.
    Yaml,
    /// As Java properties.
    Properties,
    /// As INI.
    Ini,
    /// As JSON.
    Json,
    /// As XML.
    Xml,
    /// As TOML.
    Toml,
}

/// A value set in a configuration file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfigReplacement {
    /// Where: a key or path; its meaning depends on the parser.
    pub r#match: String,
    /// Whether it is added when it is missing.
    #[serde(default)]
    pub insert_new: bool,
    #[serde(default = "crate::truthy")]
    /// Whether it is changed when it is there.
    pub update_existing: bool,
    /// Only when this is the present value.
    pub if_value: Option<String>,
    /// The new value; text may have placeholders.
    pub replace_with: Value,
}

/// How the daemon knows that the server runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfigStartup {
    /// Console lines that say so; a regular expression after `regex:`.
    #[serde(default)]
    pub done: Vec<String>,
    /// Whether colours are taken out of a line before it is compared.
    #[serde(default)]
    pub strip_ansi: bool,
}

/// How the server is stopped.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfigStop {
    /// `command`, `signal` or `stop`.
    pub r#type: String,
    /// The command or the signal.
    pub value: Option<String>,
}

/// What installs the server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConfigScript {
    /// Container image it runs in.
    pub container: String,
    /// Program that runs the script.
    pub entrypoint: String,
    /// The script.
    pub content: String,
}

/// A new egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEgg {
    /// The repository's egg it comes from.
    pub egg_repository_egg_uuid: Option<Uuid>,
    /// Who wrote it, usually an e-mail address.
    pub author: String,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// Configuration files written at each start.
    pub config_files: Vec<ConfigFile>,
    /// How the daemon knows that the server runs.
    pub config_startup: ConfigStartup,
    /// How the server is stopped.
    pub config_stop: ConfigStop,
    /// What installs the server.
    pub config_script: ConfigScript,
    /// Startup commands to choose from, by label; the first is the default.
    pub startup_commands: IndexMap<String, String>,
    /// Whether outgoing connections come from the primary allocation's address.
    pub force_outgoing_ip: bool,
    /// Whether the port is shown apart from the address.
    pub separate_port: bool,
    /// Dialogs that the console offers, such as `eula`.
    pub features: Vec<String>,
    /// Container images to choose from, by label; the first is the default.
    pub docker_images: IndexMap<String, String>,
    /// Patterns of files that nobody may touch.
    pub file_denylist: Vec<String>,
}

/// Changes of an egg; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEgg {
    /// The repository's egg it comes from.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<Uuid>)]
    pub egg_repository_egg_uuid: Option<Option<Uuid>>,
    /// Who wrote it, usually an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// Configuration files written at each start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_files: Option<Vec<ConfigFile>>,
    /// How the daemon knows that the server runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_startup: Option<ConfigStartup>,
    /// How the server is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_stop: Option<ConfigStop>,
    /// What installs the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_script: Option<ConfigScript>,
    /// Startup commands to choose from, by label; the first is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup_commands: Option<IndexMap<String, String>>,
    /// Whether outgoing connections come from the primary allocation's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub force_outgoing_ip: Option<bool>,
    /// Whether the port is shown apart from the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separate_port: Option<bool>,
    /// Dialogs that the console offers, such as `eula`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// Container images to choose from, by label; the first is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docker_images: Option<IndexMap<String, String>>,
    /// Patterns of files that nobody may touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_denylist: Option<Vec<String>>,
}

/// One egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggBody {
    /// The egg.
    pub egg: AdminEgg,
}

/// A page of eggs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Eggs {
    /// The eggs.
    pub eggs: Page<AdminEgg>,
}

/// Another nest for an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveEgg {
    /// The nest it moves to.
    pub destination_nest_uuid: Uuid,
}

/// A variable of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggVariable {
    /// Identifier.
    pub uuid: Uuid,
    /// What people call it.
    pub name: String,
    /// The name by language code.
    pub name_translations: IndexMap<String, String>,
    /// Free text about it.
    pub description: Option<String>,
    /// The description by language code.
    pub description_translations: IndexMap<String, String>,
    /// Place in the list, lowest first.
    pub order: i32,
    /// Name of the environment variable.
    pub env_variable: String,
    /// Value of servers that set none.
    pub default_value: Option<String>,
    /// Whether the owner sees it.
    pub user_viewable: bool,
    /// Whether the owner may change it.
    pub user_editable: bool,
    /// Whether its value is hidden.
    pub is_secret: bool,
    /// What a value must satisfy, one rule each, such as `required` or `max:20`.
    pub rules: Vec<String>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A new variable of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEggVariable {
    /// What people call it.
    pub name: String,
    /// The name by language code.
    #[serde(default)]
    pub name_translations: IndexMap<String, String>,
    /// Free text about it.
    pub description: Option<String>,
    /// The description by language code.
    #[serde(default)]
    pub description_translations: IndexMap<String, String>,
    /// Place in the list, lowest first.
    pub order: i32,
    /// Name of the environment variable.
    pub env_variable: String,
    /// Value of servers that set none.
    pub default_value: Option<String>,
    /// Whether the owner sees it.
    pub user_viewable: bool,
    /// Whether the owner may change it.
    pub user_editable: bool,
    /// Whether its value is hidden.
    pub secret: bool,
    /// What a value must satisfy, one rule each, such as `required` or `max:20`.
    pub rules: Vec<String>,
}

/// Changes of an egg's variable; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateEggVariable {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name by language code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_translations: Option<IndexMap<String, String>>,
    /// Free text about it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub description: Option<Option<String>>,
    /// The description by language code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_translations: Option<IndexMap<String, String>>,
    /// Place in the list, lowest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i32>,
    /// Name of the environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_variable: Option<String>,
    /// Value of servers that set none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::patch::nullable"
    )]
    #[schema(value_type = Option<String>)]
    pub default_value: Option<Option<String>>,
    /// Whether the owner sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_viewable: Option<bool>,
    /// Whether the owner may change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_editable: Option<bool>,
    /// Whether its value is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<bool>,
    /// What a value must satisfy, one rule each, such as `required` or `max:20`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<String>>,
}

/// A new order of an egg's variables.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderEggVariables {
    /// All variables of the egg, first to last.
    pub variable_order: Vec<Uuid>,
}

/// One variable of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggVariableBody {
    /// The variable.
    pub variable: EggVariable,
}

/// The variables of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggVariables {
    /// The variables, by environment name.
    pub variables: Vec<EggVariable>,
}

/// The eggs that come with the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StarterEggs {
    /// The eggs.
    pub starter_eggs: Vec<StarterEgg>,
}

/// An egg that comes with the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StarterEgg {
    /// Its short name in requests.
    pub slug: String,
    /// Name of the nest it is installed in.
    pub nest: String,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: String,
    /// Whether the nest has an egg of this name.
    pub installed: bool,
}

/// Which of the panel's eggs to install.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallStarterEggs {
    /// Their short names.
    pub slugs: Vec<String>,
}

/// Which of the panel's eggs were installed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InstalledStarterEggs {
    /// Their short names; those that were there already are missing.
    pub installed: Vec<String>,
}

/// Several eggs of a nest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteEggs {
    /// Their identifiers.
    pub egg_uuids: Vec<Uuid>,
}

/// Another nest for several eggs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveEggs {
    /// Their identifiers.
    pub egg_uuids: Vec<Uuid>,
    /// The nest they move to.
    pub destination_nest_uuid: Uuid,
}

/// How many eggs were moved.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct MovedEggs {
    /// How many.
    pub moved: i64,
}

/// An egg like another one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateEgg {
    /// What people call the new one.
    pub name: String,
    /// The nest it is put into.
    pub nest_uuid: Uuid,
}

/// A variable like another one of the egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateEggVariable {
    /// What people call the new one.
    pub name: String,
    /// Name of its environment variable.
    pub env_variable: String,
}
