//! A file read again gives the egg that was written, but for what the notes of the export name.

use chrono::{DateTime, Utc};
use panel_eggs::{Egg, Encoding, Format, Note, NoteKind, export, import};
use serde_json::{Map, Value, json};

use crate::corpus::{files, read, without_source};
use crate::leaves::one_name;

/// An egg under the names that notes use, its lists by their keys. The order of variables is their list.
pub(crate) fn named(egg: &Egg) -> Value {
    let mut egg = without_source(egg.clone());
    let shown: Vec<String> = egg
        .ordered_variables()
        .into_iter()
        .map(|variable| variable.env_variable.clone())
        .collect();
    for variable in &mut egg.variables {
        variable.order = None;
    }
    let mut value: Value =
        serde_json::from_str(&one_name(&serde_json::to_string(&egg).unwrap())).unwrap();
    let by = |list: &Value, key: &str| -> Value {
        let mut map = Map::new();
        for item in list.as_array().unwrap() {
            let entry = map
                .entry(item[key].as_str().unwrap())
                .or_insert_with(|| json!([]));
            entry.as_array_mut().unwrap().push(item.clone());
        }
        Value::Object(map)
    };
    for file in value["config"]["files"].as_array_mut().unwrap() {
        file["replace"] = by(&file["replace"], "match");
    }
    value["config"]["files"] = by(&value["config"]["files"], "file");
    value["variables"] = by(&value["variables"], "env_variable");
    value["scripts"] = json!({ "installation": value["script"].take() });
    value["shown"] = json!(shown);
    for map in ["docker_images", "startup_commands"] {
        let order: Vec<String> = value[map].as_object().unwrap().keys().cloned().collect();
        value[format!("{map}_order")] = json!(order);
    }
    value
}

/// The places at which two eggs differ.
fn differences(one: &Value, other: &Value, place: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let keys = left
                .keys()
                .chain(right.keys().filter(|key| !left.contains_key(*key)));
            for key in keys {
                let place = format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
                let (left, right) = (
                    left.get(key).unwrap_or(&Value::Null),
                    right.get(key).unwrap_or(&Value::Null),
                );
                differences(left, right, &place, found);
            }
        }
        _ if one == other => {}
        _ => found.push(place.to_owned()),
    }
}

/// The differences between an egg and what is read of its export that no note names.
pub(crate) fn unnamed(egg: &Egg, again: &Egg, notes: &[Note]) -> Vec<String> {
    let mut found = Vec::new();
    differences(&named(egg), &named(again), "", &mut found);
    let covered = |place: &String| {
        notes.iter().any(|note| {
            // Labels that are written anew, and the edits of one key or file, change more than the place itself.
            let place = place
                .replacen("_order", "", 1)
                .replacen("/replace/", "/", 1);
            let path = note.path.as_str();
            matches!(note.kind, NoteKind::Dropped | NoteKind::Changed)
                && (place.starts_with(path)
                    || path.starts_with(&place)
                    || (path.starts_with("/docker_images") && place.starts_with("/docker_images"))
                    || (path.starts_with("/startup_commands")
                        && place.starts_with("/startup_commands")))
        })
    };
    found.retain(|place| !covered(place));
    found
}

#[test]
fn reading_an_export_gives_the_same_egg_in_every_format() {
    for (path, bytes) in files() {
        let egg = read(&path, &bytes);
        for format in Format::ALL {
            for encoding in [Encoding::Json, Encoding::Yaml] {
                let export = export(&egg, format, encoding, DateTime::<Utc>::MIN_UTC);
                let again = import(export.to_text().as_bytes()).unwrap().egg;
                let place = format!("{} {format:?} {encoding:?}", path.display());
                assert_eq!(unnamed(&egg, &again, &export.notes), [""; 0], "{place}");
                assert_eq!(again.source.format, Some(format), "{place}");
            }
        }
    }
}

/// A file's own format loses nothing, and what was written once is written the same ever after.
#[test]
fn a_files_own_format_keeps_all_of_it() {
    for (path, bytes) in files() {
        let egg = read(&path, &bytes);
        let own = egg.source.format.unwrap();
        for encoding in [Encoding::Json, Encoding::Yaml] {
            let at = DateTime::<Utc>::MIN_UTC;
            let first = export(&egg, own, encoding, at);
            let lost: Vec<&Note> = first
                .notes
                .iter()
                .filter(|note| note.kind != NoteKind::Attention)
                .collect();
            assert!(lost.is_empty(), "{}: {lost:?}", path.display());
            let again = import(first.to_text().as_bytes()).unwrap().egg;
            assert_eq!(named(&again), named(&egg), "{}", path.display());
            let second = export(&again, own, encoding, at);
            assert_eq!(second.to_text(), first.to_text(), "{}", path.display());
        }
    }
}
