//! Malformed and unusual files, one test for each row of the reference's table of them.

use panel_eggs::{Import, ImportError, NoteKind, Parser, RuleSet, import};
use serde_json::{Value, json};

/// A file of Pterodactyl with nothing to remark on.
fn plain() -> Value {
    json!({
        "meta": {"version": "PTDL_v2"}, "name": "Example", "author": "a@example.org", "description": null,
        "features": null, "docker_images": {"Debian": "debian:12"}, "file_denylist": [], "startup": "./run",
        "config": {"files": "{}", "startup": "{\"done\": \"ready\"}", "logs": "{}", "stop": "^C"},
        "scripts": {"installation": {"script": "true", "container": "debian:12", "entrypoint": "bash"}},
        "variables": [{
            "name": "Port", "description": "", "env_variable": "PORT", "default_value": "1", "user_viewable": true,
            "user_editable": true, "rules": "required|integer", "field_type": "text"
        }]
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut file = plain();
    change(&mut file);
    file
}

fn read(file: &Value) -> Import {
    import(file.to_string().as_bytes()).unwrap()
}

/// Reads a changed plain file and expects exactly these remarks.
fn noted(change: impl FnOnce(&mut Value), expected: &[(&str, NoteKind)]) -> Import {
    let read = read(&with(change));
    let notes: Vec<_> = read
        .notes
        .iter()
        .map(|note| (note.path.as_str(), note.kind))
        .collect();
    assert_eq!(notes, expected, "{:?}", read.notes);
    read
}

#[test]
fn broken_json_is_refused_with_its_place() {
    for text in [
        "{\"name\": \"a \"quoted\" word\"}",
        "{\"name\": \"a\\d\"}",
        "{\"name\": ",
    ] {
        let refused = import(text.as_bytes());
        assert!(
            matches!(refused, Err(ImportError::Json { line: 1, .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn v1_images_without_docker_images() {
    let version = |version: &'static str, key: &'static str, images: Value| {
        move |file: &mut Value| {
            file["meta"]["version"] = json!(version);
            file.as_object_mut().unwrap().remove("docker_images");
            file[key] = images;
        }
    };
    let two = json!(["a:1", "b:2"]);
    let egg = noted(version("PTDL_v1", "images", two.clone()), &[]).egg;
    assert_eq!(
        json!(egg.docker_images),
        json!({"a:1": "a:1", "b:2": "b:2"})
    );
    let egg = noted(version("PTDL_v1", "image", json!("a:1")), &[]).egg;
    assert_eq!(json!(egg.docker_images), json!({"a:1": "a:1"}));
    let repaired = [("/docker_images", NoteKind::Repaired)];
    let egg = noted(version("PTDL_v2", "images", two), &repaired).egg;
    assert_eq!(egg.default_image(), Some(("a:1", "a:1")));
}

#[test]
fn docker_images_as_list() {
    let list = |file: &mut Value| file["docker_images"] = json!(["a:1", "b:2"]);
    let egg = noted(list, &[("/docker_images", NoteKind::Repaired)]).egg;
    assert_eq!(
        json!(egg.docker_images),
        json!({"a:1": "a:1", "b:2": "b:2"})
    );
}

#[test]
fn parser_yml() {
    let files = json!({"a.yml": {"parser": "yml", "find": {"a": "b"}}}).to_string();
    let egg = noted(|file| file["config"]["files"] = json!(files), &[]).egg;
    assert_eq!(egg.config.files[0].parser, Parser::Yaml);
}

#[test]
fn user_viewable_0_or_1() {
    let numbers = |file: &mut Value| {
        file["variables"][0]["user_viewable"] = json!(1);
        file["variables"][0]["user_editable"] = json!(0);
    };
    let repaired = [
        ("/variables/0/user_viewable", NoteKind::Repaired),
        ("/variables/0/user_editable", NoteKind::Repaired),
    ];
    let egg = noted(numbers, &repaired).egg;
    let variable = &egg.variables[0];
    assert_eq!(
        (variable.user_viewable, variable.user_editable),
        (true, false)
    );
}

#[test]
fn rules_a_map() {
    let map = |file: &mut Value| file["variables"][0]["rules"] = json!({});
    let egg = noted(map, &[("/variables/0/rules", NoteKind::Repaired)]).egg;
    assert_eq!(egg.variables[0].rules, [""; 0]);
}

#[test]
fn rules_a_list_inside_ptdl_v2() {
    let rules = json!(["required", "regex:/^(a|b)$/"]);
    let list = |file: &mut Value| file["variables"][0]["rules"] = rules.clone();
    let egg = noted(list, &[]).egg;
    assert_eq!(json!(egg.variables[0].rules), rules);
}

#[test]
fn variable_key_sort_inside_ptdl_v2() {
    let sorted = |file: &mut Value| {
        let mut second = file["variables"][0].clone();
        second["env_variable"] = json!("SECOND");
        second["sort"] = json!(1);
        file["variables"][0]["sort"] = json!(2);
        file["variables"].as_array_mut().unwrap().push(second);
    };
    let egg = noted(sorted, &[]).egg;
    let shown: Vec<_> = egg.ordered_variables();
    assert_eq!(shown[0].env_variable, "SECOND");
    noted(|file| file["variables"][0]["sort"] = Value::Null, &[]);
}

#[test]
fn startup_and_startup_commands_both_present() {
    let both = |file: &mut Value| {
        file["meta"]["version"] = json!("PLCN_v3");
        file["startup_commands"] = json!({"Fast": "./fast"});
    };
    let egg = noted(both, &[("/startup", NoteKind::Ignored)]).egg;
    assert_eq!(egg.default_startup(), Some(("Fast", "./fast")));
}

#[test]
fn startup_a_map_holding_done() {
    let map = |file: &mut Value| {
        file["meta"]["version"] = json!("PLCN_v3");
        file["startup_commands"] = json!({"Fast": "./fast"});
        file["startup"] = json!({"done": "never", "user_interaction": []});
    };
    let egg = noted(map, &[("/startup", NoteKind::Ignored)]).egg;
    assert_eq!(egg.config.startup.done, ["ready"]);
}

#[test]
fn empty_rule_elements() {
    for rules in ["", "required|", "|required", "required||integer"] {
        let egg = noted(|file| file["variables"][0]["rules"] = json!(rules), &[]).egg;
        let set = RuleSet::parse(&egg.variables[0].rules);
        assert_eq!(set.unsupported(), []);
        assert_eq!(set.is_required(), rules.contains("required"), "{rules}");
    }
}

#[test]
fn reserved_variable_name() {
    let name = |name: &'static str| {
        move |file: &mut Value| file["variables"][0]["env_variable"] = json!(name)
    };
    let seen = [("/variables/0/env_variable", NoteKind::Attention)];
    for daemons in ["SERVER_PORT", "startup", "TZ"] {
        noted(name(daemons), &seen);
    }
    for kept in ["HOSTNAME", "LANG", "HOME"] {
        assert_eq!(noted(name(kept), &[]).egg.variables[0].env_variable, kept);
    }
}

#[test]
fn duplicate_env_variable() {
    let twice = |file: &mut Value| {
        let mut second = file["variables"][0].clone();
        second["default_value"] = json!("2");
        file["variables"].as_array_mut().unwrap().push(second);
    };
    let egg = noted(twice, &[("/variables/0", NoteKind::Dropped)]).egg;
    assert_eq!(egg.variables.len(), 1);
    assert_eq!(egg.variables[0].default_value, "2");
}

#[test]
fn author_that_is_no_e_mail_address() {
    let egg = noted(|file| file["author"] = json!("Somebody"), &[]).egg;
    assert_eq!(egg.author, "Somebody");
}

#[test]
fn features_tags_and_file_denylist_as_an_empty_map_or_text() {
    for key in ["features", "tags", "file_denylist"] {
        for empty in [json!({}), json!("")] {
            let path = format!("/{key}");
            let egg = noted(|file| file[key] = empty, &[(&path, NoteKind::Repaired)]).egg;
            assert!(egg.features.is_empty() && egg.tags.is_empty() && egg.file_denylist.is_empty());
        }
    }
}

#[test]
fn description_of_more_than_1024_bytes() {
    let long = "a".repeat(5_000);
    let egg = noted(|file| file["description"] = json!(long), &[]).egg;
    assert_eq!(egg.description.as_deref(), Some(long.as_str()));
}

#[test]
fn byte_order_mark() {
    let text = format!("\u{feff}  {}\n", plain());
    assert_eq!(import(text.as_bytes()).unwrap(), read(&plain()));
}

#[test]
fn trailing_commas_and_comments() {
    let text = plain().to_string();
    for broken in [
        text.replace("[]", "[\"a\",]"),
        format!("{text} // a comment"),
    ] {
        assert!(matches!(
            import(broken.as_bytes()),
            Err(ImportError::Json { .. })
        ));
    }
}

#[test]
fn duplicate_keys() {
    let text = plain()
        .to_string()
        .replacen("{\"meta\"", "{\"name\":\"First\",\"meta\"", 1);
    let read = import(text.as_bytes()).unwrap();
    assert_eq!(read.egg.name, "Example");
    let notes: Vec<_> = read.notes.iter().map(|note| note.kind).collect();
    assert_eq!(notes, [NoteKind::Repaired]);
}

#[test]
fn invalid_nested_json() {
    for key in ["files", "logs"] {
        let path = format!("/config/{key}");
        noted(
            |file| file["config"][key] = json!("{\"a\": "),
            &[(&path, NoteKind::Dropped)],
        );
    }
}

#[test]
fn missing_meta_version() {
    for meta in [json!({}), Value::Null, json!({"version": null})] {
        let refused = import(with(|file| file["meta"] = meta).to_string().as_bytes());
        assert!(
            matches!(refused, Err(ImportError::NotAnEgg { .. })),
            "{refused:?}"
        );
    }
    let unknown = with(|file| file["meta"]["version"] = json!("PTDL_v3"));
    let refused = import(unknown.to_string().as_bytes());
    assert!(
        matches!(refused, Err(ImportError::UnknownVersion { .. })),
        "{refused:?}"
    );
}

#[test]
fn parts_of_an_edit_that_mean_nothing() {
    let files = |entry: Value| {
        move |file: &mut Value| {
            file["config"]["files"] = json!(json!({"a.json": entry}).to_string())
        }
    };
    let import = noted(
        files(json!({"parser": "json", "find": {"one": {}, "two": "2"}})),
        &[("/config/files/a.json/find/one", NoteKind::Dropped)],
    );
    assert_eq!(import.egg.config.files[0].replace.len(), 1);
    noted(
        files(
            json!({"parser": "json", "replace": [{"match": "a", "replace_with": 1, "colour": "red"}]}),
        ),
        &[("/config/files/a.json/replace/0/colour", NoteKind::Ignored)],
    );
}

/// Two megabytes of placeholders would become gigabytes of a variable's value.
#[test]
fn a_bomb_of_placeholders_is_refused() {
    let with_placeholders = |count: usize| {
        let find = json!({"key": "{{env.PORT}}".repeat(count)});
        let files = json!({"a.json": {"parser": "json", "find": find}}).to_string();
        import(
            with(|file| file["config"]["files"] = json!(files))
                .to_string()
                .as_bytes(),
        )
    };
    assert!(with_placeholders(2_000).is_ok());
    let refused = with_placeholders(2_001);
    assert!(
        matches!(
            refused,
            Err(ImportError::TooMany {
                what: "placeholders",
                count: 2_001,
                ..
            })
        ),
        "{refused:?}"
    );
}
