//! Asking a store whether a backup has arrived.

use std::time::Duration;

use chrono::TimeDelta;
use panel_domain::activity::Event;
use panel_storage::backups::{self as rows, Backup, Completion, Scope};
use panel_storage::operations::Operation;
use scoped_futures::ScopedFutureExt;

use super::{Ending, Progress, end_failed, end_successful};
use crate::backups::{Uploading, key_of, open_store};
use crate::cx::Cx;
use crate::error::Error;

/// How long a store that cannot be asked is waited for after the deadline: what was uploaded may be there.
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// What a store says about a backup.
enum Verdict {
    /// It is there.
    There(u64),
    /// It is not, or is something else.
    Wrong(String),
    /// The store cannot be asked now.
    Later(String),
}

/// Has the parts of an upload put together, and believes in the backup when the store has an object of the size that was reported. Nobody's
/// word for it is enough.
///
/// # Errors
/// Those of the database; then the job is to be run again.
pub(super) async fn verify(
    cx: &Cx,
    operation: &Operation,
    backup: &Backup,
) -> Result<Progress, Error> {
    let verdict = match ask(cx, backup).await? {
        Verdict::Later(reason) if operation.deadline_at + PATIENCE <= cx.now() => {
            Verdict::Wrong(format!("the store could not be asked: {reason}"))
        }
        Verdict::Later(reason) => {
            tracing::info!(backup.id = %backup.id, reason, "The store cannot say whether a backup has arrived");
            return Ok(Progress::Again(Duration::from_secs(15)));
        }
        known => known,
    };
    let (event, error, bytes) = match &verdict {
        Verdict::There(bytes) => (Event::BackupComplete, None, *bytes),
        Verdict::Wrong(reason) | Verdict::Later(reason) => {
            (Event::BackupFail, Some(reason.as_str()), 0)
        }
    };
    let ending = Ending::new(cx, event);
    let (id, ending) = (backup.id, &ending);
    let left = cx
        .write(|tx| {
            async move {
                let Some(row) = rows::lock(tx, Scope::All, id).await? else {
                    return Ok(false);
                };
                if let Some(error) = error {
                    end_failed(tx, &row, error, ending).await?;
                    return Ok(row.upload.is_some());
                }
                let completion = Completion {
                    checksum: row.checksum.clone(),
                    bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
                    files: row.files,
                    browsable: row.browsable,
                    streaming: row.streaming,
                };
                end_successful(tx, &row, &completion, ending).await?;
                Ok(false)
            }
            .scope_boxed()
        })
        .await?;
    Ok(if left {
        Progress::Again(Duration::ZERO)
    } else {
        Progress::Done
    })
}

async fn ask(cx: &Cx, backup: &Backup) -> Result<Verdict, Error> {
    let store = match open_store(cx, backup).await {
        Ok((store, _)) => store,
        Err(Error::Conflict { message, .. }) => return Ok(Verdict::Wrong(message)),
        Err(error) => return Err(error),
    };
    let now = cx.now();
    let mut refusal = None;
    if let Some(uploading) = Uploading::of(backup)? {
        let etags = if uploading.etags.is_empty() {
            match store.parts(uploading.upload(), now).await {
                Ok(parts) => parts
                    .unwrap_or_default()
                    .into_iter()
                    .map(|part| part.etag)
                    .collect(),
                Err(error) if error.is_passing() => return Ok(Verdict::Later(error.to_string())),
                Err(error) => return Ok(Verdict::Wrong(error.to_string())),
            }
        } else {
            uploading.etags.clone()
        };
        // Whatever comes of it, what counts is whether the object is there: an earlier try may have made it.
        if let Err(error) = store.complete(uploading.upload(), &etags, now).await {
            refusal = Some(error);
        }
    }
    let wanted = u64::try_from(backup.bytes).unwrap_or(0);
    Ok(match (store.size(&key_of(backup), now).await, refusal) {
        (Ok(Some(size)), _) if size == wanted => Verdict::There(size),
        (Ok(Some(size)), None) => Verdict::Wrong(format!(
            "the store has {size} bytes, and the node reported {wanted}"
        )),
        (_, Some(error)) if error.is_passing() => Verdict::Later(error.to_string()),
        (_, Some(error)) => Verdict::Wrong(error.to_string()),
        (Ok(None), None) => Verdict::Wrong("the store has no such object".to_owned()),
        (Err(error), None) if error.is_passing() => Verdict::Later(error.to_string()),
        (Err(error), None) => Verdict::Wrong(error.to_string()),
    })
}

/// What has arrived of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrived {
    /// All the bytes that its daemon wanted to send.
    All,
    /// Not that.
    NotAll,
    /// The store cannot be asked now.
    Unknown,
}

/// Takes an upload for finished of which all has arrived, though the report of it was lost.
///
/// # Errors
/// Those of the database.
pub(super) async fn adopt_upload(cx: &Cx, backup: &Backup) -> Result<Arrived, Error> {
    let Some(mut uploading) = Uploading::of(backup)? else {
        return Ok(Arrived::NotAll);
    };
    let Some(size) = uploading.size else {
        return Ok(Arrived::NotAll);
    };
    let store = match open_store(cx, backup).await {
        Ok((store, _)) => store,
        Err(Error::Conflict { .. }) => return Ok(Arrived::NotAll),
        Err(error) => return Err(error),
    };
    let parts = match store.parts(uploading.upload(), cx.now()).await {
        Ok(Some(parts)) => parts,
        Ok(None) => return Ok(Arrived::NotAll),
        Err(error) if error.is_passing() => return Ok(Arrived::Unknown),
        Err(_) => return Ok(Arrived::NotAll),
    };
    if parts.iter().map(|part| part.size).sum::<u64>() != size {
        return Ok(Arrived::NotAll);
    }
    uploading.etags = parts.into_iter().map(|part| part.etag).collect();
    let completion = Completion {
        bytes: i64::try_from(size).unwrap_or(i64::MAX),
        ..Completion::default()
    };
    let upload = uploading.noted()?;
    let (id, completion, upload) = (backup.id, &completion, &upload);
    // Where nothing changes, it is there already or gone: whoever looks again sees which.
    cx.write(|tx| {
        async move {
            rows::begin_verifying(tx, id, completion, Some(upload)).await?;
            Ok(Arrived::All)
        }
        .scope_boxed()
    })
    .await
}

/// Calls an upload off that came to nothing. `false`: the store cannot be asked now.
///
/// # Errors
/// Those of the database.
pub(super) async fn drop_upload(cx: &Cx, backup: &Backup) -> Result<bool, Error> {
    let Some(uploading) = Uploading::of(backup)? else {
        return Ok(true);
    };
    match open_store(cx, backup).await {
        Ok((store, _)) => {
            if let Err(error) = store.abort(uploading.upload(), cx.now()).await {
                tracing::warn!(backup.id = %backup.id, %error, "An upload could not be called off");
                if error.is_passing() {
                    return Ok(false);
                }
            }
        }
        // What nobody has the key to any more, nobody can call off.
        Err(Error::Conflict { .. }) => {}
        Err(error) => return Err(error),
    }
    let id = backup.id;
    cx.write(|tx| {
        async move {
            rows::forget_upload(tx, id).await?;
            Ok(true)
        }
        .scope_boxed()
    })
    .await
}
