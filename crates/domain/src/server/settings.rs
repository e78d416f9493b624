//! Texts and switches of a server.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::validate::Invalid;

/// Whether a server that does not stop is killed after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoKill {
    /// Whether it is.
    pub enabled: bool,
    /// Seconds after which it is, 1 to 3600.
    pub seconds: i64,
}

impl AutoKill {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        invalid.range("seconds", &self.seconds, 1..=3600);
    }
}

impl Default for AutoKill {
    fn default() -> Self {
        Self {
            enabled: false,
            seconds: 30,
        }
    }
}

/// Whether a server starts when its node does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoStart {
    /// It does.
    Always,
    /// It does when it ran before.
    #[default]
    UnlessStopped,
    /// It does not.
    Never,
}

impl AutoStart {
    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::UnlessStopped => "unless_stopped",
            Self::Never => "never",
        }
    }
}

impl fmt::Display for AutoStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no [`AutoStart`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be always, unless_stopped or never")]
pub struct UnknownAutoStart;

impl FromStr for AutoStart {
    type Err = UnknownAutoStart;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Always, Self::UnlessStopped, Self::Never];
        all.into_iter()
            .find(|value| value.as_str() == text)
            .ok_or(UnknownAutoStart)
    }
}

/// The texts of a server. A `None` is not looked at: absent, or not to be changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServerTexts<'a> {
    /// Shown to people; need not be unique.
    pub name: Option<&'a str>,
    /// Shown to people.
    pub description: Option<&'a str>,
    /// How another system calls the server; unique.
    pub external_id: Option<&'a str>,
    /// The startup command.
    pub startup: Option<&'a str>,
    /// The container image.
    pub image: Option<&'a str>,
    /// The container's time zone, an IANA name such as `Europe/Berlin`.
    pub timezone: Option<&'a str>,
}

impl ServerTexts<'_> {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        if let Some(name) = self.name {
            invalid.name("name", name, 1..=255);
        }
        if let Some(description) = self.description {
            invalid.text("description", description, 1..=1024);
        }
        if let Some(id) = self.external_id {
            invalid.name("external_id", id, 1..=255);
        }
        if let Some(startup) = self.startup {
            invalid.text("startup", startup, 1..=8192);
        }
        if let Some(image) = self.image {
            invalid.name("image", image, 2..=255);
            let spaced = image.chars().any(char::is_whitespace);
            invalid.require(
                !spaced && !image.starts_with('-'),
                "image",
                "must be the name of a container image",
            );
        }
        if let Some(timezone) = self.timezone {
            invalid.require(
                is_zone_name(timezone),
                "timezone",
                "must be a time zone like Europe/Berlin or UTC",
            );
        }
    }
}

/// Notes what is wrong with a line for the console. One line: each is an entry of its own in the log.
pub fn check_command(field: &str, command: &str, invalid: &mut Invalid) {
    invalid.require(
        (1..=4096).contains(&command.chars().count()),
        field,
        "must be 1 to 4096 characters long",
    );
    invalid.require(
        !command.contains(['\n', '\r', '\0']),
        field,
        "must be a single line",
    );
}

/// Whether it has the form of an IANA time zone's name. Which exist is known to the daemon's machine only.
fn is_zone_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
    };
    text.len() <= 64 && text.split('/').count() <= 3 && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let mut invalid = Invalid::new();
        ServerTexts::default().check(&mut invalid);
        ServerTexts {
            name: Some("Survival 1"),
            description: Some("two\nlines"),
            external_id: Some("order-7"),
            startup: Some("java -jar server.jar"),
            image: Some("ghcr.io/example/java:21"),
            timezone: Some("America/Argentina/Buenos_Aires"),
        }
        .check(&mut invalid);
        assert_eq!(invalid.finish(), Ok(()));

        let mut invalid = Invalid::new();
        ServerTexts {
            name: Some("two\nlines"),
            description: Some(""),
            external_id: Some(" x"),
            startup: Some(""),
            image: Some("-v /:/host image"),
            timezone: Some("../../etc/passwd"),
        }
        .check(&mut invalid);
        let fields: Vec<_> = invalid.fields().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "name",
                "description",
                "external_id",
                "startup",
                "image",
                "timezone"
            ]
        );
    }

    #[test]
    fn zones() {
        for good in ["UTC", "Etc/GMT+5", "Europe/Berlin"] {
            assert!(is_zone_name(good), "{good}");
        }
        for bad in ["", "/", "Europe/", "Europe Berlin", "A/B/C/D", "+5"] {
            assert!(!is_zone_name(bad), "{bad}");
        }
    }

    #[test]
    fn commands_are_single_lines() {
        let mut invalid = Invalid::new();
        check_command("command", "say \u{a7}ahello", &mut invalid);
        assert!(invalid.is_empty());
        for bad in ["", "say a\nstop", "a\0", &"a".repeat(4097)] {
            check_command("command", bad, &mut invalid);
        }
        assert_eq!(invalid.fields().len(), 4);
    }

    #[test]
    fn auto_kill_and_start() {
        let mut invalid = Invalid::new();
        AutoKill::default().check(&mut invalid);
        assert!(invalid.is_empty());
        AutoKill {
            enabled: true,
            seconds: 0,
        }
        .check(&mut invalid);
        AutoKill {
            enabled: true,
            seconds: 3601,
        }
        .check(&mut invalid);
        assert_eq!(invalid.fields().len(), 2);
        for value in [
            AutoStart::Always,
            AutoStart::UnlessStopped,
            AutoStart::Never,
        ] {
            assert_eq!(value.as_str().parse(), Ok(value));
            assert_eq!(serde_json::to_value(value).unwrap(), value.as_str());
        }
        assert_eq!("sometimes".parse::<AutoStart>(), Err(UnknownAutoStart));
    }
}
