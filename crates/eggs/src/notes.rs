//! What a translation between formats has to say to the person who asked for it.

use serde::Serialize;

/// Something an administrator should know about a file that was read or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The place it is about, as a JSON pointer. After an import: in the file. After an export: in the egg, whose
    /// parts are named as in a native file, except that a variable is named by its environment name instead of
    /// its index and an edit of a configuration file by its `match`. Empty for the file as a whole.
    pub path: String,
    /// What kind of remark this is.
    pub kind: NoteKind,
    /// What happened, as a sentence for people.
    pub message: String,
}

/// The kinds of remarks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// The value was brought into the form it should have had.
    Repaired,
    /// The value was left out.
    Dropped,
    /// The format cannot say the value as it is; what was written means something else.
    Changed,
    /// The value has no meaning here; an export to the same family of formats writes it again.
    Ignored,
    /// The value was taken as it is, but will likely not do what its author wants.
    Attention,
}

/// The pointer of a key below a place.
pub(crate) fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}
