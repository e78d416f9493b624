//! Who is asked.

use std::sync::{MutexGuard, PoisonError};

use super::server::Server;
use super::session::Session;
use super::{Db, Freshness, ReadConn, Source};
use crate::consistency::Position;
use crate::consistency::position::Sample;
use crate::error::Error;

/// A database of a [`Db`], by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Primary,
    Replica(usize),
}

/// How far this process has followed the log of invalidations.
#[derive(Debug, Default)]
pub(super) struct Follow {
    /// Its caches hold nothing older.
    watermark: Option<Position>,
    /// What it keeps was loaded from nothing older. Ahead of the watermark while a step is under way.
    floor: Option<Floor>,
}

/// A position that a process has followed the log to.
#[derive(Debug, Clone, Copy)]
struct Floor {
    position: Position,
    /// Where it was sampled.
    source: Source,
}

impl Db {
    /// A connection for reading that is as fresh as asked, and never a replica behind this process's watermark. Whether what it
    /// reads may be kept in the caches is [`ReadConn::may_fill_caches`].
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no database that is fresh enough can be reached.
    pub async fn read(&self, freshness: Freshness) -> Result<ReadConn, Error> {
        let token = match freshness {
            Freshness::AtLeast(position) => Some(position),
            Freshness::Any | Freshness::Primary => None,
        };
        if freshness != Freshness::Primary
            && let Some((_, session)) = self.replica_at(token).await
        {
            return Ok(ReadConn::new(session, self.clone()));
        }
        match self.primary_session().await {
            Ok(session) => Ok(ReadConn::new(session, self.clone())),
            Err(error) if freshness == Freshness::Primary => self
                .replica_at(None)
                .await
                .map(|(_, session)| ReadConn::new(session, self.clone()))
                .ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// A connection to a replica that has come to the floor and to `token`.
    async fn replica_at(&self, token: Option<Position>) -> Option<(Place, Session)> {
        let floor = self.lock_follow().floor;
        let fresh = |position: Position| {
            floor.is_none_or(|floor| position.reaches(floor.position))
                && token.is_none_or(|token| position.reaches(token))
        };
        let asked = || {
            self.0
                .replicas
                .iter()
                .enumerate()
                .filter(|(_, server)| server.in_use())
        };
        for (index, replica) in asked() {
            if replica.position().is_some_and(fresh)
                && let Ok(session) = replica.session().await
            {
                return Some((Place::Replica(index), session));
            }
        }
        // What is known may be a second old. Asking the nearest again costs less than going to the primary.
        let (index, replica) = asked().next()?;
        let mut session = replica.session().await.ok()?;
        let position = self.look(replica, &mut session).await.ok()?;
        fresh(position).then_some((Place::Replica(index), session))
    }

    async fn look(&self, server: &Server, session: &mut Session) -> Result<Position, Error> {
        let sample = self.positions().await?.sample(server.source);
        let position = Sample::only(session.load(sample).await?)?.position()?;
        server.has_come_to(position);
        Ok(position)
    }

    /// A connection to the database that this process follows the log on: its first replica in use, else the primary.
    pub(crate) async fn polled_session(&self) -> Result<(Place, Session), Error> {
        for (index, replica) in self.0.replicas.iter().enumerate() {
            if replica.in_use()
                && let Ok(session) = replica.session().await
            {
                return Ok((Place::Replica(index), session));
            }
        }
        Ok((Place::Primary, self.primary_session().await?))
    }

    /// The database at `place` was seen at `position`.
    pub(crate) fn has_come_to(&self, place: Place, position: Position) {
        match place {
            Place::Primary => self.0.primary.has_come_to(position),
            Place::Replica(index) => {
                if let Some(replica) = self.0.replicas.get(index) {
                    replica.has_come_to(position);
                }
            }
        }
    }

    /// How far this process has followed the log of invalidations: its caches hold nothing that is older. Nothing before the
    /// first step of [`Watermark`](crate::consistency::Watermark).
    #[must_use]
    pub fn watermark(&self) -> Option<Position> {
        self.lock_follow().watermark
    }

    /// Whether a reader who must see `wanted` may be answered from this process's caches.
    #[must_use]
    pub fn caches_reach(&self, wanted: Position) -> bool {
        self.watermark()
            .is_some_and(|watermark| watermark.reaches(wanted))
    }

    /// From now on nothing is read from a replica that has not come to `position`, which was sampled at `place`: the watermark
    /// is about to get there.
    pub(crate) fn raise_floor(&self, position: Position, place: Place) {
        let source = match place {
            Place::Primary => Source::Primary,
            Place::Replica(_) => Source::Replica,
        };
        let floor = &mut self.lock_follow().floor;
        if floor.is_none_or(|known| known.position.later(position) != known.position) {
            *floor = Some(Floor { position, source });
        }
    }

    pub(crate) fn raise_watermark(&self, position: Position) {
        let watermark = &mut self.lock_follow().watermark;
        *watermark = Some(watermark.map_or(position, |known| known.later(position)));
    }

    fn lock_follow(&self) -> MutexGuard<'_, Follow> {
        self.0.follow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ReadConn {
    /// Whether what is read from here **after** this call may be kept in the caches: whether it is from no earlier than the
    /// watermark. Asked before the reading; costs a round trip only on the primary of a process that follows a replica.
    ///
    /// A replica was chosen for that. The primary is not beyond doubt: with a commit in its log but not visible yet, a replica
    /// already shows what the primary does not.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the primary does not say where it is.
    pub async fn may_fill_caches(&mut self) -> Result<bool, Error> {
        let floor = self.db.lock_follow().floor;
        let Some(floor) = floor else { return Ok(true) };
        if self.session.source == Source::Replica || floor.source == Source::Primary {
            return Ok(true);
        }
        let positions = self.db.positions().await?;
        let sample = positions.sample(Source::Primary);
        let sample = Sample::only(self.session.load(sample).await?)?.position()?;
        Ok(positions
            .vouched(sample, Source::Primary)
            .reaches(floor.position))
    }
}
