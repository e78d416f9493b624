//! Limits of nests, eggs and their variables. What an egg means is another matter, and another crate's.

use crate::validate::Invalid;

/// The most bytes that an egg's file may have.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;

/// The most variables that an egg may have.
pub const MAX_VARIABLES: usize = 1_000;

/// The most characters that a variable's value may have on a server.
pub const MAX_VALUE: usize = 4_096;

/// A part of an egg that another egg of its nest can inherit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EggPart {
    /// The configuration files that are edited.
    ConfigFiles,
    /// How a started server is recognised.
    ConfigStartup,
    /// How a server is stopped.
    ConfigStop,
    /// The install script with its container and entrypoint.
    ConfigScript,
    /// The dialogs that the console offers.
    Features,
    /// The patterns of files that nobody may touch.
    FileDenylist,
}

impl EggPart {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::ConfigFiles,
        Self::ConfigStartup,
        Self::ConfigStop,
        Self::ConfigScript,
        Self::Features,
        Self::FileDenylist,
    ];

    /// Its name, which is that of its field and of its column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigFiles => "config_files",
            Self::ConfigStartup => "config_startup",
            Self::ConfigStop => "config_stop",
            Self::ConfigScript => "config_script",
            Self::Features => "features",
            Self::FileDenylist => "file_denylist",
        }
    }

    /// The part of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }
}

/// Names that the panel or the daemon sets itself; a variable of that name would be overwritten.
pub const RESERVED_VARIABLES: [&str; 9] = [
    "SERVER_MEMORY",
    "SERVER_IP",
    "SERVER_PORT",
    "ENV",
    "HOME",
    "USER",
    "STARTUP",
    "SERVER_UUID",
    "UUID",
];

/// Notes what is wrong with a nest's texts.
pub fn check_nest(name: &str, author: &str, description: Option<&str>, invalid: &mut Invalid) {
    invalid.name("name", name, 1..=255);
    invalid.name("author", author, 2..=255);
    if let Some(description) = description {
        invalid.text("description", description, 1..=1024);
    }
}

/// Notes what is wrong with an egg's texts. The description may be long: real ones are.
pub fn check_egg(name: &str, author: &str, description: Option<&str>, invalid: &mut Invalid) {
    invalid.name("name", name, 1..=255);
    invalid.name("author", author, 2..=255);
    if let Some(description) = description {
        invalid.text("description", description, 1..=65_536);
    }
}

/// Notes what is wrong with the name that a variable has in the container's environment.
pub fn check_env_variable(field: &str, name: &str, invalid: &mut Invalid) {
    let ok = (1..=255).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    invalid.require(
        ok,
        field,
        "must be letters (A to Z), digits and underscores, not a digit first",
    );
    let reserved = RESERVED_VARIABLES
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(name));
    invalid.require(
        !reserved,
        field,
        format!("{name:?} is set by the panel: choose another name"),
    );
}

/// Notes what is wrong with the value that a server gives a variable, before the egg's own rules are asked.
pub fn check_value(field: &str, value: &str, invalid: &mut Invalid) {
    invalid.require(
        value.chars().count() <= MAX_VALUE,
        field,
        format!("must be at most {MAX_VALUE} characters long"),
    );
    invalid.require(
        !value.contains('\0'),
        field,
        "must not contain a NUL character",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(check: impl FnOnce(&mut Invalid)) -> usize {
        let mut invalid = Invalid::new();
        check(&mut invalid);
        invalid.fields().len()
    }

    #[test]
    fn variables() {
        for good in ["SERVER_JARFILE", "_x", "mc_version"] {
            assert_eq!(
                wrong(|i| check_env_variable("env_variable", good, i)),
                0,
                "{good}"
            );
        }
        for bad in ["", "1ST", "A-B", "A B", "Ä", "server_port", "UUID"] {
            assert_eq!(
                wrong(|i| check_env_variable("env_variable", bad, i)),
                1,
                "{bad}"
            );
        }
        assert_eq!(wrong(|i| check_value("value", "line\nline", i)), 0);
        assert_eq!(wrong(|i| check_value("value", "a\0", i)), 1);
        assert_eq!(wrong(|i| check_value("value", &"a".repeat(4_097), i)), 1);
    }

    #[test]
    fn texts() {
        assert_eq!(wrong(|i| check_nest("Games", "me", None, i)), 0);
        assert_eq!(wrong(|i| check_nest("", "m", Some(""), i)), 3);
        assert_eq!(
            wrong(|i| check_egg("Paper", "me@example.com", Some(&"a".repeat(2_000)), i)),
            0
        );
    }
}
