//! The values as the operator wrote them, before anything is checked.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::args::ConfigArgs;
use super::problem::{Problem, Problems};
use super::settings::SETTINGS;

/// Names the place at which a test wants the process to stop. Not a setting: only debug builds look at it.
pub(super) const FAILPOINT: &str = "ROOST_FAILPOINT";

/// Names what a test wants to go wrong. Not a setting: only debug builds look at it.
pub(super) const SABOTAGE: &str = "ROOST_SABOTAGE";

/// The text of each setting that was given, by key. An empty text counts as not given, since that is how
/// container tools pass a variable that has no value.
#[derive(Clone, Default)]
pub struct Raw {
    values: BTreeMap<String, String>,
}

impl Raw {
    /// Collects flags, then the environment, then the `.env` file; the first one that names a setting wins.
    ///
    /// # Errors
    ///
    /// The `.env` file cannot be read, or a value is not text.
    pub fn gather(args: &ConfigArgs) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let mut raw = Self::default();
        for (key, value) in args.overrides() {
            raw.offer(key, value);
        }
        for setting in SETTINGS {
            let Some(value) = std::env::var_os(setting.key) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => raw.offer(setting.key, value),
                Err(_) => problems.push(Problem {
                    key: setting.key.to_owned(),
                    what: "is not valid UTF-8".to_owned(),
                    mend: "Write it as plain text.".to_owned(),
                }),
            }
        }
        for key in [FAILPOINT, SABOTAGE] {
            if cfg!(debug_assertions)
                && let Ok(value) = std::env::var(key)
            {
                raw.offer(key, value);
            }
        }
        let file = args.env_file.as_deref();
        match read_env_file(file.unwrap_or_else(|| Path::new(".env")), file.is_some()) {
            Ok(pairs) => {
                for (key, value) in pairs {
                    raw.offer(&key, value);
                }
            }
            Err(problem) => problems.push(problem),
        }
        if problems.is_empty() {
            Ok(raw)
        } else {
            Err(Problems::new(problems))
        }
    }

    /// The given text of a setting.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    fn offer(&mut self, key: &str, value: String) {
        let value = value.trim();
        if !value.is_empty() {
            self.values
                .entry(key.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Raw {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut raw = Self::default();
        for (key, value) in pairs {
            raw.offer(&key.into(), value.into());
        }
        raw
    }
}

fn read_env_file(path: &Path, required: bool) -> Result<Vec<(String, String)>, Problem> {
    let problem = |what: String, mend: &str| Problem {
        key: path.display().to_string(),
        what,
        mend: mend.to_owned(),
    };
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(dotenvy::Error::Io(e)) if e.kind() == ErrorKind::NotFound && !required => {
            return Ok(Vec::new());
        }
        Err(e) => {
            return Err(problem(
                format!("cannot be read: {e}"),
                "Give the path of a readable file, or leave --env-file out.",
            ));
        }
    };
    lines
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| match error {
            // The error's own text repeats the line, which may hold a password.
            dotenvy::Error::LineParse(_, at) => problem(
                format!("has a line that is not understood, at character {at} of it"),
                "Write one KEY=value per line; put values with spaces or # in quotes.",
            ),
            dotenvy::Error::Io(e) => problem(format!("cannot be read: {e}"), "Check the file."),
            _ => problem(
                "is not understood".to_owned(),
                "Write one KEY=value per line.",
            ),
        })
}
