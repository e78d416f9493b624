//! What can go wrong with a store.

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// TLS cannot be set up on this machine.
    #[error("the client for stores cannot be made: {0}")]
    Setup(#[source] reqwest::Error),
    /// The place is none: a wrong address or name.
    #[error("the store's address cannot be used: {0}")]
    Place(String),
    /// It cannot be reached, or did not answer in time. The address is left out, since its signature is a key.
    #[error("the store cannot be reached: {0}")]
    Unreachable(#[source] reqwest::Error),
    /// It answered that it will not.
    #[error("the store refused ({status}): {detail}")]
    Refused {
        /// HTTP status of the answer.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// It answered that it does it, and in the same answer that it could not.
    #[error("the store could not end what it had begun: {detail}")]
    Unfinished {
        /// Its name of the reason.
        code: String,
        /// What it said.
        detail: String,
    },
    /// Its answer cannot be read.
    #[error("the store's answer cannot be read: {0}")]
    Answer(String),
}

/// Reasons that a store gives which have nothing to do with what it was asked.
const PASSING: [&str; 5] = [
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
];

impl Error {
    /// Whether the same may succeed later, without anybody changing something.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Answer(_) => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429 || *status == 408,
            Self::Unfinished { code, .. } => PASSING.contains(&code.as_str()),
            Self::Setup(_) | Self::Place(_) => false,
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}
