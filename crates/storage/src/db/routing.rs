//! Who is asked.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::read::{Reason, Route};
use super::server::{Server, Share};
use super::session::Session;
use super::{Db, Freshness, ReadConn, Source};
use crate::consistency::Position;
use crate::consistency::position::Sample;
use crate::error::Error;

/// Replicas whose answers take about as long as the nearest one's share the readers.
const ABOUT: Duration = Duration::from_millis(3);

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
    /// The furthest that a reader waits for the watermark to come to.
    awaited: Option<Position>,
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
    /// While the primary is away, [`Freshness::Any`] and [`Freshness::Primary`] are answered by a replica, however far it is.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no database that is fresh enough can be reached.
    pub async fn read(&self, freshness: Freshness) -> Result<ReadConn, Error> {
        self.read_for(freshness, Share::Common).await
    }

    /// As [`read`](Self::read) with [`Freshness::Primary`], for who somebody is and what they may do: requests that hold all other
    /// connections do not keep others from signing in.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no database can be reached.
    pub async fn read_authority(&self) -> Result<ReadConn, Error> {
        self.read_for(Freshness::Primary, Share::Reserved).await
    }

    async fn read_for(&self, freshness: Freshness, share: Share) -> Result<ReadConn, Error> {
        let conn = |session, route| ReadConn::new(session, self.clone(), route);
        let token = match freshness {
            Freshness::AtLeast(position) => Some(position),
            Freshness::Any | Freshness::Primary => None,
        };
        let reason = if freshness == Freshness::Primary {
            Reason::Demanded
        } else {
            match self.replica_at(token).await {
                Ok(session) => {
                    let reason = token.map_or(Reason::Fresh, |_| Reason::ComeToWrite);
                    return Ok(conn(session, Route::replica(reason)));
                }
                Err(reason) => reason,
            }
        };
        let error = match self.session(share).await {
            Ok(session) => return Ok(conn(session, Route::primary(reason))),
            Err(error) => error,
        };
        // A reader of his own writes is shown those or nothing; for the others something older is better than nothing. That nobody
        // is free at the primary does not mean that it is away.
        if token.is_none() && self.0.primary.resting() {
            for (_, replica) in self.in_use() {
                if let Ok(session) = replica.session(share).await {
                    return Ok(conn(session, Route::replica(Reason::PrimaryAway)));
                }
            }
        }
        Err(error)
    }

    /// The replicas in use, nearest first; those that are about as near take turns.
    fn in_use(&self) -> Vec<(usize, &Arc<Server>)> {
        let all = self.0.replicas.iter().enumerate();
        let mut replicas: Vec<_> = all.filter(|(_, server)| server.in_use()).collect();
        if replicas.len() < 2 {
            return replicas;
        }
        let distance = |server: &Server| server.distance().unwrap_or_default();
        replicas.sort_by_key(|(index, server)| (distance(server), *index));
        let nearest = replicas
            .first()
            .map_or(Duration::ZERO, |(_, server)| distance(server));
        let near = replicas
            .iter()
            .take_while(|(_, server)| distance(server) <= nearest * 2 + ABOUT)
            .count();
        let turn = self.0.turn.fetch_add(1, Ordering::Relaxed);
        if let Some(near) = replicas.get_mut(..near) {
            near.sort_by_key(|(index, _)| *index);
            near.rotate_left(turn % near.len().max(1));
        }
        replicas
    }

    /// A connection to a replica that has come to the floor and to `token`, or why there is none.
    async fn replica_at(&self, token: Option<Position>) -> Result<Session, Reason> {
        if self.0.replicas.is_empty() {
            return Err(Reason::NoReplica);
        }
        if token == Some(Position::LATEST) {
            return Err(Reason::Unheard);
        }
        let floor = self.lock_follow().floor;
        let fresh = |position: Position| {
            floor.is_none_or(|floor| position.reaches(floor.position))
                && token.is_none_or(|token| position.reaches(token))
        };
        let replicas = self.in_use();
        for (_, replica) in &replicas {
            if replica.position().is_some_and(fresh)
                && let Ok(session) = replica.session(Share::Common).await
            {
                return Ok(session);
            }
        }
        // What is known may be a moment old. Asking the nearest again costs less than going to the primary.
        for (_, replica) in replicas {
            if !replica.in_use() {
                continue;
            }
            let Ok(mut session) = replica.session(Share::Common).await else {
                continue;
            };
            let position = self.look(replica, &mut session).await;
            match position {
                Ok(position) if fresh(position) => return Ok(session),
                Ok(_) if token.is_some() => return Err(Reason::Behind),
                Ok(_) => return Err(Reason::BehindWatermark),
                Err(_) => {}
            }
        }
        Err(Reason::NoneInUse)
    }

    async fn look(&self, server: &Server, session: &mut Session) -> Result<Position, Error> {
        let positions = self.positions().await?;
        let sample = Sample::only(session.load(positions.sample(server.source)).await?)?;
        self.heed(&sample)?;
        let position = positions.vouched(&sample)?;
        server.has_come_to(position);
        Ok(position)
    }

    /// The position of a sample, whose epoch is remembered: a primary of an earlier one is written to no more.
    pub(crate) fn heed(&self, sample: &Sample) -> Result<Position, Error> {
        let position = sample.position()?;
        if self.0.history.learn(position.epoch) {
            self.0.primary.distrust_connections();
        }
        Ok(position)
    }

    /// Whether a primary of this epoch has been replaced, as far as this process knows.
    pub(crate) fn is_replaced(&self, epoch: i64) -> bool {
        self.0.history.has_passed(epoch)
    }

    /// A connection to the database that this process follows the log on: the nearest replica in use, else the primary.
    pub(crate) async fn polled_session(&self) -> Result<(Place, Session), Error> {
        for (index, replica) in self.0.replicas.iter().enumerate() {
            if replica.in_use()
                && let Ok(session) = replica.session(Share::Reserved).await
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

    /// A reader must see `wanted` and may not use the caches yet: the follower of the log sees to it that it does not stay so on a panel
    /// that nobody else writes to.
    pub fn await_caches(&self, wanted: Position) {
        if wanted == Position::LATEST {
            return;
        }
        let mut follow = self.lock_follow();
        if follow
            .watermark
            .is_some_and(|watermark| watermark.reaches(wanted))
        {
            return;
        }
        follow.awaited = Some(follow.awaited.map_or(wanted, |known| known.later(wanted)));
        drop(follow);
        self.0.reader_waits.notify_one();
    }

    /// Ends when somebody waits for the watermark to move.
    pub(crate) async fn reader_waits(&self) {
        self.0.reader_waits.notified().await;
    }

    /// Whether somebody waits for the watermark to come further than `vouched`, to what was sampled with it. Told once.
    pub(crate) fn is_held_up(&self, vouched: Position, sample: Position) -> bool {
        let mut follow = self.lock_follow();
        let Some(awaited) = follow.awaited else {
            return false;
        };
        if vouched.reaches(awaited) || awaited.epoch < vouched.epoch {
            follow.awaited = None;
            return false;
        }
        let held_up = sample.reaches(awaited);
        if held_up {
            follow.awaited = None;
        }
        held_up
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
    /// Where it was sent and why.
    #[must_use]
    pub const fn route(&self) -> Route {
        self.route
    }

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
        self.fills_caches = self.is_past_floor().await?;
        Ok(self.fills_caches)
    }

    async fn is_past_floor(&mut self) -> Result<bool, Error> {
        if self.route.reason == Reason::PrimaryAway {
            return Ok(false);
        }
        let floor = self.db.lock_follow().floor;
        let Some(floor) = floor else { return Ok(true) };
        if self.session.source == Source::Replica || floor.source == Source::Primary {
            return Ok(true);
        }
        let known = self.db.0.primary.position();
        if known.is_some_and(|known| known.reaches(floor.position)) {
            return Ok(true);
        }
        Ok(self.position().await?.reaches(floor.position))
    }

    /// How far the database that answers has come: what is read from here afterwards shows everything up to there.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it does not say.
    pub async fn position(&mut self) -> Result<Position, Error> {
        let positions = self.db.positions().await?;
        let sample = positions.sample(self.session.source);
        let vouched = positions.vouched(&Sample::only(self.session.load(sample).await?)?)?;
        if self.session.source == Source::Primary {
            self.db.0.primary.has_come_to(vouched);
        }
        Ok(vouched)
    }
}
