//! The backup that a step of a schedule means.

use panel_domain::id::ServerId;
use panel_storage::Readable;
use panel_storage::backups::{self as rows, Backup, BackupSelection};

use crate::error::Error;

/// The backup of a server that is meant, of those that are there.
///
/// # Errors
/// [`Error::NotFound`] when none fits.
pub(crate) async fn selected(
    conn: &mut impl Readable,
    server: ServerId,
    selection: &BackupSelection,
) -> Result<Backup, Error> {
    rows::select(conn, server, selection)
        .await?
        .ok_or(Error::not_found("backup"))
}
