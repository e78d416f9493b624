//! Password hashing: Argon2id in a pool whose memory is bounded.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::random::random_bytes;

/// The memory a stored hash may ask for at most, in KiB. A hash brought in from elsewhere that wants more is refused,
/// because the pool could not bound it.
const MAX_MEMORY_KIB: u32 = 64 * 1024;

/// How many passwords are worked on at a time. Each takes 7 MiB and one processor while it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashingLimits {
    /// Hashes computed at the same time.
    pub concurrent: usize,
    /// Requests that may wait for their turn; one more is answered [`PasswordError::Busy`].
    pub waiting: usize,
}

impl Default for HashingLimits {
    /// Two at a time and 64 waiting: 14 MiB, and at most a few seconds of waiting.
    fn default() -> Self {
        Self {
            concurrent: 2,
            waiting: 64,
        }
    }
}

/// Why a password could not be hashed or checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many others wait already; try again later.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The stored hash is not one that this crate verifies.
    #[error("the stored password hash is not supported: {0}")]
    UnsupportedHash(String),
    /// Argon2 refused its input, for instance a password of more than 4 GiB.
    #[error("hashing failed: {0}")]
    Failed(String),
    /// The runtime is shutting down.
    #[error("hashing was stopped")]
    Stopped,
}

/// Hashes and verifies passwords with Argon2id, off the async threads and a bounded number at a time. Cloning is cheap and
/// shares the bounds.
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    admission: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

struct Turn {
    _admission: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl PasswordHasher {
    /// A hasher with parameters that OWASP recommends for Argon2id: of those that it holds for equally strong the ones that take the least
    /// memory (7 MiB, five passes, one lane; Password Storage Cheat Sheet).
    #[must_use]
    pub fn new(limits: HashingLimits) -> Self {
        let Ok(params) = Params::new(7 * 1024, 5, 1, None) else {
            unreachable!("the parameters are valid");
        };
        Self::with_params(params, limits)
    }

    /// A hasher whose hashes take next to no time and protect nothing, for tests that create many users.
    #[must_use]
    pub fn weak_for_tests() -> Self {
        let Ok(params) = Params::new(Params::MIN_M_COST, 1, 1, None) else {
            unreachable!("the smallest parameters are valid");
        };
        Self::with_params(params, HashingLimits::default())
    }

    fn with_params(params: Params, limits: HashingLimits) -> Self {
        let concurrent = limits.concurrent.max(1);
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            admission: Arc::new(Semaphore::new(concurrent + limits.waiting)),
            turns: Arc::new(Semaphore::new(concurrent)),
        }
    }

    /// Hashes `password` with a fresh salt; the answer is a PHC string (`$argon2id$...`) to store.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let salt: [u8; 16] = random_bytes();
        self.run(password, move |argon2, password| {
            let salt = SaltString::encode_b64(&salt).map_err(failed)?;
            let hash = argon2.hash_password(password, &salt).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one that `hash` was made of.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait, [`PasswordError::UnsupportedHash`] when `hash` is no Argon2 PHC string
    /// or asks for more memory than 64 MiB.
    pub async fn verify(&self, password: &str, hash: &str) -> Result<bool, PasswordError> {
        let hash = hash.to_owned();
        check_supported(&hash)?;
        self.run(password, move |argon2, password| {
            let parsed = PasswordHash::new(&hash).map_err(unsupported)?;
            match argon2.verify_password(password, &parsed) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::Password) => Ok(false),
                Err(error) => Err(failed(error)),
            }
        })
        .await
    }

    /// Takes as long as [`verify`](Self::verify) and finds nothing: for a sign-in of an unknown user, so that the time of
    /// the answer does not tell whether the user exists.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait.
    pub async fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
        self.run(password, |argon2, password| {
            let mut out = Zeroizing::new([0; 32]);
            argon2
                .hash_password_into(password, b"a salt for nobody", out.as_mut_slice())
                .map_err(failed)
        })
        .await
    }

    /// Whether `hash` was made with other parameters than today's, so that the password should be hashed again the next
    /// time it is known.
    #[must_use]
    pub fn needs_rehash(&self, hash: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(hash) else {
            return true;
        };
        let ours = self.argon2.params();
        let same = Params::try_from(&parsed).is_ok_and(|params| {
            params.m_cost() == ours.m_cost()
                && params.t_cost() == ours.t_cost()
                && params.p_cost() == ours.p_cost()
        });
        parsed.algorithm != Algorithm::Argon2id.ident()
            || parsed.version != Some(Version::V0x13.into())
            || !same
    }

    async fn run<T, F>(&self, password: &str, work: F) -> Result<T, PasswordError>
    where
        T: Send + 'static,
        F: FnOnce(&Argon2<'static>, &[u8]) -> Result<T, PasswordError> + Send + 'static,
    {
        let turn = self.turn().await?;
        let argon2 = self.argon2.clone();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        tokio::task::spawn_blocking(move || {
            let answer = work(&argon2, &password);
            // Held by the work and not by the caller: a caller that goes away does not free memory that is still in use.
            drop(turn);
            answer
        })
        .await
        .map_err(|_| PasswordError::Stopped)?
    }

    async fn turn(&self) -> Result<Turn, PasswordError> {
        let admission = Arc::clone(&self.admission)
            .try_acquire_owned()
            .map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Stopped)?;
        Ok(Turn {
            _admission: admission,
            _turn: turn,
        })
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher")
            .field("free_turns", &self.turns.available_permits())
            .finish_non_exhaustive()
    }
}

fn check_supported(hash: &str) -> Result<(), PasswordError> {
    let parsed = PasswordHash::new(hash).map_err(unsupported)?;
    Algorithm::try_from(parsed.algorithm).map_err(unsupported)?;
    let params = Params::try_from(&parsed).map_err(unsupported)?;
    if params.m_cost() > MAX_MEMORY_KIB {
        return Err(PasswordError::UnsupportedHash(format!(
            "it asks for {} KiB of memory, {MAX_MEMORY_KIB} are allowed",
            params.m_cost()
        )));
    }
    Ok(())
}

fn unsupported(error: impl fmt::Display) -> PasswordError {
    PasswordError::UnsupportedHash(error.to_string())
}

fn failed(error: impl fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hasher = PasswordHasher::weak_for_tests();
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"));
        assert_eq!(hasher.verify("correct horse", &hash).await, Ok(true));
        assert_eq!(hasher.verify("wrong horse", &hash).await, Ok(false));
        assert_ne!(hasher.hash("correct horse").await.unwrap(), hash);
        assert_eq!(hasher.verify_dummy("whoever").await, Ok(()));
    }

    #[tokio::test]
    async fn the_recommended_parameters_are_used() {
        let hasher = PasswordHasher::new(HashingLimits::default());
        let hash = hasher.hash("a password").await.unwrap();
        assert!(hash.contains("$m=7168,t=5,p=1$"), "{hash}");
        assert!(!hasher.needs_rehash(&hash));
    }

    #[tokio::test]
    async fn other_parameters_ask_for_a_new_hash() {
        let weak = PasswordHasher::weak_for_tests();
        let hash = weak.hash("a password").await.unwrap();
        let hasher = PasswordHasher::new(HashingLimits::default());
        assert!(hasher.needs_rehash(&hash));
        assert!(!weak.needs_rehash(&hash));
        assert!(weak.needs_rehash(&hash.replace("argon2id", "argon2i")));
        assert!(hasher.needs_rehash("nonsense"));
        assert_eq!(hasher.verify("a password", &hash).await, Ok(true));
    }

    #[tokio::test]
    async fn hashes_that_are_not_ours_to_verify_are_refused() {
        let hasher = PasswordHasher::weak_for_tests();
        let hash = hasher.hash("a password").await.unwrap();
        let greedy = hash.replace("m=8,", "m=1048576,");
        assert_ne!(greedy, hash);
        for other in [
            greedy.as_str(),
            "",
            "$2y$10$abcdefghijklmnopqrstuv0123456789012345678901234567890",
        ] {
            assert!(matches!(
                hasher.verify("a password", other).await,
                Err(PasswordError::UnsupportedHash(_))
            ));
        }
    }

    #[tokio::test]
    async fn beyond_the_queue_the_answer_is_busy() {
        let limits = HashingLimits {
            concurrent: 1,
            waiting: 1,
        };
        let mut hasher = PasswordHasher::weak_for_tests();
        hasher.admission = Arc::new(Semaphore::new(limits.concurrent + limits.waiting));
        hasher.turns = Arc::new(Semaphore::new(limits.concurrent));

        let running = hasher.turn().await.unwrap();
        let mut waiting = std::pin::pin!(hasher.hash("second"));
        assert!(poll_once(waiting.as_mut()).await.is_none());
        assert_eq!(hasher.hash("third").await, Err(PasswordError::Busy));

        drop(running);
        assert!(waiting.await.is_ok());
        assert!(hasher.hash("third").await.is_ok());
    }

    async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
