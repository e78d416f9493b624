//! Keys under which clients send a change, so that sending it again does not do it again.
//!
//! A key is claimed before the change begins and ends with the change's own transaction: with the answer that is kept, with
//! the mark that a node is about to be called, or without a trace. Claims run out, because whoever holds one may be gone. Two
//! can hold the same key one after the other, but only one can end it: the statement that does so goes out with COMMIT and
//! fails for anybody but the holder.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Bytea, Double, Nullable, Timestamptz};
use uuid::Uuid;

use crate::db::late::{push, push_bytes};
use crate::db::{Db, Sql, Tx};
use crate::error::Error;

/// Who sent which key where, hashed.
pub type KeyId = [u8; 32];

/// A key that somebody wants to act under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The key.
    pub id: KeyId,
    /// Which of all attempts; new for each.
    pub owner: Uuid,
    /// What was asked for, sealed.
    pub request: Vec<u8>,
    /// Until when the key is known.
    pub kept_until: DateTime<Utc>,
}

/// What claiming a key gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The key is the claimant's.
    Yes,
    /// Somebody acts under it at this moment.
    InUse {
        /// What they were asked for, sealed, unless they came this very moment.
        request: Option<Vec<u8>>,
    },
    /// Somebody called a node under it and was never heard of again.
    Unknown {
        /// What they were asked for, sealed.
        request: Vec<u8>,
    },
    /// It is done.
    Answered {
        /// What was asked for, sealed.
        request: Vec<u8>,
        /// What was answered, sealed.
        answer: Vec<u8>,
    },
}

#[derive(diesel::QueryableByName)]
struct Known {
    #[diesel(sql_type = Bool)]
    taken: bool,
    #[diesel(sql_type = Bytea)]
    request: Vec<u8>,
    #[diesel(sql_type = Nullable<Bytea>)]
    answer: Option<Vec<u8>>,
    #[diesel(sql_type = Bool)]
    unknown: bool,
}

/// Claims a key for `lease`, by the database's clock: when it is new, was forgotten (at `now`), or its holder has let the lease
/// pass without having called a node. One round trip, a transaction of its own.
///
/// # Errors
///
/// As any write.
pub async fn claim(
    db: &Db,
    claim: &Claim,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Claimed, Error> {
    let statement = Sql::new(
        "WITH taken AS (INSERT INTO idempotency_keys AS known \
         (id, owner, locked_until, called, request, answer, kept_until) VALUES (",
    )
    .bind::<Bytea, _>(claim.id.to_vec())
    .sql(", ")
    .bind::<diesel::sql_types::Uuid, _>(claim.owner)
    .sql(", clock_timestamp() + make_interval(secs => ")
    .bind::<Double, _>(lease.as_secs_f64())
    .sql("), false, ")
    .bind::<Bytea, _>(claim.request.clone())
    .sql(", NULL, ")
    .bind::<Timestamptz, _>(claim.kept_until)
    .sql(
        ") ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, locked_until = excluded.locked_until, \
         called = false, request = excluded.request, answer = NULL, kept_until = excluded.kept_until \
         WHERE known.kept_until <= ",
    )
    .bind::<Timestamptz, _>(now)
    .sql(
        " OR (known.answer IS NULL AND NOT known.called AND known.locked_until <= clock_timestamp()) \
         RETURNING request) \
         SELECT true AS taken, request, NULL::bytea AS answer, false AS unknown FROM taken \
         UNION ALL SELECT false, request, answer, called AND locked_until <= clock_timestamp() \
         FROM idempotency_keys WHERE NOT EXISTS (SELECT FROM taken) AND id = ",
    )
    .bind::<Bytea, _>(claim.id.to_vec());
    let known = db
        .primary_session()
        .await?
        .load::<_, Known>(statement)
        .await?;
    Ok(match known.into_iter().next() {
        Some(Known { taken: true, .. }) => Claimed::Yes,
        Some(Known {
            request,
            answer: Some(answer),
            ..
        }) => Claimed::Answered { request, answer },
        Some(Known {
            request,
            unknown: true,
            ..
        }) => Claimed::Unknown { request },
        Some(Known { request, .. }) => Claimed::InUse {
            request: Some(request),
        },
        // It came into being while this statement ran.
        None => Claimed::InUse { request: None },
    })
}

/// How a transaction ends the key it runs under.
#[derive(Debug)]
pub(crate) enum KeyEnd {
    /// The change is done, and this is its answer (sealed), or a node is about to be called.
    Done {
        claim: Claim,
        answer: Option<Vec<u8>>,
    },
    /// Nothing was done under it.
    Released { id: KeyId, owner: Uuid },
    /// A node was called under it, and what came of that stays unknown.
    GivenUp { id: KeyId, owner: Uuid },
}

impl KeyEnd {
    pub(crate) fn write(&self, sql: &mut String) {
        match self {
            Self::Done { claim, answer } => {
                sql.push_str(
                    "INSERT INTO idempotency_keys AS known \
                     (id, owner, locked_until, called, request, answer, kept_until) VALUES (",
                );
                push_bytes(sql, &claim.id);
                push(
                    sql,
                    format_args!(",'{}',clock_timestamp(),{},", claim.owner, answer.is_none()),
                );
                push_bytes(sql, &claim.request);
                sql.push(',');
                match answer {
                    Some(answer) => push_bytes(sql, answer),
                    None => sql.push_str("NULL"),
                }
                // Somebody else's row gets an owner it must not have, and the transaction fails.
                push(
                    sql,
                    format_args!(
                        ",to_timestamp({})) ON CONFLICT (id) DO UPDATE SET \
                         called = excluded.called, answer = excluded.answer, \
                         owner = CASE WHEN known.owner = excluded.owner THEN known.owner END;",
                        claim.kept_until.timestamp()
                    ),
                );
            }
            Self::Released { id, owner } => {
                sql.push_str("DELETE FROM idempotency_keys WHERE id = ");
                push_bytes(sql, id);
                push(
                    sql,
                    format_args!(" AND owner = '{owner}' AND answer IS NULL;"),
                );
            }
            Self::GivenUp { id, owner } => {
                sql.push_str(
                    "UPDATE idempotency_keys SET locked_until = clock_timestamp() WHERE id = ",
                );
                push_bytes(sql, id);
                push(sql, format_args!(" AND owner = '{owner}';"));
            }
        }
    }
}

impl Tx {
    /// Ends `claim` with this transaction: `answer` (sealed) is what its key is answered from now on. Written with COMMIT,
    /// costs no round trip. When the key has passed to somebody else, COMMIT fails with [`Error::Check`] on `owner`.
    pub fn keep_answer(&mut self, claim: &Claim, answer: Vec<u8>) {
        self.pending.key = Some(KeyEnd::Done {
            claim: claim.clone(),
            answer: Some(answer),
        });
    }

    /// Notes with this transaction that a node is called next under `claim`, at most once: from now on nobody else takes the
    /// key. As for [`keep_answer`](Self::keep_answer) it costs nothing, and fails when the key has passed on.
    pub fn note_call(&mut self, claim: &Claim) {
        self.pending.key = Some(KeyEnd::Done {
            claim: claim.clone(),
            answer: None,
        });
    }

    /// Forgets `claim` with this transaction, unless its key has passed to somebody else: nothing was done under it.
    pub fn release_key(&mut self, claim: &Claim) {
        self.pending.key = Some(KeyEnd::Released {
            id: claim.id,
            owner: claim.owner,
        });
    }

    /// Notes with this transaction that nobody will hear what came of the call noted by [`note_call`](Self::note_call).
    pub fn give_key_up(&mut self, claim: &Claim) {
        self.pending.key = Some(KeyEnd::GivenUp {
            id: claim.id,
            owner: claim.owner,
        });
    }
}

/// Deletes up to `limit` keys that are kept no longer; gives their number.
///
/// # Errors
///
/// As any write.
pub async fn delete_old(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> Result<usize, Error> {
    tx.execute(
        Sql::new(
            "DELETE FROM idempotency_keys WHERE id IN \
             (SELECT id FROM idempotency_keys WHERE kept_until <= ",
        )
        .bind::<Timestamptz, _>(now)
        .sql(" ORDER BY kept_until LIMIT ")
        .bind::<BigInt, _>(limit)
        .sql(")"),
    )
    .await
}
