//! Eggs as files.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::AdminEgg;

/// An egg as a file that other panels can import.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportedEgg {
    #[serde(flatten)]
    /// The document's fields.
    pub document: serde_json::Map<String, Value>,
}

/// Something to know about an egg's file that was read or written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggNote {
    /// The place it is about, as a JSON pointer: after an import in the file, after an export in the egg. Empty for the whole.
    pub path: String,
    /// What became of the place.
    pub kind: EggNoteKind,
    /// What happened, as a sentence.
    pub message: String,
}

/// What became of a place in an egg's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EggNoteKind {
    /// It was brought into the form it should have had.
    Repaired,
    /// It was left out.
    Dropped,
    /// The format cannot say it as it is.
    Changed,
    /// It has no meaning here; an export to the same family of formats writes it again.
    Ignored,
    /// It was taken as it is, but deserves a look.
    Attention,
}

/// An egg that was imported from a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedEgg {
    /// The egg.
    pub egg: AdminEgg,
    /// What was repaired, left out or deserves a look.
    pub notes: Vec<EggNote>,
}

/// An egg that was replaced by a file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReimportedEgg {
    /// What was repaired, left out or deserves a look.
    pub notes: Vec<EggNote>,
}

/// Where files of eggs are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EggUrls {
    /// Their addresses.
    #[schema(min_items = 1, max_items = 25)]
    pub urls: Vec<String>,
}

/// Where the file of an egg is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EggUrl {
    /// Its address.
    #[schema(format = "uri")]
    pub url: String,
}

/// What became of the files at several addresses.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedEggs {
    /// The eggs that were made.
    pub eggs: Vec<AdminEgg>,
    /// Addresses that no egg was made from.
    pub failures: Vec<EggUrlFailure>,
    /// What there is to say about the files of the eggs, in the order of `eggs`.
    pub notes: Vec<ImportedEggNotes>,
}

/// An address that no egg was made from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggUrlFailure {
    /// The address.
    #[schema(format = "uri")]
    pub url: String,
    /// Why.
    pub error: String,
}

/// What there is to say about the file of one egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportedEggNotes {
    /// The egg.
    pub egg: Uuid,
    /// Where its file is.
    #[schema(format = "uri")]
    pub url: String,
    /// What was repaired, left out or deserves a look.
    pub notes: Vec<EggNote>,
}

/// What a format cannot say of an egg.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EggExportReport {
    /// What the file lacks or changes, and what its panel will not like. Empty when there is nothing.
    pub notes: Vec<EggNote>,
}

/// In which form an egg is exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EggFormat {
    /// This panel's, which Calagopus reads too.
    #[default]
    Native,
    /// The newest one of Pterodactyl, which most other panels read.
    Pterodactyl,
    /// The newest one of Pelican.
    Pelican,
    /// `PTDL_v1`, of Pterodactyl before 1.7.
    PtdlV1,
    /// `PTDL_v2`, of Pterodactyl.
    PtdlV2,
    /// `PLCN_v1`, of Pelican.
    PlcnV1,
    /// `PLCN_v2`, of Pelican.
    PlcnV2,
    /// `PLCN_v3`, of Pelican.
    PlcnV3,
}

/// In which language the file of an egg is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EggEncoding {
    /// JSON.
    #[default]
    Json,
    /// YAML.
    Yaml,
}

/// How an egg is exported.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// The form of the document.
    #[param(inline)]
    pub format: Option<EggFormat>,
    /// The language of the file.
    #[param(inline)]
    pub encoding: Option<EggEncoding>,
}
