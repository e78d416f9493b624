//! Second factors of accounts: an authenticator, recovery codes, and sign-ins that wait for either.
//!
//! What is good once is used up by one statement that changes a row or does not.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types;
use panel_domain::id::UserId;
use uuid::Uuid;

use crate::db::{Readable, Sql, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::{recovery_codes, sign_in_checkpoints, users};

/// Keeps the sealed secret of an authenticator that is being set up, in place of an earlier one, unless the second factor is on.
/// `false`: it is.
pub async fn keep_secret(tx: &mut Tx, user: UserId, sealed: &[u8]) -> Result<bool, Error> {
    let row = users::table
        .find(user.uuid())
        .filter(users::totp_enabled.eq(false));
    let kept = tx
        .execute(diesel::update(row).set(users::totp_secret.eq(sealed.to_vec())))
        .await?;
    Ok(kept > 0)
}

/// Turns the second factor on, with the secret that `step` is a code's of. `false`: it is on, or is being set up with another secret.
pub async fn turn_on(
    tx: &mut Tx,
    user: UserId,
    sealed: &[u8],
    step: i64,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    tx.changed(Part::User(user));
    let row = users::table
        .find(user.uuid())
        .filter(users::totp_enabled.eq(false))
        .filter(users::totp_secret.eq(sealed.to_vec()));
    let changed = tx
        .execute(diesel::update(row).set((
            users::totp_enabled.eq(true),
            users::totp_last_step.eq(step),
            users::totp_last_used_at.eq(now),
        )))
        .await?;
    Ok(changed > 0)
}

/// Turns the second factor off and forgets the secret, the recovery codes and the sign-ins that wait. `false`: it was off.
pub async fn turn_off(tx: &mut Tx, user: UserId) -> Result<bool, Error> {
    tx.changed(Part::User(user));
    let row = users::table
        .find(user.uuid())
        .filter(users::totp_enabled.eq(true));
    let changed = tx
        .execute(diesel::update(row).set((
            users::totp_enabled.eq(false),
            users::totp_secret.eq(None::<Vec<u8>>),
            users::totp_last_step.eq(None::<i64>),
            users::totp_last_used_at.eq(None::<DateTime<Utc>>),
        )))
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    tx.execute(diesel::delete(
        recovery_codes::table.filter(recovery_codes::user_id.eq(user.uuid())),
    ))
    .await?;
    tx.execute(diesel::delete(
        sign_in_checkpoints::table.filter(sign_in_checkpoints::user_id.eq(user.uuid())),
    ))
    .await?;
    Ok(true)
}

/// Uses a code of the authenticator. `false`: a code of this step or a later one was used.
pub async fn use_step(
    tx: &mut Tx,
    user: UserId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    tx.changed(Part::User(user));
    let row = users::table
        .find(user.uuid())
        .filter(users::totp_enabled.eq(true))
        .filter(
            users::totp_last_step
                .is_null()
                .or(users::totp_last_step.lt(step)),
        );
    let changed = tx
        .execute(diesel::update(row).set((
            users::totp_last_step.eq(step),
            users::totp_last_used_at.eq(now),
        )))
        .await?;
    Ok(changed > 0)
}

/// The recovery codes of a user that are left, signed.
pub async fn recovery_codes(conn: &mut impl Readable, user: UserId) -> Result<Vec<Vec<u8>>, Error> {
    conn.load(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(user.uuid()))
            .order(recovery_codes::mac)
            .select(recovery_codes::mac),
    )
    .await
}

/// Gives a user recovery codes, signed.
pub async fn insert_recovery_codes(
    tx: &mut Tx,
    user: UserId,
    macs: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let rows: Vec<_> = macs
        .iter()
        .map(|mac| {
            (
                recovery_codes::user_id.eq(user.uuid()),
                recovery_codes::mac.eq(mac.clone()),
                recovery_codes::created_at.eq(now),
            )
        })
        .collect();
    tx.execute(diesel::insert_into(recovery_codes::table).values(rows))
        .await?;
    Ok(())
}

/// Uses a recovery code. `false`: it is none, or was used.
pub async fn use_recovery_code(tx: &mut Tx, user: UserId, mac: &[u8]) -> Result<bool, Error> {
    let row = recovery_codes::table.find((user.uuid(), mac.to_vec()));
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// A sign-in whose password was right.
#[derive(Debug, Clone, Queryable, Selectable)]
#[expect(missing_docs, reason = "the fields are the columns")]
#[diesel(table_name = sign_in_checkpoints, check_for_backend(Pg))]
pub struct Checkpoint {
    pub token_hash: Vec<u8>,
    #[diesel(deserialize_as = Uuid)]
    pub user_id: UserId,
    pub password: Vec<u8>,
    pub expires_at: DateTime<Utc>,
}

/// Has a sign-in wait for the second factor.
pub async fn insert_checkpoint(tx: &mut Tx, new: &Checkpoint) -> Result<(), Error> {
    tx.execute(diesel::insert_into(sign_in_checkpoints::table).values((
        sign_in_checkpoints::token_hash.eq(new.token_hash.clone()),
        sign_in_checkpoints::user_id.eq(new.user_id.uuid()),
        sign_in_checkpoints::password.eq(new.password.clone()),
        sign_in_checkpoints::expires_at.eq(new.expires_at),
    )))
    .await?;
    Ok(())
}

/// The sign-in that waits under the hash of this token, until it expires.
pub async fn find_checkpoint(
    conn: &mut impl Readable,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Checkpoint>, Error> {
    conn.optional(
        sign_in_checkpoints::table
            .find(token_hash.to_vec())
            .filter(sign_in_checkpoints::expires_at.gt(now))
            .select(Checkpoint::as_select()),
    )
    .await
}

/// Ends the waiting of a sign-in. `false`: somebody else has.
pub async fn take_checkpoint(tx: &mut Tx, token_hash: &[u8]) -> Result<bool, Error> {
    let row = sign_in_checkpoints::table.find(token_hash.to_vec());
    Ok(tx.execute(diesel::delete(row)).await? > 0)
}

/// Deletes up to `limit` sign-ins that have waited too long, and says how many.
pub async fn delete_expired_checkpoints(
    tx: &mut Tx,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<usize, Error> {
    tx.execute(
        Sql::new("DELETE FROM sign_in_checkpoints WHERE token_hash IN (SELECT token_hash FROM sign_in_checkpoints WHERE expires_at <= ")
            .bind::<sql_types::Timestamptz, _>(now)
            .sql(" ORDER BY expires_at LIMIT ")
            .bind::<sql_types::BigInt, _>(limit)
            .sql(")"),
    )
    .await
}
