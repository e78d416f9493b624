//! Authority that was taken back, known to every process within a second.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use foldhash::HashMap;
use uuid::Uuid;

use super::PositionSource;
use crate::db::{Db, Place, ReadConn, ReadSql, Readable as _, Source, Sql, Tx};
use crate::error::Error;

/// How often the table is read.
pub const INTERVAL: Duration = Duration::from_millis(500);

/// After how long without a reading cached authority counts as unknown.
pub const UNKNOWN_AFTER: Duration = Duration::from_secs(1);

/// How long a revocation is remembered: many times as long as authority is cached.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 60);

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

/// A moment in the revocations, the same for every process. Taken **before** authority is loaded from the primary, and kept with
/// it: authority that was loaded after `mark` was loaded in sight of every revocation that the mark covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Mark {
    /// The primary's timeline (its epoch where it shows no log): numbers of transactions are given out anew after a fail-over.
    history: i64,
    /// Revocations by transactions with a lower number are covered.
    until: i64,
}

/// What this process knows of revocations. A cheap handle: clones share it.
///
/// Who caches authority keeps the [`mark`](Self::mark) from before it was loaded with it, and asks
/// [`revoked_since`](Self::revoked_since). No clock is needed, and what one process loaded another can judge.
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
    /// What the latest reading covers.
    mark: Mark,
    /// When the latest reading that succeeded was begun.
    read_at: Option<Instant>,
    /// When what is too old was last forgotten.
    forgotten_at: Option<Instant>,
}

struct Seen {
    /// Of the latest transaction that revoked it; nothing before it was read.
    xid: Option<i64>,
    /// When this process was told of it, ahead of a reading.
    noted_at: Option<Instant>,
    known_at: Instant,
}

struct Snapshot {
    mark: Mark,
    seen: std::collections::HashSet<i64>,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    history: i64,
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
}

fn since(positions: PositionSource, xid: i64) -> ReadSql {
    let history = match positions {
        PositionSource::WriteAheadLog => {
            "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint AS history"
        }
        PositionSource::Clock { .. } => "(SELECT epoch FROM db_epoch) AS history",
    };
    ReadSql::select(history)
        .sql(
            ", pg_snapshot_xmin(s.snapshot)::text::bigint AS snapshot_xmin, r.id, r.xid, r.kind, r.subject \
             FROM (SELECT pg_current_snapshot() AS snapshot) s LEFT JOIN revocations r ON r.xid >= ",
        )
        .bind::<BigInt, _>(xid)
        .sql(" ORDER BY r.id")
}

fn replicated_since(xid: i64) -> ReadSql {
    ReadSql::select("xid, kind, subject FROM revocations WHERE xid >= ").bind::<BigInt, _>(xid)
}

#[derive(diesel::QueryableByName)]
struct Replicated {
    #[diesel(sql_type = BigInt)]
    xid: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    subject: Uuid,
}

/// Where a replica is in the revocations.
fn shown() -> ReadSql {
    ReadSql::select("pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS until")
}

#[derive(diesel::QueryableByName)]
struct Shown {
    #[diesel(sql_type = BigInt)]
    until: i64,
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
        let positions = self.0.db.positions().await?;
        let from = previous.as_ref().map_or(0, |previous| previous.mark.until);
        let mut session = self.0.db.primary_session().await?;
        let mut rows: Vec<Row> = session.load(since(positions, from)).await?;
        let history = rows.first().map(|row| row.history);
        if previous
            .as_ref()
            .is_some_and(|previous| history != Some(previous.mark.history))
        {
            // Another primary: what was read of the one before says nothing of it.
            *previous = None;
            rows = session.load(since(positions, 0)).await?;
        }
        drop(session);
        let first = rows.first();
        let mark = first.map(|row| Mark {
            history: row.history,
            until: row.snapshot_xmin,
        });
        let mark = mark.ok_or_else(|| Error::internal("a snapshot is always a row"))?;
        let mut seen = std::collections::HashSet::new();
        let mut known = self.known();
        if known.mark.history != mark.history {
            known.latest.clear();
        }
        for row in rows {
            let (Some(id), Some(xid)) = (row.id, row.xid) else {
                continue;
            };
            if xid >= mark.until {
                seen.insert(id);
            }
            if previous
                .as_ref()
                .is_some_and(|previous| previous.seen.contains(&id))
            {
                continue;
            }
            let (Some(kind), Some(subject)) = (
                row.kind.as_deref().and_then(RevocationKind::from_name),
                row.subject,
            ) else {
                // A newer version of the panel, running beside this one, has kinds that this one does not cache.
                continue;
            };
            known.read(Revocation { kind, subject }, xid);
        }
        known.read_at = Some(begun);
        known.mark = mark;
        known.forget_old();
        *previous = Some(Snapshot { mark, seen });
        Ok(())
    }

    /// Reads what is new from a replica: what was revoked in the primary's last moment before it went away. That makes nothing
    /// current.
    async fn step_on_replica(&self) -> Result<(), Error> {
        let previous = self.0.reading.lock().await;
        let Some(from) = previous.as_ref().map(|previous| previous.mark.until) else {
            return Ok(());
        };
        let (Place::Replica(_), mut session) = self.0.db.polled_session().await? else {
            return Ok(());
        };
        let rows: Vec<Replicated> = session.load(replicated_since(from)).await?;
        let mut known = self.known();
        for row in rows {
            if let Some(kind) = RevocationKind::from_name(&row.kind) {
                let subject = row.subject;
                known.read(Revocation { kind, subject }, row.xid);
            }
        }
        Ok(())
    }

    /// Steps every 500 ms until `shutdown` is ready.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let mut rounds =
            crate::consistency::Rounds::new(INTERVAL, "the table of revocations", shutdown);
        while rounds.next().await {
            let outcome = self.step().await;
            if outcome.is_err()
                && let Err(error) = self.step_on_replica().await
            {
                tracing::debug!(%error, "no replica shows revocations either");
            }
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
        self.known().mark
    }

    /// The moment that `conn` shows, to be taken before authority is loaded from it: [`mark`](Self::mark), or where a replica answers
    /// because the primary is away, how far that one has come.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when the replica does not say.
    pub async fn mark_of(&self, conn: &mut ReadConn) -> Result<Mark, Error> {
        let mark = self.mark();
        if conn.source() == Source::Primary {
            return Ok(mark);
        }
        let shown: Shown = conn.first(shown()).await?;
        Ok(Mark {
            until: shown.until.min(mark.until),
            ..mark
        })
    }

    /// Whether authority of `subject` that was loaded after `mark` was taken back since, as far as this process knows.
    #[must_use]
    pub fn revoked_since(
        &self,
        kind: RevocationKind,
        subject: impl Into<Uuid>,
        mark: Mark,
    ) -> bool {
        let subject = subject.into();
        self.any_revoked_since([Revocation { kind, subject }], mark)
    }

    /// Whether authority of any of them that was loaded after `mark` was taken back since, as far as this process knows.
    #[must_use]
    pub fn any_revoked_since(
        &self,
        revocations: impl IntoIterator<Item = Revocation>,
        mark: Mark,
    ) -> bool {
        let known = self.known();
        // Of another history nothing is known.
        mark.history != known.mark.history
            || revocations.into_iter().any(|revocation| {
                known.latest.get(&revocation).is_some_and(|seen| {
                    let is_read = seen.noted_at.is_none_or(|at| known.read_at > Some(at));
                    !is_read || seen.xid.is_some_and(|xid| xid >= mark.until)
                })
            })
    }

    /// Applies what this process itself has just committed, ahead of the next reading.
    pub fn note(&self, revocation: Revocation) {
        let now = Instant::now();
        let mut known = self.known();
        let seen = known.latest.entry(revocation).or_insert(Seen {
            xid: None,
            noted_at: None,
            known_at: now,
        });
        seen.noted_at = Some(now);
        seen.known_at = now;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn read(&mut self, revocation: Revocation, xid: i64) {
        let now = Instant::now();
        let seen = self.latest.entry(revocation).or_insert(Seen {
            xid: None,
            noted_at: None,
            known_at: now,
        });
        seen.xid = seen.xid.max(Some(xid));
        seen.known_at = now;
    }

    /// Nothing that is cached is as old as what is forgotten.
    fn forget_old(&mut self) {
        let now = Instant::now();
        let old = |at: Instant| now.saturating_duration_since(at) > FORGOTTEN_AFTER;
        if self.forgotten_at.is_none_or(old) {
            self.latest.retain(|_, seen| !old(seen.known_at));
            self.forgotten_at = Some(now);
        }
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
