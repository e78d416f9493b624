//! The Paper egg as Pterodactyl ships it.

use std::collections::BTreeMap;
use std::fs;

use panel_eggs::{
    Address, Egg, Format, ServerFacts, effective_values, import, install_configuration,
    preview_startup, process_configuration, validate,
};
use serde_json::json;

use crate::corpus::folder;

fn paper() -> Option<Egg> {
    let bytes = fs::read(folder()?.join("pterodactyl-panel/egg-paper.json")).unwrap();
    let imported = import(&bytes).unwrap();
    assert_eq!(imported.notes, []);
    Some(imported.egg)
}

fn problems(egg: &Egg, own: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = own
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let values = effective_values(&egg.variables, &own);
    validate(&egg.variables, &values)
        .into_iter()
        .map(|violation| (violation.env_variable, violation.message))
        .collect()
}

#[test]
fn its_fields_are_read() {
    let Some(egg) = paper() else { return };
    assert_eq!(egg.source.format, Some(Format::PterodactylV2));
    assert_eq!(
        (egg.name.as_str(), egg.author.as_str()),
        ("Paper", "parker@pterodactyl.io")
    );
    assert_eq!(
        egg.default_image(),
        Some(("Java 21", "ghcr.io/pterodactyl/yolks:java_21"))
    );
    assert_eq!(egg.docker_images.len(), 5);
    assert_eq!(egg.features, ["eula", "java_version", "pid_limit"]);
    assert_eq!(egg.config.startup.done, [")! For help, type "]);
    let names: Vec<&str> = egg
        .variables
        .iter()
        .map(|variable| variable.env_variable.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "MINECRAFT_VERSION",
            "SERVER_JARFILE",
            "DL_PATH",
            "BUILD_NUMBER"
        ]
    );
    let jar = &egg.variables[1];
    assert_eq!(jar.rules, ["required", r"regex:/^([\w\d._-]+)(\.jar)$/"]);
    assert_eq!((jar.user_viewable, jar.user_editable), (true, true));
}

#[test]
fn its_rules_are_checked() {
    let Some(egg) = paper() else { return };
    assert_eq!(problems(&egg, &[]), []);
    assert_eq!(
        problems(
            &egg,
            &[
                ("SERVER_JARFILE", "my-server_1.21.jar"),
                ("MINECRAFT_VERSION", "")
            ]
        ),
        []
    );
    let wrong = problems(
        &egg,
        &[
            ("SERVER_JARFILE", "../server.jar"),
            ("BUILD_NUMBER", ""),
            ("MINECRAFT_VERSION", "a version longer than twenty"),
        ],
    );
    let expected = [
        (
            "MINECRAFT_VERSION",
            "Minecraft Version must be at most 20 characters.",
        ),
        (
            "SERVER_JARFILE",
            r"Server Jar File must match the pattern /^([\w\d._-]+)(\.jar)$/.",
        ),
        ("BUILD_NUMBER", "Build Number must be given."),
    ];
    assert_eq!(
        wrong,
        expected.map(|(name, message)| (name.to_owned(), message.to_owned()))
    );
}

#[test]
fn its_node_configuration_is_prepared() {
    let Some(egg) = paper() else { return };
    let (_, command) = egg.default_startup().unwrap();
    let facts = ServerFacts {
        startup: command.to_owned(),
        address: Some(Address {
            ip: "192.0.2.10".to_owned(),
            port: 25570,
        }),
        memory: 2048,
        ..ServerFacts::default()
    };
    let values = effective_values(&egg.variables, &BTreeMap::new());
    assert_eq!(
        preview_startup(command, &egg.variables, &values, &facts),
        "java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar server.jar"
    );
    let wire = serde_json::to_value(process_configuration(&egg.config, &values, &facts)).unwrap();
    assert_eq!(wire["stop"], json!({"type": "command", "value": "stop"}));
    assert_eq!(wire["configs"][0]["file"], "server.properties");
    let edits: Vec<_> = wire["configs"][0]["replace"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            (
                edit["match"].as_str().unwrap(),
                edit["replace_with"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        edits,
        [
            ("server-ip", "0.0.0.0"),
            ("server-port", "25570"),
            ("query.port", "25570")
        ]
    );
    let install = install_configuration(&egg.script).unwrap();
    assert_eq!(
        (
            install.container_image.as_str(),
            install.entrypoint.as_str()
        ),
        ("ghcr.io/pterodactyl/installers:alpine", "ash")
    );
    assert!(!install.script.contains('\r'));
}
