//! Ending a test with a reason.

use std::fmt::Debug;

/// Takes the value of what must not fail in a test.
pub(crate) trait Must<T> {
    /// The value.
    ///
    /// # Panics
    /// When there is none; the message begins with `what`.
    fn must(self, what: &str) -> T;
}

impl<T, E: Debug> Must<T> for Result<T, E> {
    #[track_caller]
    fn must(self, what: &str) -> T {
        match self {
            Ok(value) => value,
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
}

impl<T> Must<T> for Option<T> {
    #[track_caller]
    fn must(self, what: &str) -> T {
        match self {
            Some(value) => value,
            None => panic!("{what}: there is none"),
        }
    }
}
