//! Why something is not fetched.

use std::error::Error as StdError;
use std::time::Duration;

use crate::resolve::Refused;

/// Why something was not fetched. The texts are for the person who gave the address, and say nothing of the
/// networks behind the panel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up here")]
    Setup(#[source] reqwest::Error),
    /// Neither `http` nor `https`.
    #[error("only http and https addresses can be fetched, not {0}")]
    Scheme(String),
    /// The address names nobody.
    #[error("the address has no host")]
    NoHost,
    /// The address carries a user or a password.
    #[error("the address must not contain a user name or a password")]
    Credentials,
    /// Every address that the host stands for is in a blocked network.
    #[error("the host is in a network that the panel does not fetch from")]
    Blocked,
    /// The name stands for no address.
    #[error("the host is not known")]
    UnknownHost,
    /// Nobody answered, or the answer broke off.
    #[error("the host does not answer")]
    Unreachable(#[source] reqwest::Error),
    /// The answer is no success.
    #[error("the host answered with status {0}")]
    Status(u16),
    /// A redirect without a usable target.
    #[error("the host redirects to nowhere")]
    BadRedirect,
    /// A redirect from `https` to `http`.
    #[error("the host redirects from https to http")]
    Downgrade,
    /// Redirects beyond the limit.
    #[error("the host redirects more than {limit} times")]
    TooManyRedirects {
        /// Redirects allowed.
        limit: usize,
    },
    /// The body is larger than allowed.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// It took longer than allowed.
    #[error("the answer took longer than {} s", limit.as_secs())]
    TooSlow {
        /// Time allowed.
        limit: Duration,
    },
}

impl From<reqwest::Error> for Error {
    /// The look-up's own refusal is found among the sources of the client's error.
    fn from(error: reqwest::Error) -> Self {
        let mut source: Option<&(dyn StdError + 'static)> = error.source();
        while let Some(inner) = source {
            if let Some(refused) = inner.downcast_ref::<Refused>() {
                return match refused {
                    Refused::Blocked => Self::Blocked,
                    Refused::Unknown => Self::UnknownHost,
                };
            }
            source = inner.source();
        }
        // Addresses of private files carry their key; errors are logged.
        Self::Unreachable(error.without_url())
    }
}
