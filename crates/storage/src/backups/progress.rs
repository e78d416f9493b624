//! How backups come to be and go. Each change names the state that it starts from.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use panel_domain::id::{BackupId, NodeId, ServerId};
use serde_json::Value;

use crate::db::{LateSql, Tx};
use crate::error::Error;
use crate::schema::backups;

/// What is known of a backup that is there.
#[derive(Debug, Clone, Default)]
pub struct Completion {
    /// `kind:digits`; nothing when it was found and never reported.
    pub checksum: Option<String>,
    /// Bytes.
    pub bytes: i64,
    /// How many files.
    pub files: i64,
    /// Can be looked into.
    pub browsable: bool,
    /// Can be streamed.
    pub streaming: bool,
}

/// Notes where an upload in parts goes, unless one is known. `false`: one is, or the backup is not being made any more, or is to be deleted:
/// what is not noted by then, nobody calls off.
pub async fn record_upload(tx: &mut Tx, id: BackupId, upload: &Value) -> Result<bool, Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::state.eq("creating"))
        .filter(backups::deleting_at.is_null())
        .filter(backups::upload.is_null());
    let changed = tx
        .execute(diesel::update(row).set(backups::upload.eq(upload.clone())))
        .await?;
    Ok(changed > 0)
}

/// The node says that a backup was uploaded; the store is still to confirm it. A backup that was given up counts again.
/// `false`: it was confirmed before, or is gone.
pub async fn begin_verifying(
    tx: &mut Tx,
    id: BackupId,
    completion: &Completion,
    upload: Option<&Value>,
) -> Result<bool, Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::state.ne("successful"))
        .filter(backups::deleted_at.is_null());
    let changed = tx
        .execute(diesel::update(row).set((
            backups::state.eq("verifying"),
            backups::completed_at.eq(None::<DateTime<Utc>>),
            backups::error.eq(None::<String>),
            backups::upload.eq(upload.cloned()),
            backups::checksum.eq(completion.checksum.clone()),
            backups::bytes.eq(completion.bytes),
            backups::files.eq(completion.files),
            backups::browsable.eq(completion.browsable),
            backups::streaming.eq(completion.streaming),
        )))
        .await?;
    Ok(changed > 0)
}

/// A backup is there. One that was given up counts again; of one that was only found, what is missing is filled in.
/// `false`: that was known, or it is gone.
pub async fn complete(
    tx: &mut Tx,
    id: BackupId,
    completion: &Completion,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(
            backups::state
                .ne("successful")
                .or(backups::checksum.is_null()),
        )
        .filter(backups::deleted_at.is_null());
    let changed = tx
        .execute(diesel::update(row).set((
            backups::state.eq("successful"),
            backups::completed_at.eq(now),
            backups::error.eq(None::<String>),
            backups::upload.eq(None::<Value>),
            backups::checksum.eq(completion.checksum.clone()),
            backups::bytes.eq(completion.bytes),
            backups::files.eq(completion.files),
            backups::browsable.eq(completion.browsable),
            backups::streaming.eq(completion.streaming),
        )))
        .await?;
    Ok(changed > 0)
}

/// A backup was not made. What there is of an upload stays noted until it is called off. `false`: it is there, or that was known.
pub async fn fail(
    tx: &mut Tx,
    id: BackupId,
    error: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let row = backups::table.find(id.uuid()).filter(
        backups::state
            .eq("creating")
            .or(backups::state.eq("verifying"))
            // It was found on its node, and nobody has confirmed it: a store confirms what it has.
            .or(backups::state
                .eq("successful")
                .and(backups::checksum.is_null())
                .and(backups::disk.ne("s3"))),
    );
    let changed = tx
        .execute(diesel::update(row).set((
            backups::state.eq("failed"),
            backups::completed_at.eq(now),
            backups::error.eq(error.to_owned()),
            backups::locked.eq(false),
            backups::checksum.eq(None::<String>),
            backups::bytes.eq(0_i64),
            backups::files.eq(0_i64),
        )))
        .await?;
    Ok(changed > 0)
}

/// Notes something else about an upload that is under way.
pub async fn change_upload(tx: &mut Tx, id: BackupId, upload: &Value) -> Result<(), Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::state.eq("creating"))
        .filter(backups::upload.is_not_null());
    tx.execute(diesel::update(row).set(backups::upload.eq(upload.clone())))
        .await?;
    Ok(())
}

/// Nothing is uploaded any more.
pub async fn forget_upload(tx: &mut Tx, id: BackupId) -> Result<(), Error> {
    tx.execute(
        diesel::update(backups::table.find(id.uuid())).set(backups::upload.eq(None::<Value>)),
    )
    .await?;
    Ok(())
}

/// A backup is to be deleted. `false`: it is gone.
pub async fn begin_deletion(tx: &mut Tx, id: BackupId, now: DateTime<Utc>) -> Result<bool, Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::deleted_at.is_null());
    let changed = tx
        .execute(diesel::update(row).set((
            backups::deleting_at.eq(now),
            backups::deletion_error.eq(None::<String>),
        )))
        .await?;
    Ok(changed > 0)
}

/// A backup could not be deleted, and nobody tries any more.
pub async fn fail_deletion(tx: &mut Tx, id: BackupId, error: &str) -> Result<(), Error> {
    let row = backups::table
        .find(id.uuid())
        .filter(backups::deleting_at.is_not_null())
        .filter(backups::deleted_at.is_null());
    tx.execute(diesel::update(row).set(backups::deletion_error.eq(error.to_owned())))
        .await?;
    Ok(())
}

/// A backup is gone. Its row stays for the numbers. `false`: it was gone before.
pub async fn discard(tx: &mut Tx, id: BackupId, now: DateTime<Utc>) -> Result<bool, Error> {
    use diesel::dsl::sql;
    use diesel::sql_types::{Nullable, Timestamptz};
    let row = backups::table
        .find(id.uuid())
        .filter(backups::deleted_at.is_null());
    let changed = tx
        .execute(
            diesel::update(row).set((
                backups::deleted_at.eq(now),
                backups::node_id.eq(None::<uuid::Uuid>),
                backups::backup_group_id.eq(None::<uuid::Uuid>),
                backups::upload.eq(None::<Value>),
                // One that is still being made has not come to be.
                backups::state.eq(sql::<diesel::sql_types::Text>(
                    "CASE WHEN state IN ('creating', 'verifying') THEN 'failed' ELSE state END",
                )),
                backups::completed_at.eq(sql::<Nullable<Timestamptz>>("coalesce(completed_at, ")
                    .bind::<Timestamptz, _>(now)
                    .sql(")")),
            )),
        )
        .await?;
    Ok(changed > 0)
}

/// Backups that a node's daemon deleted together with their server are gone, with COMMIT.
pub fn discard_local(tx: &mut Tx, node: NodeId, server: ServerId, now: DateTime<Utc>) {
    tx.at_commit(
        LateSql::new("UPDATE backups SET node_id = NULL, backup_group_id = NULL, deleted_at = ")
            .value(now)
            .sql(", completed_at = coalesce(completed_at, ")
            .value(now)
            .sql("), state = CASE WHEN state IN ('creating', 'verifying') THEN 'failed' ELSE state END WHERE deleted_at IS NULL AND disk = 'local' AND node_id = ")
            .value(node.uuid())
            .sql(" AND made_of = ")
            .value(server.uuid()),
    );
}

/// A node's daemon was started again: what it was making or restoring when it ended is noted as interrupted, with COMMIT.
pub fn forget_interrupted(tx: &mut Tx, node: NodeId) {
    tx.at_commit(
        LateSql::new(
            "UPDATE operations SET called_at = NULL, details = details || jsonb_build_object('interrupted', \
             coalesce((details->>'interrupted')::int, 0) + 1) \
             WHERE finished_at IS NULL AND called_at IS NOT NULL AND kind IN ('backup', 'restore') AND node_id = ",
        )
        .value(node.uuid()),
    );
}
