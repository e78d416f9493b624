//! Files as clients see them.

use panel_api_types::file as dto;
use panel_api_types::page::Page;
use panel_service::files::{self, Entry, Listing, Operation, RevisionDetails, SqliteResult};

use super::users::user;

/// Larger files are not taken for text that people edit.
const LARGEST_TEXT: u64 = panel_domain::files::MAX_VIEW_BYTES;

/// An entry of a directory.
pub(crate) fn entry(entry: Entry) -> dto::DirectoryEntry {
    let is_text = entry.mime.starts_with("text/")
        || ["json", "xml", "yaml", "toml", "javascript", "x-sh", "sql"]
            .iter()
            .any(|kind| entry.mime.contains(kind));
    let guess = entry.file && is_text && entry.size <= LARGEST_TEXT;
    dto::DirectoryEntry {
        name: entry.name,
        mode: entry.mode,
        mode_bits: entry.mode_bits,
        size: entry.size,
        size_physical: entry.size_physical.unwrap_or(entry.size),
        editable: entry.editable.unwrap_or(guess),
        inner_editable: entry.inner_editable.unwrap_or(false),
        directory: entry.directory,
        file: entry.file,
        symlink: entry.symlink,
        r#virtual: entry.r#virtual.unwrap_or(false),
        mime: entry.mime,
        created: entry.created.to_utc(),
        modified: entry.modified.to_utc(),
    }
}

/// A page of a directory.
pub(crate) fn directory(listing: Listing) -> dto::Directory {
    dto::Directory {
        is_filesystem_primary: listing.is_primary,
        is_filesystem_writable: listing.is_writable,
        is_filesystem_fast: listing.is_fast,
        entries: Page {
            total: i64::try_from(listing.total).unwrap_or(i64::MAX),
            per_page: i64::from(listing.per_page),
            page: i64::from(listing.page),
            data: listing.entries.into_iter().map(entry).collect(),
        },
    }
}

/// A format of archives, as the use cases know it.
pub(crate) const fn format(format: dto::ArchiveFormat) -> files::ArchiveFormat {
    use dto::ArchiveFormat as D;
    use files::ArchiveFormat as F;
    match format {
        D::Tar => F::Tar,
        D::TarGz => F::TarGz,
        D::TarXz => F::TarXz,
        D::TarLzip => F::TarLzip,
        D::TarBz2 => F::TarBz2,
        D::TarLz4 => F::TarLz4,
        D::TarZstd => F::TarZstd,
        D::Zip => F::Zip,
        D::SevenZip => F::SevenZip,
        D::Itaf => F::Itaf,
        D::ItafGz => F::ItafGz,
        D::ItafXz => F::ItafXz,
        D::ItafLzip => F::ItafLzip,
        D::ItafBz2 => F::ItafBz2,
        D::ItafLz4 => F::ItafLz4,
        D::ItafZstd => F::ItafZstd,
    }
}

/// A way to make checksums, as the use cases know it.
pub(crate) const fn algorithm(algorithm: dto::FingerprintAlgorithm) -> files::Algorithm {
    use dto::FingerprintAlgorithm as D;
    use files::Algorithm as A;
    match algorithm {
        D::Md5 => A::Md5,
        D::Crc32 => A::Crc32,
        D::Sha1 => A::Sha1,
        D::Sha224 => A::Sha224,
        D::Sha256 => A::Sha256,
        D::Sha384 => A::Sha384,
        D::Sha512 => A::Sha512,
        D::Curseforge => A::Curseforge,
    }
}

/// A former version of a file.
pub(crate) fn revision(revision: RevisionDetails) -> dto::Revision {
    dto::Revision {
        id: revision.id,
        size: revision.size,
        is_snapshot: revision.is_snapshot,
        user: revision.user.as_ref().map(user),
        created: revision.created,
    }
}

/// What a statement gave.
pub(crate) fn sqlite(result: SqliteResult) -> dto::SqliteResult {
    use files::SqliteValue as V;
    let value = |value: V| match value {
        V::Null => dto::SqliteValue::Null,
        V::Text { value } => dto::SqliteValue::Text { value },
        V::Binary { value } => dto::SqliteValue::Binary { value },
    };
    let columns = result.columns.into_iter().map(|column| dto::SqliteColumn {
        name: column.name,
        type_name: column.type_name,
        binary: column.binary,
    });
    let rows = result.rows.into_iter();
    dto::SqliteResult {
        columns: columns.collect(),
        rows: rows
            .map(|row| row.into_iter().map(value).collect())
            .collect(),
        rows_affected: result.rows_affected,
        truncated: result.truncated,
    }
}

/// What goes on in the background.
pub(crate) fn operation(operation: Operation) -> dto::FileOperation {
    dto::FileOperation {
        uuid: operation.id,
        r#type: operation.kind,
        path: operation.path,
        destination: operation.destination,
        progress: operation.fraction,
        bytes_processed: operation.bytes,
        bytes_total: operation.total,
    }
}
