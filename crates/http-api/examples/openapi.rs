//! Prints the OpenAPI document of the code. `cargo xtask generate` runs it and writes `docs/openapi.json`, which the server publishes.

use std::error::Error;
use std::io::{self, Write as _};

fn main() -> Result<(), Box<dyn Error>> {
    let document = panel_http_api::openapi::document();
    writeln!(io::stdout(), "{}", document.to_pretty_json()?)?;
    Ok(())
}
