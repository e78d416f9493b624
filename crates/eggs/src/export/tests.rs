use serde_json::json;

use super::*;
use crate::import::import;
use crate::model::{Parser, Stop, StopKind};

const FILES: &str = "{\r\n  \"a.properties\": {\"parser\": \"properties\", \"find\": {\"port\": \"{{server.build.default.port}}\", \"name\": \"{{server.build.env.NAME}} {{env.X}}\"}}}";

fn egg() -> Egg {
    let document = json!({
        "meta": {"version": "PTDL_v2", "update_url": null, "note": "kept"},
        "name": "Example", "author": "a@example.org", "description": "", "features": null, "custom": [1],
        "docker_images": {"Debian": "example/debian:12"}, "file_denylist": [], "startup": "./run",
        "config": {"files": FILES, "startup": "{ \"done\":\"ready\" }", "logs": "[]", "stop": "^c"},
        "scripts": {"installation": {"script": "one\r\ntwo", "container": "example", "entrypoint": "bash"}},
        "variables": [{
            "name": "Name", "description": "", "env_variable": "NAME", "default_value": "", "hint": "kept",
            "user_viewable": true, "user_editable": true, "rules": "required|string|", "field_type": "text",
            "sort": null
        }]
    });
    import(document.to_string().as_bytes()).unwrap().egg
}

fn at() -> DateTime<Utc> {
    "2026-11-23T01:02:03.5Z".parse().unwrap()
}

#[test]
fn the_original_texts_are_repeated_in_the_same_family() {
    let export = export(&egg(), Format::PterodactylV2, Encoding::Json, at());
    let places: Vec<_> = export
        .notes
        .iter()
        .map(|note| (note.path.as_str(), note.kind))
        .collect();
    assert_eq!(places, [("/variables/NAME/sort", NoteKind::Attention)]);
    let document = export.document;
    assert_eq!(
        document["config"],
        json!({"files": FILES, "startup": "{ \"done\":\"ready\" }", "logs": "[]", "stop": "^c"})
    );
    assert_eq!(document["exported_at"], "2026-11-23T01:02:03+00:00");
    assert_eq!(
        document["meta"],
        json!({"version": "PTDL_v2", "update_url": null, "note": "kept"})
    );
    assert_eq!(
        (&document["custom"], &document["features"]),
        (&json!([1]), &Value::Null)
    );
    assert_eq!(
        document["variables"][0],
        json!({"name": "Name", "description": "", "env_variable": "NAME", "default_value": "",
            "user_viewable": true, "user_editable": true, "rules": "required|string|", "field_type": "text",
            "hint": "kept", "sort": null})
    );
}

#[test]
fn a_changed_part_is_written_anew() {
    let mut egg = egg();
    egg.config.startup.done.push("or this".to_owned());
    egg.config.stop = Stop {
        kind: StopKind::Signal,
        value: Some("SIGTERM".to_owned()),
    };
    let config = &export(&egg, Format::PterodactylV2, Encoding::Json, at()).document["config"];
    assert_eq!(
        config["startup"],
        "{\n    \"done\": [\n        \"ready\",\n        \"or this\"\n    ]\n}"
    );
    assert_eq!(config["stop"], "^SIGTERM");
    assert_eq!(config["files"], FILES);
}

#[test]
fn pelican_gets_its_own_names() {
    let document = export(&egg(), Format::PelicanV3, Encoding::Json, at()).document;
    let files: Value = serde_json::from_str(document["config"]["files"].as_str().unwrap()).unwrap();
    assert_eq!(
        files["a.properties"]["find"],
        json!({"port": "{{server.allocations.default.port}}", "name": "{{server.environment.NAME}} {{env.X}}"})
    );
    assert_eq!(document["startup_commands"], json!({"Default": "./run"}));
    assert_eq!(
        document["variables"][0]["rules"],
        json!(["required", "string", ""])
    );
    assert_eq!(document["variables"][0]["sort"], Value::Null);
    assert_eq!(document["config"]["stop"], "^C");
    assert_eq!(document.get("custom"), None);
    let back = import(document.to_string().as_bytes()).unwrap().egg;
    let document = export(&back, Format::PterodactylV2, Encoding::Json, at()).document;
    let again: Value = serde_json::from_str(document["config"]["files"].as_str().unwrap()).unwrap();
    let original: Value = serde_json::from_str(FILES).unwrap();
    assert_eq!(again, original);
}

#[test]
fn what_a_format_cannot_say_is_noted() {
    let mut egg = egg();
    egg.force_outgoing_ip = true;
    egg.separate_port = true;
    egg.icon = Some("data:image/png;base64,AA".to_owned());
    egg.tags = vec!["x".to_owned()];
    egg.source = crate::Source::default();
    egg.startup_commands
        .insert("Other".to_owned(), "./other".to_owned());
    egg.config.stop = Stop::default();
    egg.variables[0].secret = true;
    egg.variables[0].rules = vec!["regex:/a|b/".to_owned()];
    let file = &mut egg.config.files[0];
    file.replace.push(file.replace[0].clone());
    file.replace[1].insert_new = false;
    let export = export(&egg, Format::PterodactylV2, Encoding::Json, at());
    assert_eq!(export.notes.len(), 10, "{:#?}", export.notes);
    assert_eq!(
        export.document["variables"][0]["rules"],
        json!(["regex:/a|b/"])
    );
}

#[test]
fn conditions_become_maps_again() {
    let mut egg = egg();
    egg.source = crate::Source::default();
    egg.variables.clear();
    let edit = |matches: &str, condition: Option<&str>, value: &str| crate::Replacement {
        matches: matches.to_owned(),
        insert_new: true,
        update_existing: true,
        if_value: condition.map(str::to_owned),
        replace_with: json!(value),
    };
    egg.config.files[0].parser = Parser::Yaml;
    egg.config.files[0].create_new = false;
    egg.config.files[0].replace = vec![
        edit("a", Some("1"), "x"),
        edit("a", Some("2"), "y"),
        edit("b", None, "z"),
    ];
    let export = export(&egg, Format::PelicanV3, Encoding::Json, at());
    assert_eq!(export.notes, []);
    let files: Value =
        serde_json::from_str(export.document["config"]["files"].as_str().unwrap()).unwrap();
    assert_eq!(
        files["a.properties"],
        json!({"parser": "yaml", "create_file": false, "find": {"a": {"1": "x", "2": "y"}, "b": "z"}})
    );
    let back = import(export.to_text().as_bytes()).unwrap().egg;
    assert_eq!(back.config.files, egg.config.files);
}
