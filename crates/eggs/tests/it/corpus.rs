//! Every file of the egg corpus imports, and survives a round trip.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use panel_eggs::{Egg, Encoding, Format, RuleSet, export, import};
use serde_json::Value;

/// The folder of real eggs beside the project. Without it a test says so and does nothing, but not in CI.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/eggs");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "../shared/eggs is absent"
    );
    announce("skipped: ../shared/eggs is absent");
    None
}

/// Writes past the capture of the test harness, which hides what a passing test prints.
fn announce(text: &str) {
    std::io::stderr()
        .write_all(format!("{text}\n").as_bytes())
        .unwrap();
}

pub(crate) fn files() -> Vec<(PathBuf, Vec<u8>)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path
                .extension()
                .is_some_and(|end| end == "json" || end == "yaml")
            {
                files.push(path);
            }
        }
    }
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    walk(&folder, &mut paths);
    paths.sort();
    assert!(paths.len() > 50, "the corpus has {} files", paths.len());
    paths
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

pub(crate) fn read(path: &Path, bytes: &[u8]) -> Egg {
    import(bytes)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .egg
}

/// What a file says beside where it came from.
pub(crate) fn without_source(mut egg: Egg) -> Egg {
    egg.source = panel_eggs::Source::default();
    for variable in &mut egg.variables {
        variable.extra.clear();
    }
    egg
}

#[test]
fn every_file_imports() {
    let files = files();
    for (path, bytes) in &files {
        let egg = read(path, bytes);
        assert!(
            !egg.docker_images.is_empty() && !egg.startup_commands.is_empty(),
            "{}",
            path.display()
        );
    }
    announce(&format!("{} files of ../shared/eggs imported", files.len()));
}

/// A Pterodactyl file comes out as it went in, except for what has no meaning and for repairs, each of which
/// has a note.
#[test]
fn pterodactyl_files_keep_every_field() {
    for (path, bytes) in files() {
        let imported = import(&bytes).unwrap();
        if imported.egg.source.format != Some(Format::PterodactylV2) {
            continue;
        }
        let mut before: Value = serde_json::from_slice(&bytes).unwrap();
        let mut after = export(
            &imported.egg,
            Format::PterodactylV2,
            Encoding::Json,
            DateTime::<Utc>::MIN_UTC,
        )
        .document;
        for document in [&mut before, &mut after] {
            let root = document.as_object_mut().unwrap();
            root.remove("_comment");
            root.remove("exported_at");
            for variable in root["variables"].as_array_mut().unwrap() {
                variable.as_object_mut().unwrap().remove("field_type");
            }
        }
        let repaired = |place: &str| {
            imported
                .notes
                .iter()
                .any(|note| note.path.starts_with(place))
        };
        let before = before.as_object().unwrap();
        for (key, value) in before {
            let place = format!("/{key}");
            match key.as_str() {
                "variables"
                    if imported
                        .notes
                        .iter()
                        .any(|note| note.message.contains("declared twice")) => {}
                "variables" => {
                    let list = value
                        .as_array()
                        .unwrap()
                        .iter()
                        .zip(after[key].as_array().unwrap());
                    for (index, (before, after)) in list.enumerate() {
                        for (key, value) in before.as_object().unwrap() {
                            let normalised = match value {
                                Value::Array(rules) if key == "rules" => {
                                    let rules: Vec<&str> =
                                        rules.iter().map(|rule| rule.as_str().unwrap()).collect();
                                    Value::String(rules.join("|"))
                                }
                                other => other.clone(),
                            };
                            if !repaired(&format!("/variables/{index}/{key}")) {
                                assert_eq!(
                                    after[key],
                                    normalised,
                                    "{}: {place}/{index}/{key}",
                                    path.display()
                                );
                            }
                        }
                    }
                }
                "images" => assert!(repaired("/docker_images"), "{}", path.display()),
                _ if after.get(key) == Some(value) => {}
                _ => assert!(repaired(&place), "{}: {key}", path.display()),
            }
        }
    }
}

#[test]
fn every_rule_of_the_corpus_can_be_checked() {
    for (path, bytes) in files() {
        for variable in read(&path, &bytes).variables {
            let rules = RuleSet::parse(&variable.rules);
            assert_eq!(
                rules.unsupported(),
                [],
                "{}: {}",
                path.display(),
                variable.env_variable
            );
        }
    }
}

#[test]
fn cut_files_are_refused_and_never_panic() {
    for (_, bytes) in files() {
        for parts in 1..8 {
            let cut = &bytes[..bytes.len() * parts / 8];
            if bytes.starts_with(b"{") {
                assert!(import(cut).is_err());
            } else if let Ok(import) = import(cut) {
                assert!(!import.egg.name.is_empty());
            }
        }
    }
}
