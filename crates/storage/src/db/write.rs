//! Transactions, from BEGIN to what a commit leaves behind.

use std::time::Duration;

use scoped_futures::ScopedBoxFuture;
use uuid::Uuid;

use super::server::Share;
use super::session::Failure;
use super::{Commit, Committed, Db, Source, Tx, Uncommitted};
use crate::consistency::Position;
use crate::consistency::position::Sample;
use crate::error::Error;

/// How often a transaction is run before [`Error::Contention`].
const ATTEMPTS: u32 = 5;

impl Db {
    /// Runs `work` in a transaction on the primary and commits it when it gives `Ok`; `Err` rolls back.
    ///
    /// `work` is run again from the start when other transactions were in the way (40001, 40P01), or when the connection was
    /// found dead before COMMIT was sent. So ids, times and sealed values are to be made outside of it, and it must have no
    /// effect but on its `Tx`. When it swallows a statement's error, the transaction fails all the same.
    ///
    /// # Errors
    ///
    /// What `work` gives; [`Error::Unavailable`] when the primary cannot be reached, or when the answer to COMMIT was lost (then
    /// it may have happened); [`Error::Contention`] when it did not get through.
    pub async fn write<'a, T, E, F>(&self, work: F) -> Result<Committed<T>, E>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, E>> + Send + Sync + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        self.positions().await?;
        for attempt in 1..=ATTEMPTS {
            if let Some((value, mut tx)) = self.run(&work, attempt).await? {
                match self.commit(&mut tx).await {
                    Ok(position) => return Ok(Committed { value, position }),
                    Err(error) if tx.session.failure != Failure::Transient => {
                        tx.session.roll_back().await;
                        return Err(error.into());
                    }
                    Err(_) => tx.session.roll_back().await,
                }
            }
            step_back(attempt).await;
        }
        Err(Error::Contention { attempts: ATTEMPTS }.into())
    }

    /// As [`write`](Self::write), but what was done is not committed yet: that is up to the [`Uncommitted`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), apart from those of COMMIT.
    pub async fn hold<'a, T, E, F>(&self, work: F) -> Result<(T, Uncommitted), E>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, E>> + Send + Sync + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        self.positions().await?;
        for attempt in 1..=ATTEMPTS {
            if let Some((value, tx)) = self.run(&work, attempt).await? {
                return Ok((value, Uncommitted::new(self.clone(), tx)));
            }
            step_back(attempt).await;
        }
        Err(Error::Contention { attempts: ATTEMPTS }.into())
    }

    /// Runs `work` in a new transaction; nothing when it was rolled back and should be run again.
    async fn run<'a, T, E, F>(&self, work: &F, attempt: u32) -> Result<Option<(T, Tx)>, E>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, E>> + Send + Sync + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        let mut tx = Tx::new(self.session(Share::Common).await?);
        let outcome = work(&mut tx).await;
        let failure = tx.session.failure;
        let outcome = match (outcome, failure) {
            (Ok(value), Failure::None) => return Ok(Some((value, tx))),
            (_, Failure::Transient) => Ok(None),
            // One connection may have died in the pool unnoticed; two in a row are no accident.
            (_, Failure::Lost) if attempt == 1 && tx.session.was_reused() => Ok(None),
            (Ok(_), _) => Err(swallowed().into()),
            (Err(error), _) => Err(error),
        };
        tx.session.roll_back().await;
        outcome
    }

    pub(super) async fn commit(&self, tx: &mut Tx) -> Result<Position, Error> {
        let pending = std::mem::take(&mut tx.pending);
        let sample = self.positions().await?.sample(Source::Primary);
        let change = Uuid::new_v4();
        let sample = Sample::only(tx.session.commit(pending.batch(change), sample).await?)?;
        let position = if sample.moved {
            // A position of the old epoch would be satisfied by replicas that follow the old timeline.
            crate::consistency::epoch::observe(self).await?;
            self.primary_position().await?
        } else {
            self.heed(&sample)?
        };
        if self.is_replaced(position.epoch) {
            // It was the primary until a moment ago. What was written there is lost, and must not be called done.
            self.0.primary.distrust_connections();
            return Err(Error::unavailable(
                "the primary was replaced by another while this was written",
            ));
        }
        if !pending.is_empty()
            && let Some(observer) = self.0.observer.get()
        {
            observer.committed(&Commit {
                position,
                keys: pending.keys.into_iter().collect(),
                change,
                revocations: pending.revocations,
            });
        }
        Ok(position)
    }
}

/// What is answered for a transaction that was to be committed although it can only be rolled back.
pub(super) fn swallowed() -> Error {
    Error::internal("a statement failed, but the transaction was to be committed")
}

/// Those that met would meet again if all came back at once; the winner goes first.
async fn step_back(attempt: u32) {
    metrics::counter!("db_transaction_retries_total").increment(1);
    tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt) * 5)).await;
}
