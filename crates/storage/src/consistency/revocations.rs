//! Authority that was taken back, known to every process within a second.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use uuid::Uuid;

use crate::db::{Db, ReadSql, Sql, Tx};
use crate::error::Error;

/// How often the table is read.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// After how long without a reading cached authority counts as unknown.
pub const UNKNOWN_AFTER: Duration = Duration::from_secs(1);

/// What a revocation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationKind {
    /// One signed-in session.
    Session,
    /// One API key.
    ApiKey,
    /// Everything a user's authority was derived from: password, suspension, role, deletion.
    User,
    /// The permissions of a role.
    Role,
    /// Who may do what on a server: its owner, subusers, suspension.
    Server,
    /// A node's daemon token.
    Node,
}

impl RevocationKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Session,
        Self::ApiKey,
        Self::User,
        Self::Role,
        Self::Server,
        Self::Node,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ApiKey => "api_key",
            Self::User => "user",
            Self::Role => "role",
            Self::Server => "server",
            Self::Node => "node",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The object whose authority was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// What it is.
    pub kind: RevocationKind,
    /// Its id.
    pub subject: Uuid,
}

/// A moment in what this process knows of revocations. Taken **before** authority is loaded from the primary, and kept with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64);

/// What this process knows of revocations. A cheap handle: clones share it.
///
/// Two questions, by what the caller keeps. Who caches authority asks [`revoked_since`](Self::revoked_since) with the mark
/// from before it was loaded, which needs no clocks. Who holds a credential with a time of issue *of the database's clock*
/// asks [`is_revoked`](Self::is_revoked).
#[derive(Clone)]
pub struct Revocations(Arc<Shared>);

struct Shared {
    db: Db,
    known: Mutex<Known>,
    /// One reading at a time.
    reading: tokio::sync::Mutex<Option<Snapshot>>,
}

#[derive(Default)]
struct Known {
    latest: HashMap<Revocation, Seen>,
    applied: u64,
    /// When the latest reading that succeeded was begun.
    read_at: Option<Instant>,
}

struct Seen {
    applied: u64,
    revoked_at: DateTime<Utc>,
}

struct Snapshot {
    xmin: i64,
    seen: std::collections::HashSet<i64>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    snapshot_xmin: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    xid: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Uuid>)]
    subject: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    revoked_at: Option<DateTime<Utc>>,
}

fn since(xid: i64) -> ReadSql {
    ReadSql::select(
        "pg_snapshot_xmin(s.snapshot)::text::bigint AS snapshot_xmin, r.id, r.xid, r.kind, r.subject, r.revoked_at \
         FROM (SELECT pg_current_snapshot() AS snapshot) s LEFT JOIN revocations r ON r.xid >= ",
    )
    .bind::<BigInt, _>(xid)
    .sql(" ORDER BY r.id")
}

impl Revocations {
    /// Knows nothing until the first [`step`](Self::step).
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self(Arc::new(Shared {
            db,
            known: Mutex::default(),
            reading: tokio::sync::Mutex::new(None),
        }))
    }

    /// Reads what is new, from the primary, in one round trip.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the primary is away; [`is_current`](Self::is_current) turns false in time.
    pub async fn step(&self) -> Result<(), Error> {
        let mut previous = self.0.reading.lock().await;
        let begun = Instant::now();
        let from = previous.as_ref().map_or(0, |previous| previous.xmin);
        let rows: Vec<Row> = self.0.db.primary_session().await?.load(since(from)).await?;
        let xmin = rows.first().map_or(from, |row| row.snapshot_xmin);
        let mut seen = std::collections::HashSet::new();
        let mut known = self.known();
        for row in rows {
            let (Some(id), Some(xid)) = (row.id, row.xid) else {
                continue;
            };
            if xid >= xmin {
                seen.insert(id);
            }
            if previous
                .as_ref()
                .is_some_and(|previous| previous.seen.contains(&id))
            {
                continue;
            }
            let (Some(kind), Some(subject), Some(revoked_at)) = (
                row.kind.as_deref().and_then(RevocationKind::from_name),
                row.subject,
                row.revoked_at,
            ) else {
                // A newer version of the panel, running beside this one, has kinds that this one does not cache.
                continue;
            };
            known.apply(Revocation { kind, subject }, revoked_at);
        }
        known.read_at = Some(begun);
        *previous = Some(Snapshot { xmin, seen });
        Ok(())
    }

    /// Steps every 500 ms until `shutdown` is ready.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut rounds =
            crate::consistency::Rounds::new(INTERVAL, "the table of revocations", shutdown);
        while rounds.next().await {
            let outcome = self.step().await;
            rounds.report(&outcome);
        }
    }

    /// Whether the table was read within the last second. When not, cached authority is unknown and the primary is asked per
    /// request.
    #[must_use]
    pub fn is_current(&self, now: Instant) -> bool {
        let read_at = self.known().read_at;
        read_at.is_some_and(|at| now.saturating_duration_since(at) <= UNKNOWN_AFTER)
    }

    /// For how long the table has not been read; nothing when it never was.
    #[must_use]
    pub fn age(&self, now: Instant) -> Option<Duration> {
        self.known()
            .read_at
            .map(|at| now.saturating_duration_since(at))
    }

    /// The present moment, to be taken before authority is loaded from the primary.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(self.known().applied)
    }

    /// Whether authority of `subject` that was loaded after `mark` was taken back since, as far as this process knows.
    #[must_use]
    pub fn revoked_since(
        &self,
        kind: RevocationKind,
        subject: impl Into<Uuid>,
        mark: Mark,
    ) -> bool {
        let revocation = Revocation {
            kind,
            subject: subject.into(),
        };
        self.known()
            .latest
            .get(&revocation)
            .is_some_and(|seen| seen.applied > mark.0)
    }

    /// Whether what was issued to `subject` at `issued_at`, by the database's clock, was taken back then or later, as far as
    /// this process knows.
    #[must_use]
    pub fn is_revoked(
        &self,
        kind: RevocationKind,
        subject: impl Into<Uuid>,
        issued_at: DateTime<Utc>,
    ) -> bool {
        let revocation = Revocation {
            kind,
            subject: subject.into(),
        };
        self.known()
            .latest
            .get(&revocation)
            .is_some_and(|seen| issued_at <= seen.revoked_at)
    }

    /// Applies what this process itself, or a neighbour by a message, has just committed, ahead of the next reading.
    pub fn note(&self, revocation: Revocation, at: DateTime<Utc>) {
        self.known().apply(revocation, at);
    }

    /// Forgets what was revoked before `before` (more than an hour ago: nothing cached is as old).
    pub fn forget(&self, before: DateTime<Utc>) {
        self.known()
            .latest
            .retain(|_, seen| seen.revoked_at >= before);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn apply(&mut self, revocation: Revocation, revoked_at: DateTime<Utc>) {
        self.applied += 1;
        let applied = self.applied;
        let seen = self.latest.entry(revocation).or_insert(Seen {
            applied,
            revoked_at,
        });
        seen.applied = applied;
        seen.revoked_at = seen.revoked_at.max(revoked_at);
    }
}

/// Deletes revocations from before `before` (an hour ago); gives their number. For the leading worker.
///
/// # Errors
///
/// As any write.
pub async fn trim(tx: &mut Tx, before: DateTime<Utc>) -> Result<usize, Error> {
    tx.execute(
        Sql::new("DELETE FROM revocations WHERE revoked_at < ").bind::<Timestamptz, _>(before),
    )
    .await
}
