//! Offices that one process holds at a time, by a row on the primary: the leading worker's first of all.
//!
//! A lease ends by the database's clock (`clock_timestamp()`: `now()` is when the transaction began), and its holder stops by
//! its own monotonic clock before that. What a late holder still sends carries an old fence and changes nothing
//! ([`Tx::require_fence`]). That guards rows; a call already on its way to a node is guarded by the node's own rules.

use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Bool, Double, Integer, Text};
use uuid::Uuid;

use crate::db::{Db, ReadSql, Readable, Sql, Tx};
use crate::error::Error;

/// Somebody who would hold an office.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The office.
    pub name: String,
    /// Who, for the life of this process.
    pub owner: Uuid,
    /// Who of several gets it: the highest, so that the leader is the one near the primary.
    pub priority: i32,
    /// For how long at a time.
    pub ttl: Duration,
}

/// An office that is held.
#[derive(Debug, Clone)]
pub struct Lease {
    name: String,
    owner: Uuid,
    fence: i64,
    ttl: Duration,
    held_until: Instant,
}

/// What became of a lease that was to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It goes on.
    Held,
    /// It goes on, but somebody of higher priority waits: finish what is under way and release it.
    Outranked,
    /// Somebody else has it.
    Lost,
}

/// Who holds an office at the moment.
#[derive(Debug, Clone, PartialEq, diesel::QueryableByName)]
pub struct Holder {
    /// Who.
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub owner: Uuid,
    /// Their priority.
    #[diesel(sql_type = Integer)]
    pub priority: i32,
    /// Their fence.
    #[diesel(sql_type = BigInt)]
    pub fence: i64,
    /// After how many seconds their time is over unless they prolong it.
    #[diesel(sql_type = Double)]
    pub seconds_left: f64,
}

/// Who holds the office `name`; nobody when it is free or its holder's time is over.
///
/// # Errors
///
/// As any reading.
pub async fn holder(conn: &mut impl Readable, name: &str) -> Result<Option<Holder>, Error> {
    let held = ReadSql::select(
        "owner, priority, fence, extract(epoch FROM expires_at - clock_timestamp())::double precision AS seconds_left \
         FROM leader_lease WHERE owner IS NOT NULL AND expires_at > clock_timestamp() AND name = ",
    )
    .bind::<Text, _>(name.to_owned());
    conn.optional(held).await
}

#[derive(diesel::QueryableByName)]
struct Fence {
    #[diesel(sql_type = BigInt)]
    fence: i64,
}

#[derive(diesel::QueryableByName)]
struct Outranked {
    #[diesel(sql_type = Bool)]
    outranked: bool,
}

/// How much earlier than the database a holder thinks the lease over: its clock may run slower.
fn own_share(ttl: Duration) -> Duration {
    ttl - ttl / 5
}

impl Candidate {
    /// Takes the office when it is free, or when its holder's time is over; nothing when somebody else has it. Then, where this
    /// candidate ranks higher, the holder is asked to make room, and those who rank lower hold back.
    ///
    /// # Errors
    ///
    /// As any write.
    pub async fn acquire(&self, db: &Db) -> Result<Option<Lease>, Error> {
        let Self {
            name,
            owner,
            priority,
            ttl,
        } = self;
        let asked_at = Instant::now();
        let take = Sql::new("INSERT INTO leader_lease AS held (name, owner, fence, priority, expires_at) VALUES (")
            .bind::<Text, _>(name.clone())
            .sql(", ")
            .bind::<diesel::sql_types::Uuid, _>(*owner)
            .sql(", 1, ")
            .bind::<Integer, _>(*priority)
            .sql(", clock_timestamp() + make_interval(secs => ")
            .bind::<Double, _>(ttl.as_secs_f64())
            .sql(
                ")) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = held.fence + 1, \
                 priority = excluded.priority, expires_at = excluded.expires_at, \
                 wanted_priority = 0, wanted_until = clock_timestamp() \
                 WHERE (held.owner IS NULL OR held.owner = excluded.owner OR held.expires_at <= clock_timestamp()) \
                 AND NOT (held.wanted_until > clock_timestamp() AND held.wanted_priority > excluded.priority) \
                 RETURNING fence",
            );
        let taken = db.primary_session().await?.load::<_, Fence>(take).await?;
        if let Some(Fence { fence }) = taken.into_iter().next() {
            let held_until = asked_at + own_share(*ttl);
            return Ok(Some(Lease {
                name: name.clone(),
                owner: *owner,
                fence,
                ttl: *ttl,
                held_until,
            }));
        }
        let wish = Sql::new("UPDATE leader_lease SET wanted_priority = ")
            .bind::<Integer, _>(*priority)
            .sql(", wanted_until = clock_timestamp() + make_interval(secs => ")
            .bind::<Double, _>(ttl.as_secs_f64())
            .sql(") WHERE name = ")
            .bind::<Text, _>(name.clone())
            .sql(" AND priority < ")
            .bind::<Integer, _>(*priority)
            .sql(" AND (wanted_until <= clock_timestamp() OR wanted_priority <= ")
            .bind::<Integer, _>(*priority)
            .sql(")");
        db.on_primary(wish).await?;
        Ok(None)
    }
}

impl Lease {
    /// What every write under this lease names; grows with each change of the holder.
    #[must_use]
    pub const fn fence(&self) -> i64 {
        self.fence
    }

    /// The office.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Until when the holder may act, by its own clock. Work that cannot end before must not begin.
    #[must_use]
    pub const fn held_until(&self) -> Instant {
        self.held_until
    }

    /// Whether the holder may act at `now`.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        now < self.held_until
    }

    /// Prolongs the lease by its time, counted from now. Due after a third of it.
    ///
    /// # Errors
    ///
    /// As any write; the lease then goes on to [`held_until`](Self::held_until).
    pub async fn renew(&mut self, db: &Db) -> Result<Renewal, Error> {
        let asked_at = Instant::now();
        let renew = Sql::new("UPDATE leader_lease SET expires_at = clock_timestamp() + make_interval(secs => ")
            .bind::<Double, _>(self.ttl.as_secs_f64())
            .sql(") WHERE name = ")
            .bind::<Text, _>(self.name.clone())
            .sql(" AND owner = ")
            .bind::<diesel::sql_types::Uuid, _>(self.owner)
            .sql(" AND fence = ")
            .bind::<BigInt, _>(self.fence)
            .sql(" RETURNING wanted_until > clock_timestamp() AND wanted_priority > priority AS outranked");
        let renewed = db
            .primary_session()
            .await?
            .load::<_, Outranked>(renew)
            .await?;
        match renewed.into_iter().next() {
            Some(Outranked { outranked }) => {
                self.held_until = asked_at + own_share(self.ttl);
                Ok(if outranked {
                    Renewal::Outranked
                } else {
                    Renewal::Held
                })
            }
            None => {
                self.held_until = asked_at;
                Ok(Renewal::Lost)
            }
        }
    }

    /// Gives the office up, so that the next need not wait for the time to run out.
    ///
    /// # Errors
    ///
    /// As any write; the lease then ends by itself.
    pub async fn release(self, db: &Db) -> Result<(), Error> {
        let release = Sql::new(
            "UPDATE leader_lease SET owner = NULL, expires_at = clock_timestamp() WHERE name = ",
        )
        .bind::<Text, _>(self.name)
        .sql(" AND owner = ")
        .bind::<diesel::sql_types::Uuid, _>(self.owner)
        .sql(" AND fence = ")
        .bind::<BigInt, _>(self.fence);
        db.on_primary(release).await?;
        Ok(())
    }
}

impl Tx {
    /// Goes on only when `lease` is still held under its fence, and keeps others from taking it over until this transaction is
    /// over.
    ///
    /// # Errors
    ///
    /// [`Error::Fenced`] when it was taken over.
    pub async fn require_fence(&mut self, lease: &Lease) -> Result<(), Error> {
        let held = Sql::new("SELECT fence FROM leader_lease WHERE name = ")
            .bind::<Text, _>(lease.name.clone())
            .sql(" AND owner = ")
            .bind::<diesel::sql_types::Uuid, _>(lease.owner)
            .sql(" AND fence = ")
            .bind::<BigInt, _>(lease.fence)
            .sql(" FOR SHARE");
        match self.optional::<_, Fence>(held).await? {
            Some(_) => Ok(()),
            None => Err(Error::Fenced {
                name: lease.name.clone(),
            }),
        }
    }
}
