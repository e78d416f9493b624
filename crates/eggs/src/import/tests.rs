use serde_json::{Value, json};

use super::*;
use crate::model::{InstallScript, Parser, StopKind};
use crate::notes::NoteKind;

/// A file of Pterodactyl with nothing to remark on.
fn plain() -> Value {
    json!({
        "meta": {"version": "PTDL_v2", "update_url": null},
        "exported_at": "2026-01-01T00:00:00+00:00",
        "name": "Example", "author": "a@example.org", "description": null, "features": null,
        "docker_images": {"Debian": "example/debian:12"}, "file_denylist": [],
        "startup": "./run",
        "config": {"files": "{}", "startup": "{\"done\": \"ready\"}", "logs": "{}", "stop": "^C"},
        "scripts": {"installation": {"script": "true", "container": "example/debian:12", "entrypoint": "bash"}},
        "variables": [{
            "name": "Port", "description": "", "env_variable": "QUERY_PORT", "default_value": "1",
            "user_viewable": true, "user_editable": false, "rules": "required|integer", "field_type": "text"
        }]
    })
}

/// The plain file with some places changed, given as JSON pointers; null removes a key.
fn changed(changes: &[(&str, Value)]) -> Value {
    let mut document = plain();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let map = document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        if value.is_null() {
            map.remove(key);
        } else {
            map.insert(key.to_owned(), value.clone());
        }
    }
    document
}

fn read(document: &Value) -> Import {
    import(document.to_string().as_bytes()).unwrap()
}

fn remarks(import: &Import) -> Vec<(&str, NoteKind)> {
    import
        .notes
        .iter()
        .map(|note| (note.path.as_str(), note.kind))
        .collect()
}

#[test]
fn a_plain_file_has_no_notes() {
    let import = read(&plain());
    assert_eq!(import.notes, []);
    assert_eq!(import.egg.startup_commands["Default"], "./run");
    assert_eq!(import.egg.variables[0].rules, ["required", "integer"]);
    assert_eq!(
        import.egg.script,
        InstallScript {
            container: "example/debian:12".to_owned(),
            entrypoint: "bash".to_owned(),
            content: "true".to_owned()
        }
    );
}

#[test]
fn marks_and_line_ends_of_other_systems_do_not_matter() {
    let text = format!(
        "\u{feff}\r\n  {}\r\n",
        serde_json::to_string_pretty(&plain())
            .unwrap()
            .replace('\n', "\r\n")
    );
    assert_eq!(import(text.as_bytes()).unwrap().egg, read(&plain()).egg);
}

#[test]
fn what_is_no_egg_is_refused_with_a_reason() {
    assert_eq!(import(b" \n"), Err(ImportError::Empty));
    assert_eq!(
        import(b"{\"a\": \"\xff\"}"),
        Err(ImportError::NotText { offset: 7 })
    );
    assert!(matches!(
        import(b"{\"a\": }"),
        Err(ImportError::Json { line: 1, .. })
    ));
    assert!(matches!(import(b"{} {}"), Err(ImportError::Json { .. })));
    assert!(matches!(import(b"a: [1"), Err(ImportError::Yaml { .. })));
    assert!(matches!(
        import(b"just text"),
        Err(ImportError::NotAnEgg { .. })
    ));
    assert!(matches!(
        import(b"[1, 2]"),
        Err(ImportError::NotAnEgg { .. })
    ));
    assert!(matches!(
        import(b"{\"name\": \"x\"}"),
        Err(ImportError::NotAnEgg { .. })
    ));
    let refused =
        |changes: &[(&str, Value)]| import(changed(changes).to_string().as_bytes()).unwrap_err();
    assert!(matches!(
        refused(&[("/name", json!(" "))]),
        ImportError::NotAnEgg { .. }
    ));
    assert!(matches!(
        refused(&[("/docker_images", Value::Null), ("/startup", Value::Null)]),
        ImportError::NotAnEgg { .. }
    ));
    assert_eq!(
        refused(&[("/meta/version", json!("PTDL_v9"))]),
        ImportError::UnknownVersion {
            version: "PTDL_v9".to_owned()
        }
    );
}

#[test]
fn bombs_are_refused() {
    let large = vec![b'{'; LIMITS.bytes + 1];
    assert_eq!(
        import(&large),
        Err(ImportError::TooLarge {
            size: LIMITS.bytes + 1,
            limit: LIMITS.bytes
        })
    );
    let too_deep = Err(ImportError::TooDeep {
        limit: LIMITS.depth,
    });
    let lists = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(import(lists.as_bytes()), too_deep);
    let flow = format!("a: {}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(import(flow.as_bytes()), too_deep);
    let blocks: String = (0..100)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    assert_eq!(import(blocks.as_bytes()), too_deep);
    let long = "- x\n".repeat(LIMITS.entries + 1);
    assert!(matches!(
        import(long.as_bytes()),
        Err(ImportError::TooMany { .. })
    ));
    let aliases = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assert_eq!(
        import(aliases.as_bytes()),
        Err(ImportError::Alias { line: 2 })
    );
    let many: Vec<Value> = vec![json!({}); LIMITS.variables + 1];
    assert!(matches!(
        import(
            changed(&[("/variables", json!(many))])
                .to_string()
                .as_bytes()
        ),
        Err(ImportError::TooMany {
            count: 1_001,
            limit: 1_000,
            ..
        })
    ));
    let many = vec![json!("x"); LIMITS.entries + 1];
    assert!(matches!(
        import(
            changed(&[("/features", json!(many))])
                .to_string()
                .as_bytes()
        ),
        Err(ImportError::TooMany { .. })
    ));
}

#[test]
fn a_document_of_many_small_lists_is_refused() {
    let many = format!("[{}]", vec!["1"; 1_000].join(","));
    let lists = vec![many; LIMITS.values / 1_000].join(",");
    for text in [format!("{{\"a\": [{lists}]}}"), format!("a: [{lists}]")] {
        let refused = import(text.as_bytes());
        let Err(ImportError::TooMany { what, limit, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!((what, limit), ("values", LIMITS.values));
    }
}

/// Compiling a regular expression costs far more than writing one, so few are compiled however many there are.
#[test]
fn a_bomb_of_regular_expressions_is_refused() {
    let pattern = "regex:/((((a{99}){99}){99}){99}){99}/";
    let variable = |index: usize| {
        let mut variable = plain()["variables"][0].clone();
        variable["env_variable"] = json!(format!("V{index}"));
        variable["rules"] = json!(vec![pattern; LIMITS.rules]);
        variable
    };
    let few: Vec<Value> = vec![variable(0), variable(1)];
    let notes = read(&changed(&[("/variables", json!(few))])).notes;
    assert_eq!(notes.len(), 2 * LIMITS.rules);
    assert!(notes[0].message.contains("too much memory"), "{notes:?}");
    let many: Vec<Value> = (0..10).map(variable).collect();
    let refused = |pointer: &str, value: Value| {
        let Err(ImportError::TooMany { what, .. }) =
            import(changed(&[(pointer, value)]).to_string().as_bytes())
        else {
            panic!("{pointer} was taken");
        };
        what
    };
    assert_eq!(refused("/variables", json!(many)), "regular expressions");
    let done = json!({"done": vec!["regex:((a{99}){99}){99}"; LIMITS.patterns + 1]});
    assert_eq!(refused("/config/startup", done), "regular expressions");
    let mut long = variable(0);
    long["rules"] = json!("string|".repeat(LIMITS.rules));
    assert_eq!(refused("/variables", json!([long])), "rules");
}

#[test]
fn endless_remarks_are_cut() {
    let import = read(&changed(&[("/features", json!(vec![""; 5_000]))]));
    assert_eq!(import.notes.len(), 1_001);
    assert_eq!(
        import.notes.last().map(|note| note.kind),
        Some(NoteKind::Attention)
    );
}

#[test]
fn a_json_text_inside_the_file_has_the_same_limits() {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let refused = |files: String| {
        let document = changed(&[("/config/files", json!(files))]);
        import(document.to_string().as_bytes())
    };
    assert_eq!(
        refused(deep),
        Err(ImportError::TooDeep {
            limit: LIMITS.depth
        })
    );
    let long = json!({"a": {"parser": "file", "find": vec![1; LIMITS.entries + 1]}});
    assert!(matches!(
        refused(long.to_string()),
        Err(ImportError::TooMany { .. })
    ));
    let import = read(&changed(&[("/config/logs", json!("{broken"))]));
    assert_eq!(remarks(&import), [("/config/logs", NoteKind::Dropped)]);
}

#[test]
fn keys_that_occur_twice_are_noted() {
    let text = plain().to_string().replacen(
        "\"name\":\"Example\"",
        "\"name\":\"One\",\"name\":\"Two\"",
        1,
    );
    let import = import(text.as_bytes()).unwrap();
    assert_eq!(import.egg.name, "Two");
    assert_eq!(remarks(&import), [("", NoteKind::Repaired)]);
}

#[test]
fn the_first_version_names_its_images_otherwise() {
    let old = [
        ("/meta/version", json!("PTDL_v1")),
        ("/docker_images", Value::Null),
    ];
    let import = read(&changed(
        &[&old[..], &[("/images", json!(["a:1", "b:2"]))]].concat(),
    ));
    assert_eq!(import.notes, []);
    assert_eq!(import.egg.default_image(), Some(("a:1", "a:1")));
    let import = read(&changed(&[&old[..], &[("/image", json!("a:1"))]].concat()));
    assert_eq!(import.egg.docker_images.len(), 1);
    let import = read(&changed(&[
        ("/docker_images", Value::Null),
        ("/images", json!(["a:1"])),
    ]));
    assert_eq!(remarks(&import), [("/docker_images", NoteKind::Repaired)]);
}

#[test]
fn images_are_tidied() {
    let import = read(&changed(&[(
        "/docker_images",
        json!({"A": " a:1 ", "B": "a:1", "C": "", "D": "d"}),
    )]));
    assert_eq!(
        import.egg.docker_images.values().collect::<Vec<_>>(),
        ["a:1", "d"]
    );
    assert_eq!(
        remarks(&import),
        [
            ("/docker_images/A", NoteKind::Repaired),
            ("/docker_images/B", NoteKind::Dropped),
            ("/docker_images/C", NoteKind::Dropped)
        ]
    );
    let import = read(&changed(&[("/docker_images", json!(["a:1"]))]));
    assert_eq!(import.egg.default_image(), Some(("a:1", "a:1")));
    assert_eq!(remarks(&import), [("/docker_images", NoteKind::Repaired)]);
}

#[test]
fn every_way_to_stop_is_understood() {
    for (text, kind, value, noted) in [
        ("stop", StopKind::Command, Some("stop"), false),
        (
            "shutdown; exit;",
            StopKind::Command,
            Some("shutdown; exit;"),
            false,
        ),
        ("^C", StopKind::Signal, Some("SIGINT"), false),
        ("^c", StopKind::Signal, Some("SIGINT"), false),
        ("^^C", StopKind::Signal, Some("SIGKILL"), false),
        ("^SIGTERM", StopKind::Signal, Some("SIGTERM"), false),
        ("^X", StopKind::Signal, Some("SIGKILL"), true),
        ("^C & ^C", StopKind::Signal, Some("SIGKILL"), true),
        ("", StopKind::Stop, None, true),
    ] {
        let import = read(&changed(&[("/config/stop", json!(text))]));
        let stop = &import.egg.config.stop;
        assert_eq!((stop.kind, stop.value.as_deref()), (kind, value), "{text}");
        assert_eq!(!import.notes.is_empty(), noted, "{text}");
    }
}

#[test]
fn startup_texts_may_be_one_or_many_or_none() {
    let done = |startup: Value| {
        let import = read(&changed(&[("/config/startup", startup)]));
        (
            import.egg.config.startup.done.clone(),
            remarks(&import).len(),
        )
    };
    assert_eq!(done(json!("{\"done\": \"\"}")), (vec![String::new()], 0));
    assert_eq!(
        done(json!("{\"done\": [\"a\", \"b\"], \"userInteraction\": []}")).0,
        ["a", "b"]
    );
    assert_eq!(
        done(json!({"done": "a", "strip_ansi": true})),
        (vec!["a".to_owned()], 0)
    );
    assert_eq!(done(json!("{}")), (Vec::new(), 1));
    assert_eq!(done(json!("{\"done\": \"regex:(\"}")).1, 1);
}

#[test]
fn files_keep_conditions_and_types() {
    let files = json!({
        "a.yml": {"parser": "yml", "create_file": false, "find": {
            "x": {"1": "one", "regex:^2$": 2}, "y": true,
        }},
        "b": {"parser": "file", "find": {"p": "q"}},
        "c": {"parser": "json", "replace": [{"match": "m", "value": 1, "insert_new": false}]},
        "d": {"parser": "other", "find": {}},
        "e": {"parser": "ini"},
    });
    let import = read(&changed(&[("/config/files", json!(files.to_string()))]));
    let files = &import.egg.config.files;
    assert_eq!(
        (files[0].parser, files[0].create_new),
        (Parser::Yaml, false)
    );
    let edits: Vec<_> = files[0]
        .replace
        .iter()
        .map(|edit| {
            (
                edit.matches.as_str(),
                edit.if_value.as_deref(),
                edit.replace_with.clone(),
            )
        })
        .collect();
    assert_eq!(
        edits,
        [
            ("x", Some("1"), json!("one")),
            ("x", Some("regex:^2$"), json!(2)),
            ("y", None, json!(true))
        ]
    );
    assert!(files[0].replace[0].insert_new && !files[1].replace[0].insert_new);
    assert_eq!(
        (
            files[2].replace[0].replace_with.clone(),
            files[2].replace[0].insert_new
        ),
        (json!(1), false)
    );
    assert_eq!(
        remarks(&import),
        [
            ("/config/files/d", NoteKind::Dropped),
            ("/config/files/e", NoteKind::Dropped)
        ]
    );
}

#[test]
fn variables_are_repaired_or_left_out_with_a_note() {
    let variable = |changes: Value| {
        let mut variable = plain()["variables"][0].clone();
        for (key, value) in changes.as_object().unwrap() {
            variable[key] = value.clone();
        }
        read(&changed(&[("/variables", json!([variable]))]))
    };
    let import = variable(json!({"user_viewable": 1, "default_value": 5}));
    assert!(import.egg.variables[0].user_viewable);
    assert_eq!(import.egg.variables[0].default_value, "5");
    assert_eq!(import.notes.len(), 2);
    let import = variable(json!({"rules": {}}));
    assert_eq!(
        (import.egg.variables[0].rules.len(), remarks(&import)),
        (0, vec![("/variables/0/rules", NoteKind::Repaired)])
    );
    let import = variable(json!({"rules": ["regex:/a|b/", "max:3"]}));
    assert_eq!(import.egg.variables[0].rules, ["regex:/a|b/", "max:3"]);
    assert_eq!(import.notes, []);
    let import = variable(json!({"rules": "regex:/^(?!x)/"}));
    assert_eq!(
        remarks(&import),
        [("/variables/0/rules", NoteKind::Attention)]
    );
    let import = variable(json!({"env_variable": "A B"}));
    assert_eq!(
        (import.egg.variables.len(), remarks(&import)),
        (0, vec![("/variables/0/env_variable", NoteKind::Dropped)])
    );
    let import = variable(json!({"env_variable": "SERVER_PORT"}));
    assert_eq!(
        remarks(&import),
        [("/variables/0/env_variable", NoteKind::Attention)]
    );
    let import = variable(json!({"sort": 3}));
    assert_eq!(
        (import.egg.variables[0].order, import.notes.len()),
        (Some(3), 0)
    );
}

#[test]
fn of_two_variables_of_one_name_the_last_counts() {
    let mut second = plain()["variables"][0].clone();
    second["default_value"] = json!("2");
    let mut third = second.clone();
    third["env_variable"] = json!("query_port");
    let import = read(&changed(&[(
        "/variables",
        json!([plain()["variables"][0], second, third]),
    )]));
    let values: Vec<&str> = import
        .egg
        .variables
        .iter()
        .map(|variable| variable.default_value.as_str())
        .collect();
    assert_eq!(values, ["2", "2"]);
    assert_eq!(
        remarks(&import),
        [
            ("/variables/0", NoteKind::Dropped),
            ("/variables/2/env_variable", NoteKind::Attention)
        ]
    );
}

#[test]
fn lists_are_empty_in_many_ways() {
    let import = read(&changed(&[
        ("/features", json!({})),
        ("/file_denylist", json!(["", "a"])),
        ("/tags", json!("")),
    ]));
    assert!(import.egg.features.is_empty() && import.egg.tags.is_empty());
    assert_eq!(import.egg.file_denylist, ["a"]);
    assert_eq!(import.notes.len(), 3);
}

#[test]
fn what_has_no_meaning_is_kept_and_noted() {
    let import = read(&changed(&[("/config/privileged", json!(true))]));
    assert_eq!(import.egg.source.extra["/config/privileged"], json!(true));
    assert_eq!(
        remarks(&import),
        [("/config/privileged", NoteKind::Ignored)]
    );
}

#[test]
fn yaml_scalars_keep_their_text() {
    let text = r#"
meta: {version: PLCN_v3}
name: 'Example'
author: a@example.org
description: |-
  two
  lines
uuid: 327fd1a8-05cb-4d12-a45d-70e7df4ebbce
tags: {  }
features: {}
docker_images:
  Debian: 'example/debian:12'
startup_commands:
  Default: ./run
  Other: ./run --other
config:
  files:
    a.json: {parser: json, find: {a: true, b: "7", c: 7}}
  startup: {done: [one, 'two']}
  logs: {}
  stop: ^C
scripts:
  installation: {script: "one\r\ntwo", container: x, entrypoint: bash}
variables:
  - {name: Version, description: no, env_variable: V, default_value: 1.10, user_viewable: true, user_editable: yes, rules: [required, 'in:1.10,1.20']}
  - {name: Flag, description: null, env_variable: F, default_value: true, user_viewable: true, user_editable: false, rules: {}, sort: 2}
  - {name: Octal, env_variable: O, default_value: 007, rules: []}
"#;
    let import = import(text.as_bytes()).unwrap();
    let egg = &import.egg;
    assert_eq!(egg.description.as_deref(), Some("two\nlines"));
    let defaults: Vec<&str> = egg
        .variables
        .iter()
        .map(|variable| variable.default_value.as_str())
        .collect();
    assert_eq!(defaults, ["1.10", "true", "007"]);
    assert_eq!(egg.variables[0].description, "no");
    assert_eq!(egg.startup_commands.len(), 2);
    assert_eq!(egg.script.content, "one\r\ntwo");
    let values: Vec<&Value> = egg.config.files[0]
        .replace
        .iter()
        .map(|edit| &edit.replace_with)
        .collect();
    assert_eq!(values, [&json!(true), &json!("7"), &json!(7)]);
    assert_eq!(
        remarks(&import),
        [
            ("/variables/0/user_editable", NoteKind::Dropped),
            ("/variables/1/rules", NoteKind::Repaired)
        ]
    );
}

#[test]
fn a_file_without_a_version_is_known_by_its_shape() {
    let document = json!({
        "name": "Example", "description": null, "author": "ops@example.org",
        "config": {
            "files": {"server.properties": {"create_new": true, "parser": "properties", "replace": [
                {"match": "server-port", "insert_new": true, "update_existing": true, "if_value": null,
                    "replace_with": "{{server.build.default.port}}"}]}},
            "startup": {"done": ["Ready"], "strip_ansi": false},
            "stop": {"type": "signal", "value": "SIGINT"}
        },
        "scripts": {"installation": {"container": "debian:12", "entrypoint": "bash", "content": "true"}},
        "startup_commands": {"Default": "./run"}, "force_outgoing_ip": true, "separate_port": false,
        "features": [], "docker_images": {"Debian": "debian:12"}, "file_denylist": [],
        "variables": [{"name": "Players", "name_translations": {"de": "Spieler"}, "description": null,
            "description_translations": {}, "order": 1, "env_variable": "MAX", "default_value": null,
            "user_viewable": true, "user_editable": true, "secret": true, "rules": ["required"]}]
    });
    let import = read(&document);
    assert_eq!(import.notes, []);
    let egg = import.egg;
    assert_eq!(egg.source.format, Some(Format::Native));
    assert!(egg.force_outgoing_ip && egg.variables[0].secret);
    assert_eq!(egg.variables[0].name_translations["de"], "Spieler");
    assert_eq!(egg.config.stop.value.as_deref(), Some("SIGINT"));
}

#[test]
fn pictures_are_not_container_images() {
    let picture = "data:image/png;base64,AAAA";
    let import = read(&changed(&[
        ("/meta/version", json!("PLCN_v1")),
        ("/image", json!(picture)),
    ]));
    assert_eq!(import.egg.icon.as_deref(), Some(picture));
    assert_eq!(import.notes, []);
}
