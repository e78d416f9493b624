//! What schedules may look like.

use chrono::{DateTime, Utc};
use regex::RegexBuilder;
use url::Url;

use super::action::Action;
use super::condition::Condition;
use super::timetable::check_pattern;
use super::trigger::Trigger;
use super::value::{Dynamic, Variable};
use crate::server::check_command;
use crate::validate::Invalid;

/// Triggers that a schedule may have.
pub const MAX_TRIGGERS: usize = 20;

/// Steps that a schedule may have.
pub const MAX_STEPS: usize = 50;

/// How deep conditions may be nested.
const MAX_DEPTH: usize = 3;

/// Parts that a condition may have.
const MAX_PARTS: usize = 50;

/// Entries that a list in a step may have.
const MAX_ENTRIES: usize = 100;

/// Headers that a request may have.
const MAX_HEADERS: usize = 32;

/// The longest sleep or wait, in milliseconds: a day.
const LONGEST_WAIT: u64 = 86_400_000;

/// Bytes that a compiled pattern may take.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// Notes what is wrong with a schedule's name.
pub fn check_name(field: &str, name: &str, invalid: &mut Invalid) {
    invalid.name(field, name, 1..=255);
}

/// Notes what is wrong with the triggers of a schedule.
pub fn check_triggers(triggers: &[Trigger], now: DateTime<Utc>, invalid: &mut Invalid) {
    invalid.require(
        triggers.len() <= MAX_TRIGGERS,
        "triggers",
        format!("must be at most {MAX_TRIGGERS}"),
    );
    for (i, trigger) in triggers.iter().enumerate().take(MAX_TRIGGERS) {
        let mut wrong = Invalid::new();
        match trigger {
            Trigger::Cron { schedule } => {
                wrong.take("schedule", check_pattern(schedule, now));
            }
            Trigger::ResourceUsage {
                value, for_seconds, ..
            } => {
                wrong.require(value.is_finite(), "value", "must be a number");
                wrong.range("for_seconds", for_seconds, 0..=86_400);
            }
            Trigger::ConsoleLine {
                contains,
                output_into,
                ..
            } => {
                wrong.text("contains", contains, 1..=1024);
                variable("output_into", output_into.as_ref(), &mut wrong);
            }
            Trigger::PowerAction { .. }
            | Trigger::ServerState { .. }
            | Trigger::BackupStatus { .. }
            | Trigger::ScheduleCompletion { .. }
            | Trigger::Crash => {}
        }
        invalid.nest(&format!("triggers.{i}"), wrong);
    }
}

/// Notes what is wrong with a condition at `field`.
pub fn check_condition(field: &str, condition: &Condition, invalid: &mut Invalid) {
    let mut wrong = Invalid::new();
    let (mut deepest, mut parts) = (0, 0);
    condition.walk(1, &mut |part, depth| {
        deepest = deepest.max(depth);
        parts += 1;
        match part {
            Condition::ResourceUsage { value, .. } => {
                wrong.require(value.is_finite(), "value", "must be a number");
            }
            Condition::FileExists { file } => wrong.text("file", file, 1..=255),
            Condition::VariableExists { variable: name } => {
                variable("variable", Some(name), &mut wrong);
            }
            Condition::VariableEquals {
                variable: name,
                equals: with,
            }
            | Condition::VariableContains {
                variable: name,
                contains: with,
            }
            | Condition::VariableStartsWith {
                variable: name,
                starts_with: with,
            }
            | Condition::VariableEndsWith {
                variable: name,
                ends_with: with,
            } => {
                variable("variable", Some(name), &mut wrong);
                dynamic("value", with, 0..=4096, &mut wrong);
            }
            Condition::None
            | Condition::And { .. }
            | Condition::Or { .. }
            | Condition::Not { .. }
            | Condition::ServerState { .. }
            | Condition::Uptime { .. } => {}
        }
    });
    wrong.require(
        deepest <= MAX_DEPTH,
        "",
        format!("must be nested {MAX_DEPTH} deep at most"),
    );
    wrong.require(
        parts <= MAX_PARTS,
        "",
        format!("must have {MAX_PARTS} parts at most"),
    );
    invalid.nest(field, wrong);
}

/// Notes what is wrong with what a step does.
pub fn check_action(field: &str, action: &Action, invalid: &mut Invalid) {
    let mut wrong = Invalid::new();
    if let Some(condition) = action.condition() {
        check_condition("condition", condition, &mut wrong);
    }
    check_fields(action, &mut wrong);
    invalid.nest(field, wrong);
}

fn check_fields(action: &Action, wrong: &mut Invalid) {
    match action {
        Action::Sleep { duration } => wrong.range("duration", duration, 1..=LONGEST_WAIT),
        Action::WaitForState { timeout, .. } => wrong.range("timeout", timeout, 1..=LONGEST_WAIT),
        Action::Format {
            format,
            output_into,
        } => {
            wrong.text("format", format, 1..=16_384);
            variable("output_into", Some(output_into), wrong);
        }
        Action::MatchRegex {
            input,
            regex,
            output_into,
        } => {
            dynamic("input", input, 0..=16_384, wrong);
            wrong.require(regex.len() <= 4096, "regex", "must be 4096 bytes at most");
            let compiled = RegexBuilder::new(regex)
                .size_limit(MAX_PATTERN_BYTES)
                .build();
            wrong.require(
                compiled.is_ok(),
                "regex",
                "must be a regular expression, without look-around and references",
            );
            wrong.require(
                output_into.len() <= MAX_HEADERS,
                "output_into",
                format!("must be {MAX_HEADERS} variables at most"),
            );
            for name in output_into.iter().flatten() {
                variable("output_into", Some(name), wrong);
            }
        }
        Action::WaitForConsoleLine {
            contains,
            timeout,
            output_into,
            ..
        } => {
            dynamic("contains", contains, 1..=1024, wrong);
            wrong.range("timeout", timeout, 1..=LONGEST_WAIT);
            variable("output_into", output_into.as_ref(), wrong);
        }
        Action::SendCommand { command, .. } => {
            if let Dynamic::Text(command) = command {
                check_command("command", command, wrong);
            } else {
                dynamic("command", command, 1..=4096, wrong);
            }
        }
        Action::CreateBackup {
            name,
            ignored_files,
            output_into,
            ..
        } => {
            if let Some(name) = name {
                dynamic("name", name, 1..=255, wrong);
            }
            paths("ignored_files", ignored_files, wrong);
            variable("output_into", output_into.as_ref(), wrong);
        }
        Action::CreateDirectory { root, name, .. } => {
            dynamic("root", root, 0..=4096, wrong);
            dynamic("name", name, 1..=255, wrong);
        }
        Action::WriteFile { file, content, .. } => {
            dynamic("file", file, 1..=4096, wrong);
            dynamic("content", content, 0..=16_384, wrong);
        }
        Action::CopyFile {
            file, destination, ..
        } => {
            dynamic("file", file, 1..=4096, wrong);
            dynamic("destination", destination, 1..=4096, wrong);
        }
        Action::DeleteFiles { root, files, .. } => {
            dynamic("root", root, 0..=4096, wrong);
            paths("files", files, wrong);
            wrong.require(!files.is_empty(), "files", "must name a file");
        }
        Action::RenameFiles { root, files, .. } => {
            dynamic("root", root, 0..=4096, wrong);
            let names = files.iter().flat_map(|file| [&file.from, &file.to]);
            paths("files", names, wrong);
            wrong.require(!files.is_empty(), "files", "must name a file");
        }
        Action::CompressFiles {
            root, files, name, ..
        } => {
            dynamic("root", root, 0..=4096, wrong);
            dynamic("name", name, 1..=255, wrong);
            paths("files", files, wrong);
            wrong.require(!files.is_empty(), "files", "must name a file");
        }
        Action::DecompressFile { root, file, .. } => {
            dynamic("root", root, 0..=4096, wrong);
            dynamic("file", file, 1..=4096, wrong);
        }
        Action::UpdateStartupVariable {
            env_variable,
            value,
            ..
        } => {
            dynamic("env_variable", env_variable, 1..=255, wrong);
            dynamic("value", value, 0..=4096, wrong);
        }
        Action::UpdateStartupCommand { command, .. } => {
            dynamic("command", command, 1..=8192, wrong);
        }
        Action::UpdateStartupDockerImage { image, .. } => dynamic("image", image, 1..=255, wrong),
        Action::HttpRequest {
            url,
            headers,
            body,
            timeout,
            output_status_into,
            output_body_into,
            ..
        } => {
            let http = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            wrong.require(http, "url", "must begin with http:// or https://");
            wrong.require(
                headers.len() <= MAX_HEADERS,
                "headers",
                format!("must be {MAX_HEADERS} at most"),
            );
            for header in headers {
                wrong.name("headers", &header.name, 1..=255);
                dynamic("headers", &header.value, 0..=4096, wrong);
            }
            if let Some(body) = body {
                dynamic("body", body, 0..=16_384, wrong);
            }
            wrong.range("timeout", timeout, 1..=60_000);
            variable("output_status_into", output_status_into.as_ref(), wrong);
            variable("output_body_into", output_body_into.as_ref(), wrong);
        }
        Action::Ensure { .. }
        | Action::If { .. }
        | Action::ElseIf { .. }
        | Action::Else
        | Action::EndIf
        | Action::Exit { .. }
        | Action::SendPower { .. }
        | Action::RestoreBackup { .. }
        | Action::DeleteBackup { .. }
        | Action::MoveBackup { .. } => {}
    }
}

fn variable(field: &str, name: Option<&Variable>, invalid: &mut Invalid) {
    if let Some(name) = name {
        invalid.name(field, &name.variable, 1..=64);
    }
}

fn dynamic(
    field: &str,
    value: &Dynamic,
    length: std::ops::RangeInclusive<usize>,
    invalid: &mut Invalid,
) {
    match value {
        Dynamic::Text(text) => invalid.text(field, text, length),
        Dynamic::Variable(name) => variable(field, Some(name), invalid),
    }
}

fn paths<'a>(field: &str, paths: impl IntoIterator<Item = &'a String>, invalid: &mut Invalid) {
    let mut count = 0;
    for path in paths {
        count += 1;
        if count > 2 * MAX_ENTRIES {
            break;
        }
        invalid.text(field, path, 1..=4096);
    }
    invalid.require(
        count <= 2 * MAX_ENTRIES,
        field,
        format!("must be {MAX_ENTRIES} at most"),
    );
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problems(action: Value) -> String {
        let mut invalid = Invalid::new();
        check_action(
            "action",
            &serde_json::from_value(action).unwrap(),
            &mut invalid,
        );
        invalid.to_string()
    }

    #[test]
    fn steps_are_checked_when_they_are_written() {
        for (action, problem) in [
            (json!({ "type": "sleep", "duration": 1000 }), ""),
            (
                json!({ "type": "sleep", "duration": 0 }),
                "action.duration: must be between 1 and 86400000",
            ),
            (
                json!({ "type": "send_command", "ignore_failure": false, "command": "a\nb" }),
                "action.command: must be a single line",
            ),
            (
                json!({ "type": "send_command", "ignore_failure": false, "command": { "variable": "" } }),
                "action.command: must not be empty",
            ),
            (
                json!({ "type": "match_regex", "input": "x", "regex": "(?=a)", "output_into": [] }),
                "action.regex: must be a regular expression, without look-around and references",
            ),
            (
                json!({ "type": "match_regex", "input": "x", "regex": "(a{1000}){1000}", "output_into": [] }),
                "action.regex: must be a regular expression, without look-around and references",
            ),
            (
                json!({ "type": "delete_files", "root": "/", "files": [] }),
                "action.files: must name a file",
            ),
            (
                json!({ "type": "http_request", "ignore_failure": true, "method": "get", "url": "file:///etc/passwd", "timeout": 1 }),
                "action.url: must begin with http:// or https://",
            ),
            (
                json!({ "type": "ensure", "condition": { "type": "not", "condition": { "type": "not", "condition":
                    { "type": "not", "condition": { "type": "none" } } } } }),
                "action.condition: must be nested 3 deep at most",
            ),
        ] {
            assert_eq!(problems(action.clone()), problem, "{action}");
        }
    }

    #[test]
    fn triggers_name_the_field_that_is_wrong() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let triggers: Vec<Trigger> = serde_json::from_value(json!([
            { "type": "cron", "schedule": "0 4 * * *" },
            { "type": "cron", "schedule": "0 4 * *" },
            { "type": "cron", "schedule": "0 0 30 2 *" },
            { "type": "console_line", "contains": "" },
        ]))
        .unwrap();
        let mut invalid = Invalid::new();
        check_triggers(&triggers, now, &mut invalid);
        let fields: Vec<_> = invalid.fields().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "triggers.1.schedule",
                "triggers.2.schedule",
                "triggers.3.contains"
            ]
        );
        assert!(invalid.to_string().contains("describes none"), "{invalid}");
    }
}
