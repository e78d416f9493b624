//! What is in a directory.

use std::cmp::Ordering;

use panel_domain::files::{FilePath, Kind, MAX_ENTRIES};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use wings_client::Capability;
use wings_client::wire::files::{Entry, EntryPage};

use super::access::Files;
use crate::cx::Cx;
use crate::error::Error;

/// Entries on a page when nobody says how many.
const PER_PAGE: u32 = 100;

/// What a list is ordered by. Directories come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Name.
    #[default]
    Name,
    /// Bytes.
    Size,
    /// Bytes on the disk.
    PhysicalSize,
    /// When it was last changed.
    Modified,
    /// When it was made.
    Created,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sort {
    /// What by.
    pub by: SortBy,
    /// The last one first.
    pub descending: bool,
}

impl Sort {
    /// Its name for daemons.
    const fn wire(self) -> &'static str {
        match (self.by, self.descending) {
            (SortBy::Name, false) => "name_asc",
            (SortBy::Name, true) => "name_desc",
            (SortBy::Size, false) => "size_asc",
            (SortBy::Size, true) => "size_desc",
            (SortBy::PhysicalSize, false) => "physical_size_asc",
            (SortBy::PhysicalSize, true) => "physical_size_desc",
            (SortBy::Modified, false) => "modified_asc",
            (SortBy::Modified, true) => "modified_desc",
            (SortBy::Created, false) => "created_asc",
            (SortBy::Created, true) => "created_desc",
        }
    }

    fn compare(self, a: &Entry, b: &Entry) -> Ordering {
        let order = match self.by {
            SortBy::Name => Ordering::Equal,
            SortBy::Size => a.size.cmp(&b.size),
            SortBy::PhysicalSize => {
                let bytes = |entry: &Entry| entry.size_physical.unwrap_or(entry.size);
                bytes(a).cmp(&bytes(b))
            }
            SortBy::Modified => a.modified.cmp(&b.modified),
            SortBy::Created => a.created.cmp(&b.created),
        };
        let order = order.then_with(|| a.name.cmp(&b.name));
        let order = if self.descending {
            order.reverse()
        } else {
            order
        };
        b.directory.cmp(&a.directory).then(order)
    }
}

/// Which part of a directory is asked for.
#[derive(Debug, Clone, Default)]
pub struct ListFiles {
    /// The directory.
    pub directory: String,
    /// In which order.
    pub sort: Sort,
    /// Which page, from 1.
    pub page: Option<i64>,
    /// Entries on a page.
    pub per_page: Option<i64>,
}

/// A page of a directory.
#[derive(Debug, Clone)]
pub struct Listing {
    /// How many entries the caller sees in the directory.
    pub total: u64,
    /// Which page it is.
    pub page: u32,
    /// Entries on a page.
    pub per_page: u32,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Whether the directory is of the server's own files.
    pub is_primary: bool,
    /// Whether it can be written to.
    pub is_writable: bool,
    /// Whether reading it costs little.
    pub is_fast: bool,
}

/// One page of a directory, without what is hidden from the caller.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`]; [`Error::Conflict`] by the server's state, and for a directory that is
/// too large for what is asked; those of the node.
pub async fn list(cx: &Cx, server: ServerRef, input: ListFiles) -> Result<Listing, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesRead).await?;
    let directory = files.directory("directory", &input.directory)?;
    let clamp = |number: Option<i64>, or: u32, most: u32| {
        number.map_or(or, |number| {
            u32::try_from(number.clamp(1, i64::from(most))).unwrap_or(or)
        })
    };
    let page = clamp(input.page, 1, u32::MAX);
    let per_page = clamp(input.per_page, PER_PAGE, MAX_ENTRIES);
    let found = if input.sort == Sort::default() && files.hidden.is_empty() {
        let path = directory.absolute();
        match files
            .client
            .list_files(files.server, &path, page, per_page)
            .await
        {
            Ok(found) => found,
            Err(error) => return Err(files.told_about(&directory, error).await),
        }
    } else {
        sifted(&files, &directory, input.sort, page, per_page).await?
    };
    Ok(Listing {
        total: found.total,
        page,
        per_page,
        entries: found.entries,
        is_primary: found.filesystem_primary.unwrap_or(true),
        is_writable: found.filesystem_writable.unwrap_or(true),
        is_fast: found.filesystem_fast.unwrap_or(true),
    })
}

/// In another order, or without what is hidden: by the daemon where it can, else here.
async fn sifted(
    files: &Files,
    directory: &FilePath,
    sort: Sort,
    page: u32,
    per_page: u32,
) -> Result<EntryPage, Error> {
    let path = directory.absolute();
    if files.capabilities().await?.has(Capability::SortedFileList) {
        let patterns = files.hidden.patterns();
        let mut found = files
            .client
            .list_files_sorted(files.server, &path, sort.wire(), patterns, page, per_page)
            .await
            .map_err(super::access::told)?;
        found
            .entries
            .retain(|entry| is_seen(files, directory, entry));
        return Ok(found);
    }
    let whole = files
        .client
        .list_files(files.server, &path, 1, MAX_ENTRIES)
        .await;
    let mut whole = match whole {
        Ok(whole) => whole,
        Err(error) => return Err(files.told_about(directory, error).await),
    };
    if whole.total > u64::from(MAX_ENTRIES) {
        return Err(Error::conflict(
            "directory_too_large",
            format!(
                "the directory has more than {MAX_ENTRIES} entries; this node can only list it by name"
            ),
        ));
    }
    whole
        .entries
        .retain(|entry| is_seen(files, directory, entry));
    whole.entries.sort_by(|a, b| sort.compare(a, b));
    let skip = (page as usize - 1).saturating_mul(per_page as usize);
    Ok(EntryPage {
        total: whole.entries.len() as u64,
        entries: whole
            .entries
            .into_iter()
            .skip(skip)
            .take(per_page as usize)
            .collect(),
        ..EntryPage::default()
    })
}

/// Whether the caller gets to see an entry that a node named in a directory.
pub(super) fn is_seen(files: &Files, directory: &FilePath, entry: &Entry) -> bool {
    let kind = if entry.directory {
        Kind::Directory
    } else {
        Kind::File
    };
    // A name that is no path hides nothing: it is shown as the text it is.
    directory
        .join(&entry.name)
        .is_ok_and(|path| !files.hidden.hides(&path, kind))
        || files.hidden.is_empty()
}
