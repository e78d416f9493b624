//! Parts of a file area: taken out, put in, walked through.

use chrono::{DateTime, Utc};
use wings_client::wire::files::Entry;

use super::{FileArea, PathError, join, normal};

impl FileArea {
    /// Those files and directories below `root`, with paths from there.
    pub(crate) fn subset(&self, root: &str, names: &[String]) -> Result<Self, PathError> {
        let root = normal(root).ok_or(PathError::Missing)?;
        let mut taken = Self::default();
        for name in names {
            let Some(path) = normal(&join(&root, name)).filter(|path| !path.is_empty()) else {
                continue;
            };
            let inside = self.below(&path).map(|(path, node)| (path.as_str(), node));
            let itself = self.0.get(&path).map(|node| (path.as_str(), node));
            for (path, node) in inside.chain(itself) {
                let below = path.strip_prefix(&root).unwrap_or(path);
                let below = below.trim_start_matches('/').to_owned();
                taken.0.insert(below, node.clone());
            }
        }
        Ok(taken)
    }

    /// Puts the files of another area below `root`.
    pub(crate) fn graft(
        &mut self,
        root: &str,
        other: Self,
        now: DateTime<Utc>,
    ) -> Result<(), PathError> {
        let root = normal(root).ok_or(PathError::Missing)?;
        self.make_directory(&root, now)?;
        for (path, node) in other.0 {
            let path = normal(&join(&root, &path)).ok_or(PathError::Missing)?;
            self.make_directory(super::parent(&path), now)?;
            self.0.insert(path, node);
        }
        Ok(())
    }

    /// The entry of a path.
    pub(crate) fn entry_at(&self, path: &str) -> Option<Entry> {
        let path = normal(path)?;
        self.0.get(&path).map(|node| self.entry(&path, node))
    }

    /// Everything below `root`, each entry under its path from there.
    pub(crate) fn walk(&self, root: &str) -> Result<Vec<Entry>, PathError> {
        let root = normal(root).ok_or(PathError::Missing)?;
        if !self.is_directory(&root) {
            return Err(PathError::Missing);
        }
        Ok(self
            .below(&root)
            .map(|(path, node)| Entry {
                name: path
                    .strip_prefix(&root)
                    .unwrap_or(path)
                    .trim_start_matches('/')
                    .to_owned(),
                ..self.entry(path, node)
            })
            .collect())
    }
}

/// Whether a name matches a pattern of texts, `*` and `?`.
pub(crate) fn glob(pattern: &str, name: &str) -> bool {
    fn go(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.first(), name.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                let rest = pattern.get(1..).unwrap_or_default();
                (0..=name.len()).any(|skip| go(rest, name.get(skip..).unwrap_or_default()))
            }
            (Some(b'?'), Some(_)) => go(
                pattern.get(1..).unwrap_or_default(),
                name.get(1..).unwrap_or_default(),
            ),
            (Some(a), Some(b)) if a == b => go(
                pattern.get(1..).unwrap_or_default(),
                name.get(1..).unwrap_or_default(),
            ),
            _ => false,
        }
    }
    let pattern = pattern.replace("**/", "*").replace("**", "*");
    go(pattern.as_bytes(), name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_shells_do() {
        for (pattern, name, matches) in [
            ("*.yml", "a.yml", true),
            ("**/*.yml", "b/a.yml", true),
            ("a?c", "abc", true),
            ("*.jar", "a.yml", false),
            ("", "a", false),
        ] {
            assert_eq!(glob(pattern, name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn a_part_is_taken_out_and_put_in_elsewhere() {
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let mut area = FileArea::default();
        area.write("world/region/a", b"1".to_vec(), now).unwrap();
        area.write("world/level.dat", b"2".to_vec(), now).unwrap();
        let part = area.subset("/world", &["region".into()]).unwrap();
        let mut other = FileArea::default();
        other.graft("/old", part, now).unwrap();
        assert_eq!(other.read("old/region/a"), Ok(b"1".as_slice()));
        assert_eq!(other.read("old/level.dat"), Err(PathError::Missing));
    }
}
