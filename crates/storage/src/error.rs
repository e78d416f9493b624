//! What can go wrong between the panel and its database, in the terms a use case decides by.

use std::error::Error as StdError;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row with these values exists already: the unique (or exclusion) constraint of this name says so.
    #[error("the value is taken ({constraint})")]
    Conflict {
        /// Name of the constraint or unique index.
        constraint: String,
    },
    /// A row that this one refers to does not exist, or this one is still referred to.
    #[error("a referenced row is missing or still in use ({constraint})")]
    ForeignKey {
        /// Name of the foreign key.
        constraint: String,
    },
    /// The value breaks a rule of the schema: a CHECK (by its name) or NOT NULL (by its column).
    #[error("the value is not allowed ({constraint})")]
    Check {
        /// Name of the CHECK constraint, or of the column that must not be NULL.
        constraint: String,
    },
    /// No row matched where exactly one was asked for.
    #[error("no such row")]
    NotFound,
    /// The lease under which the caller acts has passed to somebody else; nothing was changed.
    #[error("the lease {name} is held under another fence")]
    Fenced {
        /// Name of the lease.
        name: String,
    },
    /// Other transactions were in the way each time the write was tried. Trying again later is right.
    #[error("other changes were in the way, {attempts} times in a row")]
    Contention {
        /// How often the transaction was run.
        attempts: u32,
    },
    /// The database cannot be reached, answers too late, or refuses writes. Trying again later is right.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// What was noticed, for the log.
        reason: String,
    },
    /// A fault of ours or of the database's: a broken query, a value that does not decode, a full disk.
    #[error("the database failed: {message}")]
    Internal {
        /// What was noticed, for the log.
        message: String,
        /// The cause, where there is one.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
}

impl Error {
    /// Whether this is a conflict on the constraint `name`.
    #[must_use]
    pub fn is_conflict_on(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }

    /// An [`Error::Internal`] without a cause.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal {
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable {
            reason: reason.into(),
        }
    }
}

fn constraint(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    info.constraint_name()
        .or_else(|| info.column_name())
        .unwrap_or("unnamed")
        .to_owned()
}

/// diesel has no kinds of its own for what follows, and hides the SQLSTATE: the text is all that is left. A server whose
/// `lc_messages` is not English gets these as [`Error::Internal`]: still refused, only with a less helpful answer.
fn unavailable_by_text(message: &str) -> bool {
    const SIGNS: [&str; 8] = [
        "terminating connection",
        "the database system is",
        "canceling statement due to statement timeout",
        "canceling statement due to conflict with recovery",
        "remaining connection slots",
        "too many clients",
        "too many connections",
        "canceling statement due to lock timeout",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// Whether running the transaction again may succeed: 40001 or 40P01.
pub(crate) fn is_transient(error: &diesel::result::Error) -> bool {
    match error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info) => {
            info.message().contains("deadlock detected")
        }
        _ => false,
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::Error as Diesel;
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::ExclusionViolation => {
                    Self::Conflict {
                        constraint: constraint(&*info),
                    }
                }
                DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
                    Self::ForeignKey {
                        constraint: constraint(&*info),
                    }
                }
                DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation => {
                    Self::Check {
                        constraint: constraint(&*info),
                    }
                }
                // A primary that was demoted under us, or a write URL that names a replica.
                DatabaseErrorKind::ReadOnlyTransaction
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::ClosedConnection => Self::unavailable(info.message()),
                _ if is_transient(&Diesel::DatabaseError(
                    kind,
                    Box::new(info.message().to_owned()),
                )) =>
                {
                    Self::Contention { attempts: 1 }
                }
                _ if unavailable_by_text(info.message()) => Self::unavailable(info.message()),
                _ => Self::internal(info.message()),
            },
            other => Self::Internal {
                message: other.to_string(),
                source: Some(Box::new(other)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::Error as Diesel;

    use super::*;

    fn database(kind: DatabaseErrorKind, message: &str) -> Error {
        Diesel::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn each_kind_becomes_the_case_a_use_case_decides_by() {
        use DatabaseErrorKind as Kind;
        assert!(matches!(Error::from(Diesel::NotFound), Error::NotFound));
        assert!(matches!(
            database(Kind::UniqueViolation, "x"),
            Error::Conflict { .. }
        ));
        assert!(matches!(
            database(Kind::ForeignKeyViolation, "x"),
            Error::ForeignKey { .. }
        ));
        assert!(matches!(
            database(Kind::CheckViolation, "x"),
            Error::Check { .. }
        ));
        assert!(matches!(
            database(Kind::ReadOnlyTransaction, "x"),
            Error::Unavailable { .. }
        ));
        assert!(matches!(
            database(Kind::SerializationFailure, "x"),
            Error::Contention { .. }
        ));
        assert!(matches!(
            database(Kind::Unknown, "deadlock detected"),
            Error::Contention { .. }
        ));
        assert!(matches!(
            database(Kind::Unknown, "the database system is shutting down"),
            Error::Unavailable { .. }
        ));
        assert!(matches!(
            database(Kind::Unknown, "division by zero"),
            Error::Internal { .. }
        ));
    }
}
