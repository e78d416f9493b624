//! The exchanges that tests recorded.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// One request and its answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// As requested; a query is not looked at.
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    /// A string where the content type is not JSON, null where there is no body.
    #[serde(default)]
    pub(crate) response_body: Value,
}

/// Hands every exchange in the folder's files `*.jsonl` to `see`.
pub(crate) fn each(folder: &Path, mut see: impl FnMut(&Exchange)) -> Result<(), String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("no traffic was recorded in {}", folder.display()));
    }
    for file in files {
        let at = |line: usize, error: &dyn std::fmt::Display| {
            format!("{}:{}: {error}", file.display(), line + 1)
        };
        let lines = BufReader::new(File::open(&file).map_err(|error| at(0, &error))?).lines();
        for (number, line) in lines.enumerate() {
            let line = line.map_err(|error| at(number, &error))?;
            if !line.trim().is_empty() {
                see(&serde_json::from_str(&line).map_err(|error| at(number, &error))?);
            }
        }
    }
    Ok(())
}
