//! What a transaction leaves behind for the other processes.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Tx;
use super::late::{LateSql, push};
use crate::consistency::{Position, Revocation, RevocationKind};
use crate::idempotency_keys::KeyEnd;
use crate::parts::SERVERS_OF;

/// A value whose transaction was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed<T> {
    /// What the transaction gave.
    pub value: T,
    /// A position at or past the commit: who has reached it sees the change.
    pub position: Position,
}

/// What a committed transaction changed for others, for the caches and watchers of the process that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// A position at or past the commit.
    pub position: Position,
    /// The cache keys that hold something older now.
    pub keys: Vec<String>,
    /// What the log of invalidations calls the transaction beside these keys.
    pub change: Uuid,
    /// The authority that was taken back.
    pub revocations: Vec<Revocation>,
}

/// Told of every commit of this process that has something to tell, right after COMMIT was answered.
///
/// It must not block: it is called where the request runs.
pub trait CommitObserver: Send + Sync {
    /// `commit` has happened.
    fn committed(&self, commit: &Commit);
}

/// What goes out together with COMMIT.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(super) statements: Vec<String>,
    pub(super) keys: BTreeSet<String>,
    pub(super) revocations: Vec<Revocation>,
    /// What becomes of the idempotency key that the transaction runs under.
    pub(crate) key: Option<KeyEnd>,
    /// Servers of which everybody who has something to do with them gets another list.
    pub(super) members_of: BTreeSet<Uuid>,
}

impl Pending {
    /// Everything that precedes COMMIT in its batch.
    pub(super) fn batch(&self, change: Uuid) -> String {
        let mut sql = String::new();
        for statement in &self.statements {
            sql.push_str(statement);
            sql.push(';');
        }
        let mut separator = "INSERT INTO cache_invalidations (key, change) VALUES ";
        for key in &self.keys {
            let key = LateSql::new("(").value(key);
            push(&mut sql, format_args!("{separator}{key},'{change}')"));
            separator = ",";
        }
        if !self.keys.is_empty() {
            sql.push(';');
        }
        for server in &self.members_of {
            push(
                &mut sql,
                format_args!(
                    "INSERT INTO cache_invalidations (key) SELECT '{SERVERS_OF}' || member FROM \
                     (SELECT owner_id AS member FROM servers WHERE id = '{server}' \
                     UNION SELECT user_id FROM subusers WHERE server_id = '{server}') AS members;"
                ),
            );
        }
        separator = "INSERT INTO revocations (kind, subject) VALUES ";
        for Revocation { kind, subject } in &self.revocations {
            push(
                &mut sql,
                format_args!("{separator}('{}','{subject}')", kind.as_str()),
            );
            separator = ",";
        }
        if !self.revocations.is_empty() {
            sql.push(';');
        }
        if let Some(key) = &self.key {
            key.write(&mut sql);
        }
        sql
    }

    /// Whether there is nothing that others have to know.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.revocations.is_empty() && self.members_of.is_empty()
    }
}

impl Tx {
    /// Records that what the cache keeps under `key` is older than this transaction. It is written with COMMIT, costs no
    /// round trip, and every process drops the key.
    pub fn invalidate(&mut self, key: impl Into<String>) {
        self.pending.keys.insert(key.into());
    }

    /// Records which lists of servers are older than this transaction; see [`Tx::members_changed`].
    pub(crate) fn invalidate_members(&mut self, server: Uuid) {
        self.pending.members_of.insert(server);
    }

    /// Records that authority derived from `subject` ends with this transaction. It is written with COMMIT, costs no
    /// round trip, and every process honours it within a second.
    pub fn revoke(&mut self, kind: RevocationKind, subject: impl Into<Uuid>) {
        let revocation = Revocation {
            kind,
            subject: subject.into(),
        };
        if !self.pending.revocations.contains(&revocation) {
            self.pending.revocations.push(revocation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_cannot_be_taken_for_sql() {
        let mut pending = Pending::default();
        assert_eq!(pending.batch(Uuid::nil()), "");
        pending.keys.insert("a'); DROP TABLE x;--".to_owned());
        pending.revocations.push(Revocation {
            kind: RevocationKind::User,
            subject: Uuid::nil(),
        });
        assert_eq!(
            pending.batch(Uuid::nil()),
            "INSERT INTO cache_invalidations (key, change) VALUES \
             (convert_from(decode('6127293b2044524f50205441424c4520783b2d2d','hex'),'UTF8'),\
             '00000000-0000-0000-0000-000000000000');\
             INSERT INTO revocations (kind, subject) VALUES ('user','00000000-0000-0000-0000-000000000000');"
        );
    }
}
