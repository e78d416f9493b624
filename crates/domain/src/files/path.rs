//! Paths below the root of a server's files.

use std::fmt;

/// Longest path, bytes: what Linux takes.
const LONGEST_PATH: usize = 4095;
/// Longest name of one file or directory, bytes: what Linux takes.
const LONGEST_NAME: usize = 255;

/// Why a text is no path in a server's files. Reads as the rest of a sentence that begins with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// A byte 0.
    #[error("must not contain a NUL character")]
    Nul,
    /// `..` beyond the root.
    #[error("must not lead out of the server's files")]
    Outside,
    /// Too long as a whole, or one of its names.
    #[error("must have {LONGEST_PATH} bytes at most, and {LONGEST_NAME} in each name")]
    TooLong,
    /// The root, where something in it was meant.
    #[error("must name a file or directory")]
    Root,
}

/// A path in a server's files, in the only form that is compared and sent to nodes: relative to the root, without empty parts,
/// `.` and `..`. Any other byte is part of a name, line breaks included: names are data and are never joined to a path of
/// the panel's own machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FilePath(String);

impl FilePath {
    /// The root of the server's files.
    pub const ROOT: Self = Self(String::new());

    /// Reads a path; a leading slash makes no difference.
    ///
    /// # Errors
    /// [`BadPath`].
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        Self::ROOT.join(text)
    }

    /// Reads a path that is relative to this one. `..` may lead up, but not out of the server's files.
    ///
    /// # Errors
    /// [`BadPath`].
    pub fn join(&self, text: &str) -> Result<Self, BadPath> {
        if text.contains('\0') {
            return Err(BadPath::Nul);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(BadPath::Outside)?;
                }
                part if part.len() > LONGEST_NAME => return Err(BadPath::TooLong),
                part => parts.push(part),
            }
        }
        let path = parts.join("/");
        if path.len() > LONGEST_PATH {
            return Err(BadPath::TooLong);
        }
        Ok(Self(path))
    }

    /// As [`join`](Self::join), for something that is to be in the server's files: not their root.
    ///
    /// # Errors
    /// [`BadPath`].
    pub fn entry(&self, text: &str) -> Result<Self, BadPath> {
        let path = self.join(text)?;
        if path.is_root() {
            return Err(BadPath::Root);
        }
        Ok(path)
    }

    /// Whether it is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Relative to the root, which is empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the root on, with a slash: how nodes are told.
    #[must_use]
    pub fn absolute(&self) -> String {
        format!("/{}", self.0)
    }

    /// Its names, from the root down.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last name; nothing for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The directory that it is in; the root is in itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(
            self.0
                .rsplit_once('/')
                .map_or_else(String::new, |(parent, _)| parent.to_owned()),
        )
    }

    /// The directory of so many of its first names; itself when it has no more.
    #[must_use]
    pub fn ancestor(&self, names: usize) -> Self {
        let names: Vec<&str> = self.parts().take(names).collect();
        Self(names.join("/"))
    }

    /// The rest of it below `directory`, if it is there.
    #[must_use]
    pub fn below(&self, directory: &Self) -> Option<&str> {
        if directory.is_root() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&directory.0)?.strip_prefix('/')
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_form_of_each_path() {
        for same in [
            "/plugins/a.yml",
            "plugins//a.yml",
            "./plugins/./a.yml",
            "world/../plugins/a.yml/",
        ] {
            let path = FilePath::parse(same).unwrap();
            assert_eq!(path.as_str(), "plugins/a.yml", "{same}");
            assert_eq!(path.absolute(), "/plugins/a.yml");
            assert_eq!(path.name(), "a.yml");
            assert_eq!(path.parent().as_str(), "plugins");
        }
        for root in ["", "/", "//.", "a/.."] {
            assert!(FilePath::parse(root).unwrap().is_root(), "{root}");
            assert_eq!(FilePath::ROOT.entry(root), Err(BadPath::Root), "{root}");
        }
    }

    #[test]
    fn nothing_leads_out() {
        for outside in ["..", "/..", "a/../..", "../etc/passwd", "a/b/../../../c"] {
            assert_eq!(FilePath::parse(outside), Err(BadPath::Outside), "{outside}");
        }
        let plugins = FilePath::parse("plugins").unwrap();
        assert_eq!(plugins.join("../a").unwrap().as_str(), "a");
        assert_eq!(plugins.join("../../a"), Err(BadPath::Outside));
        assert_eq!(FilePath::parse("a\0b"), Err(BadPath::Nul));
        let long = "a".repeat(256);
        assert_eq!(FilePath::parse(&long), Err(BadPath::TooLong));
        let deep = "abc/".repeat(2000);
        assert_eq!(FilePath::parse(&deep), Err(BadPath::TooLong));
    }

    #[test]
    fn odd_names_are_names() {
        for odd in [
            "..a",
            "...",
            "a\nb",
            "<b>",
            "a\\..\\b",
            "\u{202e}txt",
            "%2e%2e",
            " ",
        ] {
            assert_eq!(FilePath::parse(odd).unwrap().as_str(), odd);
        }
    }

    #[test]
    fn ancestors_go_by_names() {
        let path = FilePath::parse("a/bc/d").unwrap();
        for (names, ancestor) in [(0, ""), (1, "a"), (2, "a/bc"), (3, "a/bc/d"), (9, "a/bc/d")] {
            assert_eq!(path.ancestor(names).as_str(), ancestor);
        }
    }

    #[test]
    fn below_is_about_whole_names() {
        let path = FilePath::parse("a/bc/d").unwrap();
        let below = |text: &str| path.below(&FilePath::parse(text).unwrap());
        assert_eq!(below("a"), Some("bc/d"));
        assert_eq!(below("a/bc"), Some("d"));
        assert_eq!(below("a/b"), None);
        assert_eq!(below("/"), Some("a/bc/d"));
        assert_eq!(below("a/bc/d"), None);
    }
}
