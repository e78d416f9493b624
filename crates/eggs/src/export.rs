//! Writing egg files.

mod files;
mod foreign;
mod names;
mod native;
mod remarks;
mod yaml;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, ser::PrettyFormatter};

use crate::model::{Egg, Format};
use crate::notes::{Note, NoteKind, below};

/// The languages an egg file can be written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// JSON, which every panel reads.
    #[default]
    Json,
    /// YAML, as Pelican writes it: the parts of `config` are maps instead of JSON inside a text.
    Yaml,
}

/// A written egg.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The document; its keys have the order of the format's own files.
    pub document: Value,
    /// The language [`Export::to_text`] writes.
    pub encoding: Encoding,
    /// What the format cannot say and the document therefore lacks or changes, and what the panel that the
    /// format is of will not like.
    pub notes: Vec<Note>,
}

impl Export {
    /// The document as the text of a file, indented as the panels do.
    pub fn to_text(&self) -> String {
        match self.encoding {
            Encoding::Json => indented(&self.document),
            Encoding::Yaml => yaml::text(&self.document),
        }
    }
}

/// Writes an egg as a document of another panel, or of our own API.
///
/// Reading the document again gives the same egg, apart from what [`Export::notes`] lists. Of an egg that came
/// from a file of the same family, parts without a meaning here and the original texts of unchanged `config`
/// entries are repeated. `at` is the moment the file says it was written; the native form says none.
pub fn export(egg: &Egg, format: Format, encoding: Encoding, at: DateTime<Utc>) -> Export {
    let mut writer = Writer {
        egg,
        format,
        encoding,
        notes: Vec::new(),
    };
    let mut document = match format {
        Format::Native => writer.native(),
        _ => writer.foreign(at),
    };
    writer.extras(&mut document);
    writer.remarks();
    Export {
        document,
        encoding,
        notes: writer.notes,
    }
}

struct Writer<'a> {
    egg: &'a Egg,
    format: Format,
    encoding: Encoding,
    notes: Vec<Note>,
}

impl Writer<'_> {
    fn same_family(&self) -> bool {
        self.egg
            .source
            .format
            .is_some_and(|source| source.family() == self.format.family())
    }

    fn note(&mut self, kind: NoteKind, path: impl Into<String>, message: impl Into<String>) {
        self.notes.push(Note {
            path: path.into(),
            kind,
            message: message.into(),
        });
    }

    fn dropped(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.note(NoteKind::Dropped, path, message);
    }

    fn changed(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.note(NoteKind::Changed, path, message);
    }

    fn attention(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.note(NoteKind::Attention, path, message);
    }

    /// Repeats what the original file said beyond the model, where the format is of the same family.
    fn extras(&mut self, document: &mut Value) {
        let same_family = self.same_family();
        for (pointer, value) in &self.egg.source.extra {
            let restored = same_family && restore(document, pointer, value);
            if !restored && !is_vacant(value) {
                self.dropped(
                    pointer.clone(),
                    "The format has no place for this part of the original file.",
                );
            }
        }
        if same_family {
            return;
        }
        for variable in &self.egg.variables {
            for (key, value) in &variable.extra {
                if !is_vacant(value) && key != "sort" {
                    self.dropped(
                        variable_path(&variable.env_variable, key),
                        "The format has no place for this part of the original file.",
                    );
                }
            }
        }
    }
}

/// The place of a variable's field in a note.
fn variable_path(env_variable: &str, field: &str) -> String {
    below(&below("/variables", env_variable), field)
}

pub(crate) fn indented(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8(bytes).unwrap_or_else(|_| value.to_string()),
        Err(_) => value.to_string(),
    }
}

/// Whether a value says nothing: panels write each of these for an empty part.
fn is_vacant(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Puts a value of the original file back at its place: where the key is missing, or where the model says
/// "empty" and the file said it in its own way. Says whether it is there now.
fn restore(document: &mut Value, pointer: &str, value: &Value) -> bool {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return false;
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    let Some(Value::Object(map)) = document.pointer_mut(parent) else {
        return false;
    };
    let free = map
        .get(&key)
        .is_none_or(|written| is_vacant(written) && is_vacant(value));
    if free {
        map.insert(key, value.clone());
    }
    free
}

/// A map with the entries that have a value.
fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    entries
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests;
