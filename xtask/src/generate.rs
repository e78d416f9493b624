//! Files that are generated and checked in: the OpenAPI document and the web client's types.

use std::path::PathBuf;

use crate::Outcome;
use crate::shell::{self, command, root};
use crate::stack::{self, Build};
use crate::web;

/// `cargo xtask generate`: writes the files, or fails when the committed ones differ from what would be written.
pub(crate) fn run(check: bool, build: Build) -> Outcome {
    let files = [
        root().join("docs/openapi.json"),
        shell::web_app().join("src/api/schema.ts"),
    ];
    let before = files
        .iter()
        .map(|file| std::fs::read(file).ok())
        .collect::<Vec<_>>();
    stack::build(build)?;
    let describer = shell::built("examples/openapi");
    let document = shell::output(&mut command(&describer.to_string_lossy()))?;
    // The server has the file in it, and would be built again for one that is only newer.
    if before[0].as_deref() != Some(document.as_bytes()) {
        std::fs::write(&files[0], document)?;
    }
    web::install()?;
    web::script("generate")?;
    if !check {
        return Ok(());
    }
    let mut drifted: Vec<PathBuf> = Vec::new();
    for (file, before) in files.into_iter().zip(before) {
        if std::fs::read(&file).ok() == before {
            continue;
        }
        // A check leaves the tree as it was.
        match before {
            Some(before) => std::fs::write(&file, before)?,
            None => std::fs::remove_file(&file)?,
        }
        drifted.push(file);
    }
    if drifted.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = drifted
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Err(format!(
        "{} differ from what the code gives: run `cargo xtask generate` and commit",
        names.join(" and ")
    )
    .into())
}
