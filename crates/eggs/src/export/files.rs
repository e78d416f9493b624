//! The edited files of an egg, in both forms that panels know.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{Writer, below, names};
use crate::model::{ConfigFile, Parser, Replacement};

impl Writer<'_> {
    /// The files by their paths. A path that the egg lists twice is one entry in every format.
    fn by_path<'f>(
        &mut self,
        files: &'f [ConfigFile],
    ) -> IndexMap<&'f str, (&'f ConfigFile, Vec<&'f Replacement>)> {
        let mut found: IndexMap<&str, (&ConfigFile, Vec<&Replacement>)> = IndexMap::new();
        for file in files {
            match found.get_mut(file.file.as_str()) {
                None => {
                    found.insert(&file.file, (file, file.replace.iter().collect()));
                }
                Some((first, edits)) => {
                    edits.extend(&file.replace);
                    let same = first.parser == file.parser && first.create_new == file.create_new;
                    let message = if same {
                        "The file is listed twice; its edits are written as one list."
                    } else {
                        "The file is listed twice; it is written once, as it is listed first."
                    };
                    self.changed(below("/config/files", &file.file), message);
                }
            }
        }
        found
    }

    /// As a map of paths to maps of keys to values.
    pub(super) fn find_form(&mut self, files: &[ConfigFile]) -> Map<String, Value> {
        let mut map = Map::new();
        for (path, (file, edits)) in self.by_path(files) {
            let place = below("/config/files", path);
            let mut find = Map::new();
            for edit in edits {
                self.find_entry(&mut find, edit, file.parser, &below(&place, &edit.matches));
            }
            let mut entry = Map::new();
            entry.insert("parser".to_owned(), json!(file.parser));
            if !file.create_new {
                entry.insert("create_file".to_owned(), json!(false));
            }
            entry.insert("find".to_owned(), Value::Object(find));
            map.insert(path.to_owned(), Value::Object(entry));
        }
        map
    }

    fn find_entry(
        &mut self,
        find: &mut Map<String, Value>,
        edit: &Replacement,
        parser: Parser,
        place: &str,
    ) {
        let key = &edit.matches;
        let value = names::rename(&edit.replace_with, self.format.family());
        let is_last = find.keys().next_back() == Some(key);
        match (&edit.if_value, find.get_mut(key)) {
            (None, None) => {
                if value.is_object() {
                    self.changed(
                        place,
                        "The new value is a map, which the format reads as conditions.",
                    );
                }
                find.insert(key.clone(), value);
            }
            (Some(condition), None) => {
                find.insert(key.clone(), json!({ condition.as_str(): value }));
            }
            (Some(condition), Some(Value::Object(conditions)))
                if !conditions.contains_key(condition) =>
            {
                conditions.insert(condition.clone(), value);
                if !is_last {
                    self.changed(
                        place,
                        "The format lists all conditions of a key together; the order of edits changes.",
                    );
                }
            }
            _ => self.dropped(
                place,
                format!("The key `{key}` is edited twice; only the first edit is written."),
            ),
        }
        if !edit.update_existing || edit.insert_new != (parser != Parser::File) {
            self.changed(
                place,
                format!("The key `{key}` is always set; the format knows no other way."),
            );
        }
    }

    /// As a map of paths to lists of edits.
    pub(super) fn replace_form(&mut self, files: &[ConfigFile]) -> Map<String, Value> {
        self.by_path(files)
            .into_iter()
            .map(|(path, (file, edits))| {
                let entry =
                    json!({"create_new": file.create_new, "parser": file.parser, "replace": edits});
                (path.to_owned(), entry)
            })
            .collect()
    }
}
