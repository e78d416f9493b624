//! What stands for an archive in a world without one: the files as JSON behind a mark. Small, and the same bytes for the same files.

use sha2::{Digest, Sha256};

use crate::files::FileArea;

const MARK: &[u8] = b"wings-sim archive\n";

/// Files as an archive.
pub(crate) fn pack(files: &FileArea) -> Vec<u8> {
    let mut bytes = MARK.to_vec();
    match serde_json::to_vec(files) {
        Ok(text) => bytes.extend(text),
        Err(error) => tracing::error!(%error, "an archive is empty"),
    }
    bytes
}

/// The files of an archive; nothing for something that is none.
pub(crate) fn unpack(bytes: &[u8]) -> Option<FileArea> {
    serde_json::from_slice(bytes.strip_prefix(MARK)?).ok()
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
