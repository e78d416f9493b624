//! Puts `docs/openapi.json` into the program, so that the code that makes it need not be there: the document itself, compressed, and
//! the paths of its operations as a table of Rust.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

const DOCUMENT: &str = "../../docs/openapi.json";

/// The methods that a path may have, in the order in which the header `Allow` lists them.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    println!("cargo::rerun-if-changed=build.rs");
    let document = read().map_err(|error| {
        format!(
            "docs/openapi.json cannot be used ({error}): take any committed version of it, and then run `cargo xtask generate`"
        )
    })?;
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    compress(&document, &folder.join("openapi.json.gz"))?;
    fs::write(folder.join("paths.rs"), paths(&document)?)?;
    Ok(())
}

fn read() -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_slice(&fs::read(DOCUMENT)?)?)
}

/// Without the line breaks and indents that the file has for people.
fn compress(document: &Value, file: &Path) -> Result<(), Box<dyn Error>> {
    let mut encoder = GzEncoder::new(File::create(file)?, Compression::best());
    encoder.write_all(&serde_json::to_vec(document)?)?;
    encoder.finish()?;
    Ok(())
}

fn paths(document: &Value) -> Result<String, Box<dyn Error>> {
    let paths = document["paths"]
        .as_object()
        .ok_or("docs/openapi.json has no paths")?;
    let mut table = String::from("&[\n");
    for (path, item) in paths {
        let methods: Vec<&str> = METHODS
            .into_iter()
            .filter(|method| item.get(method.to_lowercase()).is_some())
            .collect();
        writeln!(table, "    ({path:?}, {:?}),", methods.join(", "))?;
    }
    table.push_str("]\n");
    Ok(table)
}
