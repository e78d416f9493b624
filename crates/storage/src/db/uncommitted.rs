//! A transaction that has done its work and waits for its COMMIT.

use scoped_futures::ScopedBoxFuture;

use super::read::{Reason, Route};
use super::session::Failure;
use super::write::swallowed;
use super::{Db, ReadConn, Tx};
use crate::consistency::Position;
use crate::error::Error;

/// A transaction whose work was done and is not committed yet, so that what belongs to it can still be added: the answer that
/// was made of it. Dropped, it is rolled back.
pub struct Uncommitted {
    db: Db,
    tx: Tx,
}

impl Uncommitted {
    pub(super) const fn new(db: Db, tx: Tx) -> Self {
        Self { db, tx }
    }

    /// Does more in the same transaction. It runs once: what came before cannot be run again here.
    ///
    /// # Errors
    ///
    /// What `work` gives. When a statement failed, the transaction can only be rolled back.
    pub async fn go_on<'a, T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, E>> + Send + Sync + 'a,
        T: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        work(&mut self.tx).await
    }

    /// The transaction, for what is written together with COMMIT.
    pub const fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// A connection that sees what was done.
    #[must_use]
    pub fn reader(&self) -> ReadConn {
        let route = Route::primary(Reason::Demanded);
        ReadConn::new(self.tx.session.share(), self.db.clone(), route)
    }

    /// Commits; gives a position at or past it.
    ///
    /// # Errors
    ///
    /// As [`Db::write`]. After [`Error::Unavailable`] it may have happened; after the others it has not.
    pub async fn commit(mut self) -> Result<Position, Error> {
        let committed = match self.tx.session.failure {
            Failure::None => self.db.commit(&mut self.tx).await,
            Failure::Lost => Err(Error::unavailable(
                "the connection broke before the transaction was committed",
            )),
            Failure::Refused | Failure::Transient => Err(swallowed()),
        };
        if committed.is_err() {
            self.tx.session.roll_back().await;
        }
        committed
    }

    /// Undoes all of it.
    pub async fn roll_back(mut self) {
        self.tx.session.roll_back().await;
    }
}
