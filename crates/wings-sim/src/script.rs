//! What simulated processes and installers say.

use wings_client::wire::remote::{InstallationScript, ServerDocument, Startup};

/// Longest part of an install script that is acted out.
const INSTALL_LINES: usize = 40;

/// Whether a console line means that the server is up: it contains one of the egg's texts (colours taken off where the egg says so).
pub(crate) fn means_up(startup: &Startup, line: &str) -> bool {
    let line = if startup.strip_ansi {
        without_colours(line)
    } else {
        line.to_owned()
    };
    startup
        .done
        .iter()
        .flatten()
        .any(|text| !text.is_empty() && line.contains(plain(text)))
}

/// Expressions are a matter of the Go daemons; their text stands for them.
fn plain(done: &str) -> &str {
    done.strip_prefix("regex:").unwrap_or(done)
}

fn without_colours(line: &str) -> String {
    let mut text = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(letter);
        }
    }
    text
}

/// The startup command with its variables filled in.
pub(crate) fn invocation(document: &ServerDocument) -> String {
    let settings = &document.settings;
    let mut command = settings.invocation.clone();
    let (ip, port) = settings.allocations.default.as_ref().map_or_else(
        || (String::new(), String::new()),
        |allocation| (allocation.ip.clone(), allocation.port.to_string()),
    );
    let built_in = [
        ("SERVER_MEMORY", settings.build.memory_limit.to_string()),
        ("SERVER_IP", ip),
        ("SERVER_PORT", port),
    ];
    let variables = built_in
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .chain(
            settings
                .environment
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
    for (name, value) in variables {
        command = command.replace(&format!("{{{{{name}}}}}"), value);
    }
    command
}

/// From the start of the process until it is up.
pub(crate) fn startup(document: &ServerDocument) -> Vec<String> {
    let port = document
        .settings
        .allocations
        .default
        .as_ref()
        .map_or(0, |allocation| allocation.port);
    let mut lines = vec![
        format!(":/home/container$ {}", invocation(document)),
        format!("[Server] Starting {}", document.settings.meta.name),
        "[Server] Loading properties".to_owned(),
        format!("[Server] Listening on *:{port}"),
        "[Server] Preparing level \"world\"".to_owned(),
        "[Server] Preparing spawn area: 0%".to_owned(),
        "[Server] Preparing spawn area: 51%".to_owned(),
        "[Server] Preparing spawn area: 100%".to_owned(),
    ];
    let done = document
        .process_configuration
        .startup
        .done
        .iter()
        .flatten()
        .next();
    match done.map(|text| plain(text)) {
        Some(text) if text.starts_with(')') => {
            lines.push(format!("[Server] Done (1.234s{text}\"help\""));
        }
        Some(text) => lines.push(format!("[Server] {text}")),
        None => {}
    }
    lines
}

/// From the order to stop until the end of the process.
pub(crate) fn shutdown(document: &ServerDocument) -> Vec<String> {
    let stop = &document.process_configuration.stop;
    let mut lines = Vec::new();
    if let ("command", Some(command)) = (stop.kind.as_str(), &stop.value) {
        lines.push(format!("> {command}"));
    }
    lines.extend(
        ["[Server] Stopping the server", "[Server] Saving worlds"]
            .into_iter()
            .map(str::to_owned),
    );
    lines
}

/// What a process says to a command.
pub(crate) fn answer(line: &str) -> String {
    let line = line.trim();
    let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
    match command.trim_start_matches('/') {
        "list" => "There are 0 of a max of 20 players online:".into(),
        "help" => "Commands of the simulated server: crash, help, list, say, version".into(),
        "say" => format!("[Server] {rest}"),
        "version" => "This server is simulated by wings-sim".into(),
        _ => format!(
            "Unknown command: {command}. The simulated server knows: crash, help, list, say, version"
        ),
    }
}

/// What an installer prints: the texts that the script echoes, with its variables.
pub(crate) fn install(script: &InstallationScript, document: &ServerDocument) -> Vec<String> {
    let mut lines = vec![
        "This installation is simulated: the script is not run.".to_owned(),
        format!(
            "Image {}, entrypoint {}",
            script.container_image, script.entrypoint
        ),
    ];
    let text = script.script.as_deref().unwrap_or_default();
    for line in text.lines() {
        let Some(said) = line.trim().strip_prefix("echo ") else {
            continue;
        };
        let mut said = said
            .trim_start_matches("-e ")
            .trim_matches(['"', '\''])
            .to_owned();
        for (name, value) in &document.settings.environment {
            said = said
                .replace(&format!("${{{name}}}"), value)
                .replace(&format!("${name}"), value);
        }
        lines.push(said);
        if lines.len() == INSTALL_LINES {
            break;
        }
    }
    lines.push("Installation completed".into());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn startup_with(done: &str, strip_ansi: bool) -> Startup {
        Startup {
            done: Some(vec![done.into()]),
            strip_ansi,
            ..Startup::default()
        }
    }

    #[test]
    fn up_is_what_the_egg_says() {
        let minecraft = startup_with(")! For help, type ", false);
        assert!(means_up(&minecraft, "Done (1.0s)! For help, type \"help\""));
        assert!(!means_up(&minecraft, "Starting"));
        let coloured = "Server \u{1b}[32mready\u{1b}[0m now";
        assert!(means_up(&startup_with("ready now", true), coloured));
        assert!(!means_up(&startup_with("ready now", false), coloured));
        assert!(!means_up(&Startup::default(), "anything"));
    }

    #[test]
    fn commands_have_answers() {
        assert_eq!(answer("list"), "There are 0 of a max of 20 players online:");
        assert_eq!(answer("/say hello all"), "[Server] hello all");
        assert!(answer("fly").starts_with("Unknown command: fly"));
    }
}
