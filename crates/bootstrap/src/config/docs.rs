//! The page that documents every setting, made from the same table that is checked at start.

use std::fmt::Write as _;

use super::settings::{Fallback, SETTINGS, UsedBy};

/// `docs/CONFIGURATION.md`.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         `panel-server` and `panel-worker` read these variables from the environment, then from a `.env` file in the\n\
         working directory (or the one named by `--env-file`); flags override both. A process that finds a missing or\n\
         wrong value does not start and lists every problem at once; `panel-server doctor` also asks the running\n\
         services. Everything that is not here is a setting in the database, edited in the panel.\n\n\
         This page is made by `panel-server settings` from the table the programs check; do not edit it by hand.\n\n\
         | Variable | Default | Used by | Meaning |\n|---|---|---|---|\n",
    );
    for setting in SETTINGS {
        let default = match setting.fallback {
            Fallback::Required => "**required**".to_owned(),
            Fallback::Unset => "not set".to_owned(),
            Fallback::Value(value) => format!("`{value}`"),
        };
        let used_by = match setting.used_by {
            UsedBy::Both => "both",
            UsedBy::Server => "server",
            UsedBy::Worker => "worker",
        };
        let secret = if setting.secret { " Secret." } else { "" };
        // Writing to a String cannot fail.
        writeln!(
            page,
            "| `{}` | {default} | {used_by} | {}{secret} |",
            setting.key, setting.help
        )
        .ok();
    }
    page
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checked_in_page_is_the_current_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CONFIGURATION.md");
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page == super::markdown(),
            "run `cargo run -p panel-server -- settings > docs/CONFIGURATION.md`"
        );
    }
}
