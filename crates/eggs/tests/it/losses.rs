//! What each format loses, found out by writing and reading, as the table in `docs/EGGS.md` has it.

use std::fmt::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use expect_test::expect_file;
use panel_eggs::{Egg, Encoding, Format, NoteKind, Replacement, Stop, StopKind, export, import};
use serde_json::{Value, json};

use crate::models::named;

const BEGIN: &str = "<!-- table of losses: begin -->\n";
const END: &str = "<!-- table of losses: end -->";

/// An egg that every format can say.
fn plain() -> Egg {
    let edit = |matches: &str, value: Value| json!({"match": matches, "insert_new": true, "update_existing": true, "replace_with": value});
    let document = json!({
        "name": "Example", "description": "About", "author": "a@example.org",
        "config": {
            "files": {"a.yml": {"create_new": true, "parser": "yaml", "replace": [
                edit("port", json!("{{server.build.default.port}}")), edit("count", json!(5)),
            ]}},
            "startup": {"done": ["ready"], "strip_ansi": false},
            "stop": {"type": "command", "value": "quit"},
        },
        "scripts": {"installation": {"container": "debian:12", "entrypoint": "bash", "content": "true"}},
        "startup_commands": {"Default": "./run"},
        "docker_images": {"debian:12": "debian:12"},
        "features": ["eula"], "file_denylist": ["a.txt"],
        "variables": [variable("FIRST", 0), variable("SECOND", 1)],
    });
    let mut egg = import(document.to_string().as_bytes()).unwrap().egg;
    egg.source = panel_eggs::Source::default();
    egg
}

fn variable(name: &str, order: i64) -> Value {
    json!({
        "name": name, "description": "", "env_variable": name, "default_value": "1", "order": order,
        "user_viewable": true, "user_editable": true, "secret": false, "rules": ["required", "integer"],
    })
}

type Change = fn(&mut Egg);

fn edit(egg: &mut Egg, change: impl FnOnce(&mut Replacement)) {
    change(&mut egg.config.files[0].replace[0]);
}

/// What an egg can say beyond the plain one.
const ROWS: [(&str, Change); 26] = [
    ("Identity (`uuid`)", |egg| {
        egg.uuid = Some("7d2f6f52-7b4c-4c55-8b64-0e7d6f1c9a10".to_owned())
    }),
    ("Picture", |egg| {
        egg.icon = Some("data:image/png;base64,AAAA".to_owned())
    }),
    ("Tags", |egg| egg.tags.push("tag".to_owned())),
    ("Address of newer versions", |egg| {
        egg.update_url = Some("https://example.org/egg".to_owned())
    }),
    ("Labels of container images", |egg| {
        egg.docker_images
            .insert("Debian".to_owned(), "debian:13".to_owned());
    }),
    ("Label of the only startup command", |egg| {
        egg.startup_commands = [("Slow".to_owned(), "./run".to_owned())]
            .into_iter()
            .collect();
    }),
    ("Several startup commands", |egg| {
        egg.startup_commands
            .insert("Other".to_owned(), "./other".to_owned());
    }),
    ("Forced outgoing address", |egg| {
        egg.force_outgoing_ip = true
    }),
    ("Port shown apart", |egg| egg.separate_port = true),
    ("Edited file that is never created", |egg| {
        egg.config.files[0].create_new = false
    }),
    ("Edit only of a certain value", |egg| {
        edit(egg, |edit| edit.if_value = Some("regex:^1".to_owned()))
    }),
    ("Edit only of a missing key", |egg| {
        edit(egg, |edit| edit.update_existing = false)
    }),
    ("Edit only of a present key", |egg| {
        edit(egg, |edit| edit.insert_new = false)
    }),
    ("Two edits of one key", |egg| {
        let mut second = egg.config.files[0].replace[0].clone();
        second.replace_with = json!("2");
        egg.config.files[0].replace.push(second);
    }),
    ("Map as a new value", |egg| {
        edit(egg, |edit| edit.replace_with = json!({"a": "b"}))
    }),
    ("Several texts that tell the start", |egg| {
        egg.config.startup.done.push("regex:^up".to_owned())
    }),
    ("Colours taken out of console lines", |egg| {
        egg.config.startup.strip_ansi = true
    }),
    ("Stop by a signal", |egg| {
        egg.config.stop = stop(StopKind::Signal, Some("SIGQUIT"))
    }),
    ("Stop by a command that begins with `^`", |egg| {
        egg.config.stop = stop(StopKind::Command, Some("^quit"));
    }),
    ("Stop of the container alone", |egg| {
        egg.config.stop = stop(StopKind::Stop, None)
    }),
    ("Place of logs", |egg| {
        egg.config
            .logs
            .insert("location".to_owned(), json!("logs/latest.log"));
    }),
    ("Order of variables", |egg| egg.variables[0].order = Some(9)),
    ("Rule with a pipe in its pattern", |egg| {
        egg.variables[0].rules.push("regex:/^(1|2)$/".to_owned())
    }),
    ("Secret variables", |egg| egg.variables[0].secret = true),
    ("Translations of variables", |egg| {
        egg.variables[0]
            .name_translations
            .insert("de".to_owned(), "Erste".to_owned());
    }),
    ("Line ends and white space of scripts", |egg| {
        egg.script.content = " a\r\n\tb \n\n".to_owned()
    }),
];

fn stop(kind: StopKind, value: Option<&str>) -> Stop {
    Stop {
        kind,
        value: value.map(str::to_owned),
    }
}

/// What becomes of an egg in a format: the same, or else what its notes say.
fn outcome(what: &str, egg: &Egg, format: Format, encoding: Encoding) -> &'static str {
    let export = export(egg, format, encoding, DateTime::<Utc>::MIN_UTC);
    let again = import(export.to_text().as_bytes()).unwrap().egg;
    let has = |kind: NoteKind| export.notes.iter().any(|note| note.kind == kind);
    let kept = named(egg) == named(&again);
    match (kept, has(NoteKind::Dropped), has(NoteKind::Changed)) {
        (true, false, false) => "kept",
        (false, true, _) => "lost",
        (false, false, true) => "changed",
        _ => panic!(
            "{what} in {format:?} {encoding:?}: kept is {kept}, but the notes are {:?}",
            export.notes
        ),
    }
}

fn table() -> String {
    let mut table = String::from("| What an egg says |");
    for format in Format::ALL {
        let name = if format == Format::Native {
            "Calagopus, Roost"
        } else {
            format.as_str()
        };
        write!(table, " {name} |").unwrap();
    }
    writeln!(table, "\n|---|{}", "---|".repeat(Format::ALL.len())).unwrap();
    for (what, change) in ROWS {
        let mut egg = plain();
        change(&mut egg);
        write!(table, "| {what} |").unwrap();
        for format in Format::ALL {
            let cell = outcome(what, &egg, format, Encoding::Json);
            assert_eq!(
                outcome(what, &egg, format, Encoding::Yaml),
                cell,
                "{what} in {format:?}"
            );
            write!(table, " {} |", if cell == "kept" { "" } else { cell }).unwrap();
        }
        table.push('\n');
    }
    table
}

#[test]
fn every_format_keeps_a_plain_egg() {
    for format in Format::ALL {
        for encoding in [Encoding::Json, Encoding::Yaml] {
            assert_eq!(outcome("a plain egg", &plain(), format, encoding), "kept");
        }
    }
}

/// `UPDATE_EXPECT=1` writes the table.
#[test]
fn the_table_in_the_docs_says_what_each_format_loses() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/EGGS.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    expect_file![path].assert_eq(&format!("{before}{BEGIN}{}{END}{after}", table()));
}
