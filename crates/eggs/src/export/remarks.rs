//! What the panel that a file is written for will not like about it, although the format can say it.

use super::{Writer, variable_path};
use crate::model::{Family, Variable};

/// Names that Pterodactyl refuses to import.
const REFUSED: [&str; 9] = [
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
/// Names that Pelican renames beside those.
const RENAMED: [&str; 10] = [
    "P_SERVER_UUID",
    "P_SERVER_ALLOCATION_LIMIT",
    "MODIFIED_STARTUP",
    "INTERNAL_IP",
    "HOSTNAME",
    "TERM",
    "LANG",
    "PWD",
    "TZ",
    "TIMEZONE",
];
/// Bytes that Calagopus allows in a description or a default.
const CALAGOPUS_TEXT: usize = 1024;

impl Writer<'_> {
    pub(super) fn remarks(&mut self) {
        let egg = self.egg;
        match self.format.family() {
            Family::Pterodactyl => {
                if !egg.author.contains('@') {
                    self.attention(
                        "/author",
                        "Pterodactyl refuses an egg whose author is not an e-mail address.",
                    );
                }
                if egg.name.chars().count() > 191 {
                    self.attention(
                        "/name",
                        "Pterodactyl refuses names of more than 191 characters.",
                    );
                }
            }
            Family::Pelican => {}
            Family::Native => {
                if egg
                    .description
                    .as_ref()
                    .is_some_and(|text| text.len() > CALAGOPUS_TEXT)
                {
                    self.attention(
                        "/description",
                        "Calagopus refuses descriptions of more than 1024 bytes.",
                    );
                }
            }
        }
        for variable in &egg.variables {
            self.remark_on(variable);
        }
    }

    fn remark_on(&mut self, variable: &Variable) {
        let env = &variable.env_variable;
        let is_one_of = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(env));
        match self.format.family() {
            Family::Pterodactyl => {
                let plain = env
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if is_one_of(&REFUSED) || !plain {
                    self.attention(
                        variable_path(env, "env_variable"),
                        format!("Pterodactyl refuses an egg with a variable of the name `{env}`."),
                    );
                }
                if self.same_family() && variable.extra.contains_key("sort") {
                    self.attention(
                        variable_path(env, "sort"),
                        "The original file says a place among the variables, which Pterodactyl itself cannot import.",
                    );
                }
            }
            Family::Pelican => {
                if is_one_of(&REFUSED) || is_one_of(&RENAMED) {
                    let upper = env.to_uppercase();
                    self.attention(
                        variable_path(env, "env_variable"),
                        format!("Pelican renames `{env}` to `SERVER_{upper}`, but not in edited files and the script."),
                    );
                }
            }
            Family::Native => {
                if !(3..=255).contains(&variable.name.len()) {
                    self.attention(
                        variable_path(env, "name"),
                        "Calagopus leaves out variables whose name is not 3 to 255 bytes long.",
                    );
                }
                for (field, text) in [
                    ("description", &variable.description),
                    ("default_value", &variable.default_value),
                ] {
                    if text.len() > CALAGOPUS_TEXT {
                        self.attention(
                            variable_path(env, field),
                            "Calagopus leaves out variables with a text of more than 1024 bytes here.",
                        );
                    }
                }
                let odd = |rule: &String| {
                    let name = rule.split(':').next().unwrap_or_default();
                    name.is_empty()
                        || name == "present"
                        || name.contains(|c: char| c.is_uppercase())
                };
                if variable.rules.iter().any(odd) {
                    self.attention(
                        variable_path(env, "rules"),
                        "Calagopus leaves out variables with an empty rule, a rule in capitals, or `present`.",
                    );
                }
            }
        }
    }
}
