//! The first run: who made the first account, and whether setup was finished.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::db::{Readable, Tx};
use crate::error::Error;
use crate::parts::Part;
use crate::schema::setup;

/// The one row of the table.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = setup, check_for_backend(Pg))]
pub struct Setup {
    /// Random, drawn by the database when it was made: the one-time token is derived from it.
    pub nonce: Uuid,
    /// When the first account was made.
    pub account_created_at: Option<DateTime<Utc>>,
    /// When the wizard was finished or left.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far setup is.
pub async fn find(conn: &mut impl Readable) -> Result<Setup, Error> {
    conn.first(setup::table.select(Setup::as_select())).await
}

/// Claims the making of the first account. Of two at once, one gets `false`.
pub async fn claim_account(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool, Error> {
    tx.changed(Part::Setup);
    let open = setup::table.filter(setup::account_created_at.is_null());
    Ok(tx
        .execute(diesel::update(open).set(setup::account_created_at.eq(now)))
        .await?
        > 0)
}

/// Marks setup as finished; again changes nothing.
pub async fn finish(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), Error> {
    tx.changed(Part::Setup);
    let open = setup::table.filter(setup::finished_at.is_null());
    tx.execute(diesel::update(open).set(setup::finished_at.eq(now)))
        .await?;
    Ok(())
}
