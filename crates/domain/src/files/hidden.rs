//! Files that a subuser does not get to see.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::FilePath;

/// What something is, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, or anything else that holds no files.
    File,
    /// A directory.
    Directory,
    /// Nobody has looked.
    Unknown,
}

/// Patterns as in `.gitignore`, relative to the root of the server's files. What one of them matches, and what is below
/// that, does not exist for whoever they are for.
#[derive(Debug, Clone)]
pub struct HiddenFiles {
    matcher: Gitignore,
    patterns: Vec<String>,
    /// The parts of the patterns that hide something. One that is bound to no place has no parts.
    places: Vec<Vec<String>>,
}

impl HiddenFiles {
    /// Of these patterns. One that cannot be read hides nothing; [`check`](Self::check) keeps those from being stored.
    #[must_use]
    pub fn new(patterns: &[String]) -> Self {
        let mut builder = GitignoreBuilder::new("");
        let mut places = Vec::new();
        for pattern in patterns {
            if builder.add_line(None, pattern).is_ok()
                && let Some(place) = place_of(pattern)
            {
                places.push(place);
            }
        }
        Self {
            matcher: builder.build().unwrap_or_else(|_| Gitignore::empty()),
            patterns: patterns.to_vec(),
            places,
        }
    }

    /// Whether `pattern` can be read.
    ///
    /// # Errors
    /// What is wrong with it, as the rest of a sentence.
    pub fn check(pattern: &str) -> Result<(), String> {
        let mut builder = GitignoreBuilder::new("");
        let read = builder.add_line(None, pattern).map(drop);
        read.and_then(|()| builder.build().map(drop))
            .map_err(|error| format!("must be a pattern as in .gitignore: {error}"))
    }

    /// Whether nothing is hidden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The patterns, for daemons that heed them.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }

    /// Whether `path`, or a directory that it is in, is hidden. As with git, a `!` shows nothing again that is in a hidden directory.
    #[must_use]
    pub fn hides(&self, path: &FilePath, kind: Kind) -> bool {
        if self.is_empty() || path.is_root() {
            return false;
        }
        let matches =
            |path: &str, is_directory| self.matcher.matched(path, is_directory).is_ignore();
        let text = path.as_str();
        let mut parents = text.match_indices('/').map(|(end, _)| &text[..end]);
        parents.any(|parent| matches(parent, true))
            || match kind {
                Kind::File => matches(text, false),
                Kind::Directory => matches(text, true),
                Kind::Unknown => matches(text, false) || matches(text, true),
            }
    }

    /// Whether something below `directory` may be hidden, going by the patterns alone. Says yes when in doubt: what is done with a
    /// directory as a whole is done with everything in it.
    #[must_use]
    pub fn may_hide_below(&self, directory: &FilePath) -> bool {
        self.places.iter().any(|place| {
            let mut parts = place.iter();
            for name in directory.parts() {
                match parts.next() {
                    // It is about the directory itself, or about one that it is in, or bound to no place.
                    None => return true,
                    Some(part) if part == "**" => return true,
                    Some(part) if part.contains(['*', '?', '[', '{', '\\']) => {}
                    Some(part) if part == name => {}
                    Some(_) => return false,
                }
            }
            true
        })
    }
}

/// The parts of a pattern from the root on; none for one that matches anywhere. Nothing for a line that hides nothing.
fn place_of(pattern: &str) -> Option<Vec<String>> {
    let pattern = pattern.trim_end();
    if pattern.is_empty() || pattern.starts_with(['#', '!']) {
        return None;
    }
    let inner = pattern.trim_end_matches('/');
    if !inner.contains('/') {
        return Some(Vec::new());
    }
    let parts = inner.split('/').filter(|part| !part.is_empty());
    let parts = parts.take_while(|part| !spans_parts(part));
    Some(parts.map(str::to_owned).collect())
}

/// Whether a choice or a class begins here and ends behind a slash, so that from here on nothing is known of the place.
fn spans_parts(part: &str) -> bool {
    let opens = |open: char, close: char| part.matches(open).count() != part.matches(close).count();
    opens('{', '}') || opens('[', ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(patterns: &[&str]) -> HiddenFiles {
        let patterns: Vec<String> = patterns
            .iter()
            .map(|pattern| (*pattern).to_owned())
            .collect();
        HiddenFiles::new(&patterns)
    }

    fn path(text: &str) -> FilePath {
        FilePath::parse(text).unwrap()
    }

    #[test]
    fn patterns_mean_what_git_means() {
        let files = hidden(&[
            "*.key",
            "/config/secret.yml",
            "private/",
            "logs/**",
            "!logs/latest.log",
        ]);
        for seen in [
            "a.txt",
            "config/other.yml",
            "plugins/config/secret.yml",
            "privateer",
            "",
        ] {
            assert!(!files.hides(&path(seen), Kind::Unknown), "{seen}");
        }
        for unseen in [
            "a.key",
            "deep/down/b.key",
            "config/secret.yml",
            "private/a.txt",
            "plugins/private/b",
            "logs/old.log",
        ] {
            assert!(files.hides(&path(unseen), Kind::Unknown), "{unseen}");
        }
        assert!(!files.hides(&path("private"), Kind::File));
        assert!(files.hides(&path("private"), Kind::Directory));
        assert!(!files.hides(&path("logs/latest.log"), Kind::File));
    }

    #[test]
    fn a_directory_may_hold_what_is_hidden() {
        let files = hidden(&["/config/secret.yml", "worlds/*/players", "!a"]);
        for may in [
            "",
            "config",
            "worlds",
            "worlds/nether",
            "worlds/nether/players",
            "config/secret.yml/x",
        ] {
            assert!(files.may_hide_below(&path(may)), "{may}");
        }
        for cannot in ["plugins", "config/other", "worlds/nether/region"] {
            assert!(!files.may_hide_below(&path(cannot)), "{cannot}");
        }
        assert!(hidden(&["*.key"]).may_hide_below(&path("anything/at/all")));
        assert!(hidden(&["**/a/b"]).may_hide_below(&path("anything")));
        assert!(!hidden(&["# nothing", "", "!x"]).may_hide_below(&path("anything")));
        assert!(hidden(&["# nothing", ""]).is_empty());
    }

    /// Whoever may share the server, too, gives patterns of their own in front of those that hide files from themselves.
    #[test]
    fn nothing_in_a_hidden_directory_is_shown_again() {
        for again in ["!*", "!private/**", "!private/a.txt"] {
            let files = hidden(&[again, "private/"]);
            for inside in ["private/a.txt", "private/deep/a.txt", "x/private/a.txt"] {
                assert!(files.hides(&path(inside), Kind::File), "{again}: {inside}");
            }
            assert!(!files.hides(&path("other/a.txt"), Kind::File), "{again}");
        }
        let files = hidden(&["*", "!plugins", "!plugins/**"]);
        assert!(!files.hides(&path("plugins/a.yml"), Kind::File));
        assert!(files.hides(&path("config/a.yml"), Kind::File));
    }

    #[test]
    fn a_choice_may_be_any_of_its_names() {
        let files = hidden(&["/{config,data}/secret.yml"]);
        assert!(files.hides(&path("config/secret.yml"), Kind::File));
        assert!(files.may_hide_below(&path("config")));
        assert!(files.may_hide_below(&path("data")));
        let files = hidden(&["/{config/secret,data}.yml"]);
        assert!(files.hides(&path("config/secret.yml"), Kind::File));
        assert!(files.may_hide_below(&path("config")));
        assert!(!hidden(&["/worlds/{a,b}/c"]).may_hide_below(&path("plugins")));
    }

    #[test]
    fn unreadable_patterns_are_told() {
        assert_eq!(HiddenFiles::check("*.key"), Ok(()));
        assert!(HiddenFiles::check("a[z-a]").is_err());
        assert!(hidden(&["a[z-a]"]).is_empty());
    }
}
