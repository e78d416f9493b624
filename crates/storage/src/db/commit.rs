//! What a transaction leaves behind for the other processes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use uuid::Uuid;

use super::Tx;
use crate::consistency::{Position, Revocation, RevocationKind};
use crate::idempotency_keys::KeyEnd;

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
    pub(super) keys: BTreeSet<String>,
    pub(super) revocations: Vec<Revocation>,
    /// What becomes of the idempotency key that the transaction runs under.
    pub(crate) key: Option<KeyEnd>,
}

impl Pending {
    /// The statements that record it, for the batch that ends with COMMIT.
    ///
    /// They travel as text, since a prepared statement could be overtaken by the COMMIT behind it. Texts are written as
    /// hexadecimal, so that nothing in them can be taken for SQL.
    pub(super) fn statements(&self) -> String {
        let mut sql = String::new();
        let mut separator = "INSERT INTO cache_invalidations (key) VALUES ";
        for key in &self.keys {
            sql.push_str(separator);
            sql.push_str("(convert_from(");
            push_bytes(&mut sql, key.as_bytes());
            sql.push_str(",'UTF8'))");
            separator = ",";
        }
        if !self.keys.is_empty() {
            sql.push(';');
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

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.revocations.is_empty()
    }
}

#[expect(clippy::expect_used, reason = "writing to a String cannot fail")]
pub(crate) fn push(sql: &mut String, arguments: std::fmt::Arguments<'_>) {
    sql.write_fmt(arguments).expect("a String takes everything");
}

/// Appends an expression of the type bytea.
pub(crate) fn push_bytes(sql: &mut String, bytes: &[u8]) {
    sql.push_str("decode('");
    for byte in bytes {
        push(sql, format_args!("{byte:02x}"));
    }
    sql.push_str("','hex')");
}

impl Tx {
    /// Records that what the cache keeps under `key` is older than this transaction. It is written with COMMIT, costs no
    /// round trip, and every process drops the key.
    pub fn invalidate(&mut self, key: impl Into<String>) {
        self.pending.keys.insert(key.into());
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
        assert_eq!(pending.statements(), "");
        pending.keys.insert("a'); DROP TABLE x;--".to_owned());
        pending.revocations.push(Revocation {
            kind: RevocationKind::User,
            subject: Uuid::nil(),
        });
        assert_eq!(
            pending.statements(),
            "INSERT INTO cache_invalidations (key) VALUES \
             (convert_from(decode('6127293b2044524f50205441424c4520783b2d2d','hex'),'UTF8'));\
             INSERT INTO revocations (kind, subject) VALUES ('user','00000000-0000-0000-0000-000000000000');"
        );
    }
}
