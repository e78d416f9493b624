//! Public keys for SFTP.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use panel_domain::id::{SshKeyId, UserId};
use uuid::Uuid;

use crate::db::Readable;
use crate::error::Error;
use crate::schema::ssh_keys;

/// An SSH key.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = ssh_keys, check_for_backend(Pg))]
pub struct SshKey {
    #[diesel(deserialize_as = Uuid)]
    pub id: SshKeyId,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub name: String,
    pub fingerprint: String,
    pub public_key: Vec<u8>,
    pub created_at: DateTime<Utc>,
}

/// Every key of a user.
pub async fn of_user(conn: &mut impl Readable, user: UserId) -> Result<Vec<SshKey>, Error> {
    conn.load(
        ssh_keys::table
            .filter(ssh_keys::user_id.eq(user.uuid()))
            .order((ssh_keys::name, ssh_keys::id))
            .select(SshKey::as_select()),
    )
    .await
}
