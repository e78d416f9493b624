//! How many backups were made.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use panel_domain::id::BackupConfigurationId;

use crate::db::{ReadSql, Readable};
use crate::error::Error;

/// Backups that were made since a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
#[expect(missing_docs, reason = "the names say it")]
pub struct BackupStats {
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    #[diesel(sql_type = BigInt)]
    pub successful: i64,
    #[diesel(sql_type = BigInt)]
    pub successful_bytes: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    #[diesel(sql_type = BigInt)]
    pub deleted: i64,
    #[diesel(sql_type = BigInt)]
    pub deleted_bytes: i64,
}

/// How many backups there were from the beginning, in the last 24 hours, 7 days and 30 days before `now`; those kept at one place when
/// given.
pub async fn stats(
    conn: &mut impl Readable,
    configuration: Option<BackupConfigurationId>,
    now: DateTime<Utc>,
) -> Result<[BackupStats; 4], Error> {
    let mut all = [BackupStats::default(); 4];
    let since = [
        DateTime::<Utc>::UNIX_EPOCH,
        now - TimeDelta::days(1),
        now - TimeDelta::days(7),
        now - TimeDelta::days(30),
    ];
    for (stats, since) in all.iter_mut().zip(since) {
        *stats = conn
            .first(
                ReadSql::select(
                    "count(*) AS total, count(*) FILTER (WHERE state = 'successful') AS successful, \
                     coalesce(sum(bytes) FILTER (WHERE state = 'successful'), 0)::bigint AS successful_bytes, \
                     count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE deleted_at IS NOT NULL) AS deleted, \
                     coalesce(sum(bytes) FILTER (WHERE deleted_at IS NOT NULL), 0)::bigint AS deleted_bytes FROM backups \
                     WHERE created_at >= ",
                )
                .bind::<Timestamptz, _>(since)
                .sql(" AND (")
                .bind::<Nullable<SqlUuid>, _>(configuration.map(BackupConfigurationId::uuid))
                .sql(" IS NULL OR backup_configuration_id = ")
                .bind::<Nullable<SqlUuid>, _>(configuration.map(BackupConfigurationId::uuid))
                .sql(")"),
            )
            .await?;
    }
    Ok(all)
}
