//! Where a daemon puts the parts of an archive that goes to a bucket.

use std::time::Duration;

use panel_domain::backup::{BackupDisk, BackupState, MAX_PARTS, S3Store};
use panel_domain::id::BackupId;
use panel_s3::Store;
use panel_storage::backups::{self as rows, Backup};
use scoped_futures::ScopedFutureExt;
pub use wings_client::wire::remote::UploadParts;

use super::of_node;
use crate::backups::{Uploading, disk_of, key_of, open_store, state_of};
use crate::cx::Cx;
use crate::error::Error;
use crate::remote::this_node;

/// How long the addresses of parts hold: as long as a large archive takes over a slow line.
const LIFETIME: Duration = Duration::from_secs(6 * 60 * 60);

/// How many addresses are given at once to a daemon that does not know the size yet.
const AT_ONCE: u16 = 50;

/// Addresses for all parts of an archive of `size` bytes. Asked again, the same upload goes on.
///
/// # Errors
/// [`Error::NotFound`] for a backup that is not the node's, [`Error::Conflict`] for one that is not being made or not kept in a bucket,
/// [`Error::Invalid`] for a size that no bucket takes, [`Error::Unavailable`] when the store cannot be asked.
pub async fn upload_by_size(cx: &Cx, id: BackupId, size: u64) -> Result<UploadParts, Error> {
    let (backup, store, s3) = opened(cx, id).await?;
    let part_size = s3.part_size(size);
    let parts = size.div_ceil(part_size);
    if size == 0 || parts > MAX_PARTS || part_size > MAX_PART {
        return Err(Error::invalid("size", "must be one that a bucket takes"));
    }
    let uploading = begun(cx, &backup, &store, Some(size)).await?;
    let last = u16::try_from(parts).unwrap_or(u16::MAX);
    Ok(addresses(cx, &store, &uploading, part_size, 1..=last))
}

/// The most bytes of a part (a limit of S3 itself).
const MAX_PART: u64 = 5 << 30;

/// Addresses for the parts from this number on, for a daemon that begins before it knows the size.
///
/// # Errors
/// As for [`upload_by_size`]; [`Error::Conflict`] also past the last part that a bucket takes.
pub async fn upload_by_number(cx: &Cx, id: BackupId, from: u16) -> Result<UploadParts, Error> {
    let most = u16::try_from(MAX_PARTS).unwrap_or(u16::MAX);
    if from == 0 || from > most {
        return Err(Error::conflict(
            "no_more_parts",
            format!("the parts of an upload are numbered from 1 to {most}"),
        ));
    }
    let (backup, store, s3) = opened(cx, id).await?;
    let uploading = begun(cx, &backup, &store, None).await?;
    let last = from.saturating_add(AT_ONCE - 1).min(most);
    Ok(addresses(
        cx,
        &store,
        &uploading,
        s3.part_size(0),
        from..=last,
    ))
}

async fn opened(cx: &Cx, id: BackupId) -> Result<(Backup, Store, S3Store), Error> {
    let node = this_node(cx)?;
    let backup = of_node(&mut cx.read_primary().await?, node, id).await?;
    if disk_of(&backup)? != BackupDisk::S3 {
        return Err(Error::conflict(
            "backup_not_in_bucket",
            "the backup is not kept in a bucket",
        ));
    }
    if state_of(&backup)? != BackupState::Creating || backup.deleting_at.is_some() {
        return Err(Error::conflict(
            "backup_not_in_progress",
            "the backup is not being made",
        ));
    }
    let (store, s3) = open_store(cx, &backup).await?;
    Ok((backup, store, s3))
}

/// The upload of a backup: the one that is noted, else a new one.
async fn begun(
    cx: &Cx,
    backup: &Backup,
    store: &Store,
    size: Option<u64>,
) -> Result<Uploading, Error> {
    let (id, known) = (backup.id, Uploading::of(backup)?);
    if let Some(mut known) = known {
        if size.is_some() && known.size != size {
            known.size = size;
            let noted = known.noted()?;
            let noted = &noted;
            cx.write(|tx| {
                async move {
                    rows::change_upload(tx, id, noted).await?;
                    Ok(())
                }
                .scope_boxed()
            })
            .await?;
        }
        return Ok(known);
    }
    let key = key_of(backup);
    let upload = store.begin(&key, cx.now()).await.map_err(|error| {
        tracing::warn!(backup.id = %id, %error, "An upload could not be begun");
        if error.is_passing() {
            Error::Unavailable {
                retry_after: Duration::from_secs(2),
            }
        } else {
            Error::conflict("store_refused", error.to_string())
        }
    })?;
    let begun = Uploading {
        key,
        id: upload,
        size,
        etags: Vec::new(),
    };
    let noted = begun.noted()?;
    let noted = &noted;
    let first = cx
        .write(|tx| async move { Ok(rows::record_upload(tx, id, noted).await?) }.scope_boxed())
        .await?;
    if first {
        return Ok(begun);
    }
    // The daemon has asked twice at once: the other upload counts.
    if let Err(error) = store.abort(begun.upload(), cx.now()).await {
        tracing::warn!(backup.id = %id, %error, "An upload could not be called off");
    }
    let node = this_node(cx)?;
    let now = of_node(&mut cx.read_primary().await?, node, id).await?;
    Uploading::of(&now)?
        .ok_or_else(|| Error::conflict("backup_not_in_progress", "the backup is not being made"))
}

fn addresses(
    cx: &Cx,
    store: &Store,
    uploading: &Uploading,
    part_size: u64,
    numbers: std::ops::RangeInclusive<u16>,
) -> UploadParts {
    let now = cx.now();
    let parts = numbers
        .map(|number| {
            store
                .part_url(uploading.upload(), number, now, LIFETIME)
                .to_string()
        })
        .collect();
    UploadParts { parts, part_size }
}
