//! The eggs this product ships.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use panel_eggs::{
    Address, RuleSet, ServerFacts, effective_values, import, install_configuration,
    process_configuration, render_startup, server_environment, starter, validate,
};

#[test]
fn all_five_are_offered() {
    let slugs: Vec<&str> = starter().unwrap().iter().map(|egg| egg.slug).collect();
    assert_eq!(
        slugs,
        [
            "minecraft-paper",
            "minecraft-vanilla",
            "minecraft-velocity",
            "minecraft-bedrock",
            "generic-process"
        ]
    );
}

#[test]
fn their_files_are_read_without_a_note() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/starter");
    for egg in starter().unwrap() {
        let bytes = std::fs::read(format!("{folder}/{}.json", egg.slug)).unwrap();
        let imported = import(&bytes).unwrap();
        assert_eq!(imported.notes, [], "{}", egg.slug);
        assert_eq!(imported.egg, egg.egg, "{}", egg.slug);
    }
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, starter().unwrap().len(), "every file is embedded");
}

#[test]
fn their_defaults_satisfy_their_rules() {
    for egg in starter().unwrap() {
        let values = effective_values(&egg.egg.variables, &BTreeMap::new());
        assert_eq!(validate(&egg.egg.variables, &values), [], "{}", egg.slug);
        for variable in &egg.egg.variables {
            assert_eq!(
                RuleSet::parse(&variable.rules).unsupported(),
                [],
                "{}",
                egg.slug
            );
        }
    }
}

/// Everything the commands and files ask for is there: no placeholder stays.
#[test]
fn their_placeholders_are_all_known() {
    for egg in starter().unwrap() {
        let (_, command) = egg.egg.default_startup().unwrap();
        let facts = ServerFacts {
            startup: command.to_owned(),
            address: Some(Address {
                ip: "192.0.2.1".to_owned(),
                port: 25565,
            }),
            ..ServerFacts::default()
        };
        let values = effective_values(&egg.egg.variables, &BTreeMap::new());
        let rendered = render_startup(command, &server_environment(&values, &facts));
        assert!(
            !rendered.contains("{{") && !rendered.contains("${"),
            "{}: {rendered}",
            egg.slug
        );
        let wire = process_configuration(&egg.egg.config, &values, &facts);
        for edit in wire.configs.iter().flat_map(|config| &config.replace) {
            let text = edit.replace_with.as_str().unwrap();
            assert!(
                !text.is_empty() && !text.contains("{{"),
                "{}: {}",
                egg.slug,
                edit.matches
            );
        }
    }
}

/// The scripts are for a shell to read: the system's own checks their grammar.
#[test]
fn their_install_scripts_are_valid_and_check_what_they_fetch() {
    for egg in starter().unwrap() {
        let script = install_configuration(&egg.egg.script).unwrap().script;
        assert!(
            script.contains("set -eu") && script.contains("exit 1"),
            "{}",
            egg.slug
        );
        assert!(
            ["sha256sum -c", "sha1sum -c", "unzip -tq"]
                .iter()
                .any(|check| script.contains(check)),
            "{}",
            egg.slug
        );
        let mut shell = Command::new("sh")
            .arg("-n")
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell is installed");
        shell
            .stdin
            .take()
            .unwrap()
            .write_all(script.as_bytes())
            .unwrap();
        assert!(shell.wait().unwrap().success(), "{}", egg.slug);
    }
}
