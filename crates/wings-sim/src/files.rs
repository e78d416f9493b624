//! The file area of a simulated server: in memory, with directories, without permissions.

mod trees;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use wings_client::wire::files::Entry;

pub(crate) use trees::glob;

/// A file or directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Node {
    created: DateTime<Utc>,
    modified: DateTime<Utc>,
    mode: String,
    /// Base64 of a file; nothing for a directory.
    #[serde(default, with = "content")]
    content: Option<Vec<u8>>,
    /// Where a symbolic link leads; it has an empty content then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

mod content {
    use super::{Engine, STANDARD};
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands over the field itself")]
    pub(super) fn serialize<S: Serializer>(
        content: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match content {
            Some(content) => serializer.serialize_some(&STANDARD.encode(content)),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// Why a path cannot be used as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathError {
    /// Nothing there, or outside.
    Missing,
    /// A directory where a file was meant.
    Directory,
    /// A file where a directory was meant.
    File,
    /// Something there already.
    Exists,
}

/// Files by path, without a slash at either end; the root is not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FileArea(BTreeMap<String, Node>);

/// `a/b` of `/a//./b/`; nothing for a path that leaves the root.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn join(root: &str, name: &str) -> String {
    format!("{root}/{name}")
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("json") => "application/json",
        Some("yml" | "yaml") => "application/yaml",
        Some("jar" | "zip") => "application/zip",
        Some("gz") => "application/gzip",
        Some("png") => "image/png",
        Some("dat" | "bin" | "mca") => "application/octet-stream",
        _ => "text/plain",
    }
}

impl FileArea {
    fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.0.get(path).is_some_and(|node| node.content.is_none())
    }

    fn below<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = (&'a String, &'a Node)> {
        self.0.iter().filter(move |(path, _)| {
            directory.is_empty()
                || path
                    .strip_prefix(directory)
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Bytes of all files.
    pub(crate) fn size(&self) -> u64 {
        self.0
            .values()
            .filter_map(|node| node.content.as_ref())
            .map(|content| content.len() as u64)
            .sum()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Puts the files of another area over these.
    pub(crate) fn overlay(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn entry(&self, path: &str, node: &Node) -> Entry {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let directory = node.content.is_none();
        let size = match &node.content {
            Some(content) => content.len() as u64,
            None => self
                .below(path)
                .filter_map(|(_, node)| node.content.as_ref())
                .map(|content| content.len() as u64)
                .sum(),
        };
        Entry {
            created: node.created.fixed_offset(),
            modified: node.modified.fixed_offset(),
            mode: symbolic(directory, &node.mode),
            mode_bits: node.mode.clone(),
            size,
            directory,
            file: !directory,
            symlink: node.link.is_some(),
            mime: if directory {
                "inode/directory".into()
            } else {
                mime_of(&name).into()
            },
            name,
            size_physical: None,
            editable: None,
            inner_editable: None,
            r#virtual: None,
        }
    }

    /// Entries of a directory, directories first, by name.
    pub(crate) fn list(&self, directory: &str) -> Result<Vec<Entry>, PathError> {
        let directory = normal(directory).ok_or(PathError::Missing)?;
        if !self.is_directory(&directory) {
            return Err(if self.0.contains_key(&directory) {
                PathError::File
            } else {
                PathError::Missing
            });
        }
        let mut entries: Vec<Entry> = self
            .below(&directory)
            .filter(|(path, _)| parent(path) == directory)
            .map(|(path, node)| self.entry(path, node))
            .collect();
        entries.sort_by(|a, b| (a.file, &a.name).cmp(&(b.file, &b.name)));
        Ok(entries)
    }

    pub(crate) fn read(&self, file: &str) -> Result<&[u8], PathError> {
        let mut path = normal(file).ok_or(PathError::Missing)?;
        // A link to a link is followed once more, and no further.
        for _ in 0..2 {
            if let Some(link) = self.0.get(&path).and_then(|node| node.link.as_deref()) {
                path = normal(link).ok_or(PathError::Missing)?;
            }
        }
        match self.0.get(&path) {
            Some(Node {
                content: Some(content),
                ..
            }) => Ok(content),
            Some(_) => Err(PathError::Directory),
            None => Err(PathError::Missing),
        }
    }

    /// Writes a whole file; directories on its way are made.
    pub(crate) fn write(
        &mut self,
        file: &str,
        content: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<(), PathError> {
        let path = normal(file)
            .filter(|path| !path.is_empty())
            .ok_or(PathError::Missing)?;
        if self.is_directory(&path) {
            return Err(PathError::Directory);
        }
        self.make_directory(parent(&path), now)?;
        let node = self.0.entry(path).or_insert_with(|| Node {
            created: now,
            modified: now,
            mode: "644".into(),
            content: None,
            link: None,
        });
        node.modified = now;
        node.content = Some(content);
        Ok(())
    }

    pub(crate) fn make_directory(
        &mut self,
        directory: &str,
        now: DateTime<Utc>,
    ) -> Result<(), PathError> {
        let path = normal(directory).ok_or(PathError::Missing)?;
        let mut so_far = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if !so_far.is_empty() {
                so_far.push('/');
            }
            so_far.push_str(part);
            match self.0.get(&so_far) {
                Some(node) if node.content.is_some() => return Err(PathError::File),
                Some(_) => {}
                None => {
                    let node = Node {
                        created: now,
                        modified: now,
                        mode: "755".into(),
                        content: None,
                        link: None,
                    };
                    self.0.insert(so_far.clone(), node);
                }
            }
        }
        Ok(())
    }

    /// Deletes a file, or a directory with all in it; says whether there was one.
    pub(crate) fn delete(&mut self, root: &str, name: &str) -> bool {
        let Some(path) = normal(&join(root, name)).filter(|path| !path.is_empty()) else {
            return false;
        };
        let inside: Vec<String> = self.below(&path).map(|(path, _)| path.clone()).collect();
        for path in inside {
            self.0.remove(&path);
        }
        self.0.remove(&path).is_some()
    }

    /// Moves a file or directory.
    pub(crate) fn rename(
        &mut self,
        root: &str,
        from: &str,
        to: &str,
        now: DateTime<Utc>,
    ) -> Result<(), PathError> {
        let from = normal(&join(root, from)).ok_or(PathError::Missing)?;
        let to = normal(&join(root, to)).ok_or(PathError::Missing)?;
        if !self.0.contains_key(&from) || to.starts_with(&format!("{from}/")) {
            return Err(PathError::Missing);
        }
        if to.is_empty() || self.0.contains_key(&to) {
            return Err(PathError::Exists);
        }
        self.make_directory(parent(&to), now)?;
        let moved: Vec<String> = self
            .below(&from)
            .map(|(path, _)| path.clone())
            .chain([from.clone()])
            .collect();
        for path in moved {
            if let Some(node) = self.0.remove(&path) {
                let rest = path.strip_prefix(&from).unwrap_or_default();
                self.0.insert(format!("{to}{rest}"), node);
            }
        }
        Ok(())
    }

    /// Copies a file beside itself; without a name it becomes `name copy.ending`.
    pub(crate) fn copy(
        &mut self,
        file: &str,
        name: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Entry, PathError> {
        let content = self.read(file)?.to_vec();
        let path = normal(file).ok_or(PathError::Missing)?;
        let base = path.rsplit('/').next().unwrap_or(&path);
        let name = name.map_or_else(
            || match base.rsplit_once('.') {
                Some((stem, ending)) if !stem.is_empty() => format!("{stem} copy.{ending}"),
                _ => format!("{base} copy"),
            },
            str::to_owned,
        );
        let target = normal(&join(parent(&path), &name)).ok_or(PathError::Missing)?;
        if self.0.contains_key(&target) {
            return Err(PathError::Exists);
        }
        self.write(&target, content, now)?;
        let node = self.0.get(&target).ok_or(PathError::Missing)?;
        Ok(self.entry(&target, node))
    }

    /// Makes a symbolic link; `target` is relative to its directory unless it begins with a slash.
    pub(crate) fn link(
        &mut self,
        path: &str,
        target: &str,
        now: DateTime<Utc>,
    ) -> Result<(), PathError> {
        let path = normal(path).ok_or(PathError::Missing)?;
        if path.is_empty() || self.0.contains_key(&path) {
            return Err(PathError::Exists);
        }
        let target = if target.starts_with('/') {
            normal(target)
        } else {
            normal(&join(parent(&path), target))
        };
        let target = target.ok_or(PathError::Missing)?;
        self.write(&path, Vec::new(), now)?;
        if let Some(node) = self.0.get_mut(&path) {
            node.link = Some(target);
        }
        Ok(())
    }

    /// Sets the mode of a file; says whether there was one.
    pub(crate) fn change_mode(&mut self, root: &str, name: &str, mode: &str) -> bool {
        let Some(path) = normal(&join(root, name)) else {
            return false;
        };
        match self.0.get_mut(&path) {
            Some(node) => {
                mode.trim_start_matches('0').clone_into(&mut node.mode);
                true
            }
            None => false,
        }
    }
}

fn symbolic(directory: bool, octal: &str) -> String {
    let mut text = String::from(if directory { "d" } else { "-" });
    for digit in octal.chars().filter_map(|digit| digit.to_digit(8)) {
        for (bit, letter) in [(4, 'r'), (2, 'w'), (1, 'x')] {
            text.push(if digit & bit == 0 { '-' } else { letter });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000, 0).unwrap()
    }

    fn area() -> FileArea {
        let mut area = FileArea::default();
        area.write("/world/level.dat", b"data\n".to_vec(), now())
            .unwrap();
        area.write("server.properties", b"motd=x\n".to_vec(), now())
            .unwrap();
        area
    }

    #[test]
    fn lists_directories_first() {
        let area = area();
        let names: Vec<_> = area
            .list("/")
            .unwrap()
            .into_iter()
            .map(|entry| (entry.name, entry.mode, entry.size))
            .collect();
        assert_eq!(
            names,
            [
                ("world".to_owned(), "drwxr-xr-x".to_owned(), 5),
                ("server.properties".to_owned(), "-rw-r--r--".to_owned(), 7)
            ]
        );
        assert_eq!(area.list("/../../etc"), Err(PathError::Missing));
        assert_eq!(area.list("server.properties"), Err(PathError::File));
    }

    #[test]
    fn moves_directories_with_their_files() {
        let mut area = area();
        area.rename("/", "world", "old/world", now()).unwrap();
        assert_eq!(area.read("old/world/level.dat"), Ok(b"data\n".as_slice()));
        assert_eq!(area.read("world/level.dat"), Err(PathError::Missing));
        assert_eq!(
            area.rename("/", "old", "server.properties", now()),
            Err(PathError::Exists)
        );
        assert!(area.delete("/", "old"));
        assert_eq!(area.read("old/world/level.dat"), Err(PathError::Missing));
    }

    #[test]
    fn survives_being_stored() {
        let area = area();
        let text = serde_json::to_string(&area).unwrap();
        assert_eq!(serde_json::from_str::<FileArea>(&text).unwrap(), area);
    }
}
