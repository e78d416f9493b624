//! Typed access to the fields of a document, with a note for each value that is not what it should be.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::LIMITS;
use super::document::{Node, NodeMap};
use crate::model::Source;
pub(super) use crate::notes::below;
use crate::notes::{Note, NoteKind};

/// Nobody reads more; a file made to have many must not fill the memory.
const MOST_NOTES: usize = 1_000;

/// Collects the notes of one import.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    /// The document's language has no dependable types (YAML as panels write it), so a number where a text
    /// belongs is not worth a note.
    pub(super) lenient: bool,
    /// Regular expressions met so far.
    pub(super) patterns: usize,
}

impl Notes {
    pub(super) fn repaired(&mut self, path: &str, message: impl Into<String>) {
        self.push(path, NoteKind::Repaired, message.into());
    }

    pub(super) fn dropped(&mut self, path: &str, message: impl Into<String>) {
        self.push(path, NoteKind::Dropped, message.into());
    }

    pub(super) fn ignored(&mut self, path: &str, message: impl Into<String>) {
        self.push(path, NoteKind::Ignored, message.into());
    }

    pub(super) fn attention(&mut self, path: &str, message: impl Into<String>) {
        self.push(path, NoteKind::Attention, message.into());
    }

    fn push(&mut self, path: &str, kind: NoteKind, message: String) {
        match self.notes.len().cmp(&MOST_NOTES) {
            Ordering::Less => {}
            Ordering::Equal => {
                let message = "There are more remarks than are listed here.".to_owned();
                self.notes.push(Note {
                    path: String::new(),
                    kind: NoteKind::Attention,
                    message,
                });
                return;
            }
            Ordering::Greater => return,
        }
        self.notes.push(Note {
            path: path.to_owned(),
            kind,
            message,
        });
    }

    /// Counts regular expressions that are met, and says whether they may be compiled: beyond the limit the file will be
    /// refused, and costs no more until then.
    pub(super) fn may_compile(&mut self, patterns: usize) -> bool {
        self.patterns += patterns;
        self.patterns <= LIMITS.patterns
    }

    pub(super) fn into_inner(self) -> Vec<Note> {
        self.notes
    }
}

/// A text that may be missing or null.
pub(super) fn optional_text(
    map: &mut NodeMap,
    key: &str,
    path: &str,
    notes: &mut Notes,
) -> Option<String> {
    let node = map.shift_remove(key)?;
    text_of(node, &below(path, key), notes)
}

/// The text of a scalar; other scalars than texts are noted where types are dependable.
pub(super) fn text_of(node: Node, path: &str, notes: &mut Notes) -> Option<String> {
    match node {
        Node::Null => None,
        Node::Text(text) => Some(text),
        Node::Bool(_) | Node::Number { .. } => {
            if !notes.lenient {
                notes.repaired(path, "This should be text; the value's text is used.");
            }
            node.scalar_text()
        }
        Node::List(_) | Node::Map(_) => {
            notes.dropped(path, "This should be text, but is a list or a map.");
            None
        }
    }
}

/// A boolean; `0`, `1` and their texts count, as old files have them.
pub(super) fn flag(
    map: &mut NodeMap,
    key: &str,
    path: &str,
    default: bool,
    notes: &mut Notes,
) -> bool {
    let Some(node) = map.shift_remove(key) else {
        return default;
    };
    let path = below(path, key);
    match &node {
        Node::Bool(value) => return *value,
        Node::Null => return default,
        _ => {}
    }
    let value = match node.scalar_text().as_deref() {
        Some("0" | "false" | "") => false,
        Some("1" | "true") => true,
        _ => {
            notes.dropped(
                &path,
                format!("This should be true or false; {default} is used."),
            );
            return default;
        }
    };
    notes.repaired(
        &path,
        format!("This should be true or false; read as {value}."),
    );
    value
}

/// A list of texts at the top level. Panels also write null, an empty map or an empty text for an empty one.
pub(super) fn text_list(
    map: &mut NodeMap,
    key: &str,
    source: &mut Source,
    notes: &mut Notes,
) -> Vec<String> {
    let Some(node) = map.shift_remove(key) else {
        return Vec::new();
    };
    let path = below("", key);
    let items = match node {
        Node::List(items) => items,
        Node::Null => {
            source.extra.insert(path, Value::Null);
            return Vec::new();
        }
        Node::Map(entries) => {
            if entries.is_empty() {
                source.extra.insert(path.clone(), Value::Object(Map::new()));
                if !notes.lenient {
                    notes.repaired(
                        &path,
                        "This should be a list; an empty map is read as an empty list.",
                    );
                }
                return Vec::new();
            }
            notes.repaired(
                &path,
                "This should be a list; the values of the map are used.",
            );
            entries.into_values().collect()
        }
        Node::Text(text) if text.is_empty() => {
            source.extra.insert(path.clone(), Value::String(text));
            notes.repaired(
                &path,
                "This should be a list; an empty text is read as an empty list.",
            );
            return Vec::new();
        }
        other => {
            notes.repaired(&path, "This should be a list; the single value is used.");
            vec![other]
        }
    };
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let path = format!("{path}/{index}");
        match text_of(item, &path, notes) {
            Some(text) if text.is_empty() => notes.dropped(&path, "An empty entry is left out."),
            Some(text) => texts.push(text),
            None => notes.dropped(&path, "An entry without a text is left out."),
        }
    }
    texts
}

/// Keeps what is left of a map for a later export.
pub(super) fn keep_unknown(map: NodeMap, path: &str, source: &mut Source, notes: &mut Notes) {
    for (key, node) in map {
        let path = below(path, &key);
        notes.ignored(&path, "This has no meaning here; it is kept for export.");
        source.extra.insert(path, node.into_value());
    }
}
