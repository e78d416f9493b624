//! Files of a server: what a path may look like, and which files somebody does not get to see.

mod hidden;
mod path;

pub use hidden::{HiddenFiles, Kind};
pub use path::{BadPath, FilePath};

/// The longest file that is shown or compared as text, bytes.
pub const MAX_VIEW_BYTES: u64 = 10 * 1024 * 1024;
/// Larger files are not searched for a text, bytes.
pub const MAX_CONTENT_SEARCH_BYTES: u64 = 5 * 1024 * 1024;
/// The most files that a search finds.
pub const MAX_SEARCH_RESULTS: u32 = 100;
/// The most entries of a directory on one page, and the most that are sorted or sifted by the panel itself.
pub const MAX_ENTRIES: u32 = 10_000;
/// The most files that one request names.
pub const MAX_NAMED: usize = 1_000;
