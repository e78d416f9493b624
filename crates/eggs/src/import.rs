//! Reading egg files.

mod config;
mod document;
mod fields;
mod sections;
mod variables;

use thiserror::Error;

use crate::model::{Egg, Format, Source};
use crate::notes::Note;
use document::Node;
use fields::Notes;

pub(crate) use config::{files_from_text, logs_from_text, startup_from_text, stop_from_text};
pub(crate) use sections::DEFAULT_LABEL;

/// What an egg file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, in bytes. The largest real egg, with an embedded picture, has a quarter of a megabyte.
    pub bytes: usize,
    /// How deep lists and maps may be nested, in the file and in JSON texts inside it.
    pub depth: usize,
    /// How many variables one egg may have.
    pub variables: usize,
    /// How many entries any other list or map may have.
    pub entries: usize,
    /// How many values the file may have altogether, and as many again in each JSON text inside it.
    pub values: usize,
    /// How many rules one variable may have.
    pub rules: usize,
    /// How many regular expressions the file may have, in rules and in texts that tell the start: each is compiled.
    pub patterns: usize,
    /// How many placeholders the new values in edited files may hold: each may become as long as the value of a variable.
    pub placeholders: usize,
}

/// The limits [`import`] applies.
pub const LIMITS: Limits = Limits {
    bytes: 2 * 1024 * 1024,
    depth: 48,
    variables: 1_000,
    entries: 10_000,
    values: 100_000,
    rules: 100,
    patterns: 250,
    placeholders: 2_000,
};

/// An egg and what was not taken as it stood in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The egg.
    pub egg: Egg,
    /// Everything that was repaired, left out or deserves a look, in the order it was met.
    pub notes: Vec<Note>,
}

/// Why a file is no egg this product can take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is larger than [`Limits::bytes`].
    #[error("the file has {size} bytes; an egg may have {limit}")]
    TooLarge {
        /// Bytes of the file.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The file is not UTF-8 text.
    #[error("the file is not UTF-8 text (first wrong byte at offset {offset})")]
    NotText {
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
    },
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The text is not JSON although it begins like it.
    #[error("the file is not valid JSON: {message} (line {line}, column {column})")]
    Json {
        /// What the parser says.
        message: String,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1; 0 where the parser knows none.
        column: usize,
    },
    /// The text is not YAML.
    #[error("the file is not valid YAML: {message} (line {line}, column {column})")]
    Yaml {
        /// What the parser says.
        message: String,
        /// Line, counted from 1.
        line: usize,
        /// Column, counted from 1.
        column: usize,
    },
    /// A YAML alias: a small file of them stands for a huge document, and no panel writes any.
    #[error("the file uses a YAML alias in line {line}; eggs may not")]
    Alias {
        /// Line, counted from 1.
        line: usize,
    },
    /// Lists and maps are nested deeper than [`Limits::depth`].
    #[error("lists and maps are nested deeper than {limit} levels")]
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// A list or map has more entries than [`Limits`] allows.
    #[error("{path} has {count} {what}; {limit} are allowed")]
    TooMany {
        /// The place in the file, as a JSON pointer or in words.
        path: String,
        /// Of what.
        what: &'static str,
        /// How many were found, or were counted until it was clear.
        count: usize,
        /// Entries allowed.
        limit: usize,
    },
    /// The document is something else than an egg.
    #[error("the file is not an egg: {reason}")]
    NotAnEgg {
        /// What is missing or wrong.
        reason: String,
    },
    /// The file names a format no panel is known to write.
    #[error(
        "the format `{version}` is not known; eggs are PTDL_v1 to PTDL_v2 or PLCN_v1 to PLCN_v3"
    )]
    UnknownVersion {
        /// What `meta.version` says.
        version: String,
    },
}

/// Reads an egg file.
///
/// Takes what Pterodactyl (`PTDL_v1`, `PTDL_v2`), Pelican (`PLCN_v1` to `PLCN_v3`) and Calagopus (no version)
/// write, as JSON or YAML; JSON begins with `{`, anything else is read as YAML. Real files deviate from their
/// formats in many ways: such a deviation is repaired and noted rather than refused. `_comment` and
/// `exported_at` are passed over.
///
/// # Errors
///
/// When the bytes are no document within [`LIMITS`], or the document has no name, or neither an image nor a
/// startup command.
pub fn import(bytes: &[u8]) -> Result<Import, ImportError> {
    if bytes.len() > LIMITS.bytes {
        return Err(ImportError::TooLarge {
            size: bytes.len(),
            limit: LIMITS.bytes,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| ImportError::NotText {
        offset: error.valid_up_to(),
    })?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(ImportError::Empty);
    }

    let mut notes = Notes::default();
    let is_json = text.starts_with('{');
    let document = if is_json {
        let (node, duplicates) = document::from_json(text)?;
        for key in duplicates {
            notes.repaired(
                "",
                format!("The key `{key}` occurs twice in one object; the last one counts."),
            );
        }
        node
    } else {
        notes.lenient = true;
        let (node, duplicates) = document::from_yaml(text)?;
        for key in duplicates {
            notes.repaired(
                "",
                format!("The key `{key}` occurs twice in one map; the last one counts."),
            );
        }
        node
    };
    let egg = read(document, &mut notes)?;
    Ok(Import {
        egg,
        notes: notes.into_inner(),
    })
}

fn read(document: Node, notes: &mut Notes) -> Result<Egg, ImportError> {
    let Node::Map(mut root) = document else {
        return Err(ImportError::NotAnEgg {
            reason: "the document is not an object".to_owned(),
        });
    };
    let mut source = Source::default();
    let meta = sections::meta(&mut root, &mut source, notes)?;
    let format = meta.format;
    source.format = Some(format);

    let name = match fields::optional_text(&mut root, "name", "", notes) {
        Some(name) if !name.trim().is_empty() => name,
        _ => {
            return Err(ImportError::NotAnEgg {
                reason: "it has no name".to_owned(),
            });
        }
    };
    let uuid = fields::optional_text(&mut root, "uuid", "", notes);
    let author = fields::optional_text(&mut root, "author", "", notes).unwrap_or_else(|| {
        notes.attention("/author", "The file names no author.");
        String::new()
    });
    let description = fields::optional_text(&mut root, "description", "", notes);
    let icon = sections::icon(&mut root, format, notes);
    let docker_images = sections::images(&mut root, format, notes);
    let startup_commands = sections::startup_commands(&mut root, format, &mut source, notes);
    if docker_images.is_empty() && startup_commands.is_empty() {
        return Err(ImportError::NotAnEgg {
            reason: "it has neither an image nor a startup command".to_owned(),
        });
    }
    if docker_images.is_empty() {
        notes.attention(
            "/docker_images",
            "The egg has no image; servers cannot start until one is added.",
        );
    }
    if startup_commands.is_empty() {
        notes.attention(
            "/startup",
            "The egg has no startup command; servers cannot start until one is added.",
        );
    }
    let tags = fields::text_list(&mut root, "tags", &mut source, notes);
    let features = fields::text_list(&mut root, "features", &mut source, notes);
    let file_denylist = fields::text_list(&mut root, "file_denylist", &mut source, notes);
    let force_outgoing_ip = fields::flag(&mut root, "force_outgoing_ip", "", false, notes);
    let separate_port = fields::flag(&mut root, "separate_port", "", false, notes);
    let config = config::read(&mut root, &mut source, notes)?;
    if config.placeholders() > LIMITS.placeholders {
        return Err(ImportError::TooMany {
            path: "/config/files".to_owned(),
            what: "placeholders",
            count: config.placeholders(),
            limit: LIMITS.placeholders,
        });
    }
    let script = sections::script(&mut root, &mut source, notes);
    let variables = variables::read(&mut root, format, notes)?;
    if notes.patterns > LIMITS.patterns {
        return Err(ImportError::TooMany {
            path: "the rules and the texts that tell the start together".to_owned(),
            what: "regular expressions",
            count: notes.patterns,
            limit: LIMITS.patterns,
        });
    }

    for known in ["_comment", "exported_at"] {
        root.shift_remove(known);
    }
    fields::keep_unknown(root, "", &mut source, notes);
    Ok(Egg {
        uuid,
        name,
        author,
        description,
        icon,
        tags,
        update_url: meta.update_url,
        features,
        docker_images,
        startup_commands,
        config,
        script,
        file_denylist,
        force_outgoing_ip,
        separate_port,
        variables,
        source,
    })
}

impl Format {
    /// The format a file's `meta.version` names.
    pub(crate) fn from_version(version: &str) -> Option<Self> {
        Some(match version {
            "PTDL_v1" => Self::PterodactylV1,
            "PTDL_v2" => Self::PterodactylV2,
            "PLCN_v1" => Self::PelicanV1,
            "PLCN_v2" => Self::PelicanV2,
            "PLCN_v3" => Self::PelicanV3,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
