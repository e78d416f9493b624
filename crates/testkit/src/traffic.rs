//! What was asked and answered, kept for the test and, where `ROOST_RECORD_TRAFFIC` names a folder, for the comparison with
//! the contract.

use std::fs::{File, OpenOptions, create_dir_all};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::client::Principal;
use crate::must::Must as _;

/// Names the folder that exchanges are written to.
const FOLDER: &str = "ROOST_RECORD_TRAFFIC";

/// A request and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query, without its question mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Who asked.
    pub principal: Principal,
    /// The body that was sent, when it was JSON.
    pub request_body: Value,
    /// Status of the answer.
    pub status: u16,
    /// Media type of the answer.
    pub content_type: Option<String>,
    /// Body of the answer: as it is when it was JSON, else its text; `null` when it was empty.
    pub response_body: Value,
}

/// Appends `exchange` to this process's file, as one line of JSON.
pub(crate) fn record(exchange: &Exchange) {
    let Some(file) = file() else { return };
    let mut line = serde_json::to_vec(exchange).must("an exchange is not JSON");
    line.push(b'\n');
    file.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .write_all(&line)
        .must("an exchange could not be recorded");
}

fn file() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = PathBuf::from(std::env::var_os(FOLDER)?);
        create_dir_all(&folder).must(FOLDER);
        let program = std::env::current_exe().ok();
        let program = program
            .as_deref()
            .and_then(|path| path.file_stem()?.to_str())
            .unwrap_or("test");
        let path = folder.join(format!("{program}-{}.jsonl", std::process::id()));
        let file = OpenOptions::new().create(true).append(true).open(path);
        Some(Mutex::new(file.must(FOLDER)))
    })
    .as_ref()
}
