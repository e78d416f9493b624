//! Files of servers. They are on the node; the panel decides who may what, and keeps the log.
//!
//! A path is read once ([`FilePath`]), and that form is what is compared with patterns and sent to the node. What is hidden from a
//! subuser does not exist for them. What is done to a directory as a whole is refused to them when something in it may be hidden.

mod access;
mod archives;
mod change;
mod copy;
mod copy_remote;
mod inspect;
mod links;
mod list;
mod operations;
mod pull;
mod read;
mod search;
mod write;

pub(crate) use access::told;
pub use archives::{Compress, Decompress, compress, decompress};
pub use change::{
    ChangeModes, DeleteFiles, ModeChange, RenameFiles, change_modes, create_directory,
    create_symlink, delete, rename,
};
pub use copy::{Copied, CopyFile, CopyMany, CopyWork, copy, copy_many};
pub use copy_remote::{CopyRemote, copy_remote};
pub use inspect::{
    RevisionDetails, SqliteQuery, fingerprint, largest_directories, query_sqlite, read_revision,
    revisions,
};
pub use links::{DownloadFiles, download, upload};
pub use list::{ListFiles, Listing, Sort, SortBy, list};
pub use operations::{Operation, abort_operation, operations};
pub use panel_domain::files::FilePath;
pub use pull::{PullFile, preview_pull, pull};
pub use read::{Reading, read};
pub use search::search;
pub use wings_client::wire::files::Search;
pub use wings_client::wire::files::{
    Algorithm, ArchiveFormat, ContentFilter, Entry, Move, PathFilter, PullPreview, SizeFilter,
    SqliteResult, SqliteValue,
};
pub use wings_client::{Content, Work};
pub use write::{Expected, write};
