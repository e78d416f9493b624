//! What a use case can answer instead of its value. Nothing here knows HTTP: `http-api` maps each variant to a
//! status and a stable code.

use std::time::Duration;

use panel_domain::policy::Denial;
use panel_domain::server::Conflict as StateConflict;
use panel_domain::validate::Invalid;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller gave no credential, or one that is not valid (any more).
    #[error("sign in first")]
    Unauthenticated,
    /// The caller may know of it but not do it.
    #[error("{message}")]
    Denied {
        /// Stable code, `permission_denied` for a missing permission.
        code: &'static str,
        /// Which permission is missing, or why it is not allowed.
        message: String,
    },
    /// The object does not exist, or the caller may not know that it does.
    #[error("{noun} not found")]
    NotFound {
        /// The noun of what was looked for: `server`, `node`, ...
        noun: &'static str,
    },
    /// The state of things does not allow it now.
    #[error("{message}")]
    Conflict {
        /// Stable code such as `server_installing`.
        code: &'static str,
        /// What is in the way and what to do.
        message: String,
    },
    /// What the caller takes for granted is not so (412).
    #[error("{message}")]
    NotAsExpected {
        /// Stable code such as `file_changed`.
        code: &'static str,
        /// What is different and what to do.
        message: String,
    },
    /// One or more inputs are not acceptable.
    #[error("the input is not valid: {0}")]
    Invalid(Invalid),
    /// Acceptable as such, but somebody else has it already (409): a name, an address.
    #[error("{0}")]
    Taken(Invalid),
    /// Another request with the same idempotency key is not done yet.
    #[error("a request with this Idempotency-Key is not done yet; try again in {} s", retry_after.as_secs())]
    KeyInUse {
        /// A good time to try again.
        retry_after: Duration,
    },
    /// The idempotency key was used for another request.
    #[error("this Idempotency-Key was used for another request; use a new one for each")]
    KeyReused,
    /// Too many requests of this kind.
    #[error("too many requests; try again in {} s", retry_after.as_secs())]
    RateLimited {
        /// Requests allowed in the window.
        limit: u32,
        /// How long until the next one has a chance.
        retry_after: Duration,
    },
    /// The primary database (or another part that this request cannot do without) is away.
    #[error("the panel cannot do this right now; try again in {} s", retry_after.as_secs())]
    Unavailable {
        /// A good time to try again.
        retry_after: Duration,
    },
    /// The node did not answer in time, or its breaker is open.
    #[error("the node cannot be reached")]
    NodeUnreachable,
    /// The node answered that it will not.
    #[error("the node refused: {message}")]
    NodeRefused {
        /// HTTP status of the node's answer.
        status: u16,
        /// Its message.
        message: String,
    },
    /// The node's daemon has no such function.
    #[error("the node's daemon cannot do this: {capability}")]
    NodeLacksCapability {
        /// What is missing.
        capability: String,
    },
    /// A defect of ours or of the surroundings. The cause goes to the log, not to the caller.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// [`Error::NotFound`] for this noun.
    #[must_use]
    pub const fn not_found(noun: &'static str) -> Self {
        Self::NotFound { noun }
    }

    /// [`Error::Conflict`] with its stable code and the sentence for people.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            message: message.into(),
        }
    }

    /// [`Error::Invalid`] with one message at one field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let mut invalid = Invalid::new();
        invalid.push(field, message);
        Self::Invalid(invalid)
    }

    /// [`Error::Internal`] of any cause.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Anonymous => Self::Unauthenticated,
            Denial::Hidden => Self::NotFound { noun: "object" },
            other => Self::Denied {
                code: other.code(),
                message: other.to_string(),
            },
        }
    }
}

impl From<StateConflict> for Error {
    fn from(conflict: StateConflict) -> Self {
        Self::Conflict {
            code: conflict.code(),
            message: conflict.to_string(),
        }
    }
}

impl From<panel_storage::Error> for Error {
    fn from(error: panel_storage::Error) -> Self {
        use panel_storage::Error as Storage;
        match error {
            Storage::Unavailable { reason } => {
                tracing::warn!(reason, "The database is not available");
                Self::Unavailable {
                    retry_after: Duration::from_secs(2),
                }
            }
            Storage::Contention { .. } => Self::Unavailable {
                retry_after: Duration::from_secs(1),
            },
            Storage::Conflict { constraint }
                if constraint == panel_storage::operations::ONE_LIFECYCLE =>
            {
                Self::conflict(
                    "server_busy",
                    "the server is being installed, restored, moved or deleted already",
                )
            }
            Storage::Conflict { constraint }
                if constraint == panel_storage::operations::ONE_BACKUP =>
            {
                Self::conflict(
                    "backup_busy",
                    "the backup is being made, restored or deleted; try again when that has ended",
                )
            }
            Storage::Conflict { constraint } => Self::Conflict {
                code: "already_exists",
                message: format!("something like this exists already ({constraint})"),
            },
            Storage::ForeignKey { constraint } => Self::Conflict {
                code: "in_use",
                message: format!(
                    "something that this refers to is missing, or it is still in use ({constraint})"
                ),
            },
            other => Self::internal(other),
        }
    }
}

/// What deleting something answers when a foreign key of what depends on it refused; other errors stay what they are.
pub(crate) fn in_use(
    error: panel_storage::Error,
    code: &'static str,
    message: &'static str,
) -> Error {
    match error {
        panel_storage::Error::ForeignKey { .. } => Error::conflict(code, message),
        other => other.into(),
    }
}

/// Turns the violation of a unique constraint into a message at the field that a person can change.
pub(crate) trait Taken<T> {
    /// When `constraint` was violated: `field` is invalid, because `message`.
    fn taken(self, constraint: &str, field: &str, message: &str) -> Result<T, Error>;
}

impl<T> Taken<T> for Result<T, panel_storage::Error> {
    fn taken(self, constraint: &str, field: &str, message: &str) -> Result<T, Error> {
        self.map_err(|error| {
            if error.is_conflict_on(constraint) {
                let mut invalid = Invalid::new();
                invalid.push(field, message);
                Error::Taken(invalid)
            } else {
                error.into()
            }
        })
    }
}

impl From<wings_client::Error> for Error {
    fn from(error: wings_client::Error) -> Self {
        use wings_client::Error as Wings;
        match error {
            Wings::Unreachable { .. } => Self::NodeUnreachable,
            Wings::Refused {
                status, message, ..
            } => Self::NodeRefused { status, message },
            Wings::Unexpected { status, detail, .. } => Self::NodeRefused {
                status,
                message: detail,
            },
            Wings::Interrupted { .. } => Self::NodeRefused {
                status: 400,
                message: error.to_string(),
            },
            Wings::LacksCapability { capability, .. } => Self::NodeLacksCapability {
                capability: capability.to_string(),
            },
        }
    }
}

impl From<panel_secrets::PasswordError> for Error {
    fn from(error: panel_secrets::PasswordError) -> Self {
        match error {
            panel_secrets::PasswordError::Busy => Self::Unavailable {
                retry_after: Duration::from_secs(1),
            },
            other => Self::internal(other),
        }
    }
}
