//! The only source of unpredictable values in the product.

use rand::distr::{Alphanumeric, SampleString};
use rand::{CryptoRng, RngCore};

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place where secrets come from"
)]
fn generator() -> impl CryptoRng {
    rand::rng()
}

/// `N` bytes from a cryptographically secure generator seeded by the operating system.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    generator().fill_bytes(&mut bytes);
    bytes
}

/// `len` characters drawn evenly from `A-Z a-z 0-9` (5.95 bits each).
#[must_use]
pub fn random_alphanumeric(len: usize) -> String {
    Alphanumeric.sample_string(&mut generator(), len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphanumerics_have_the_asked_length_and_alphabet() {
        for len in [0, 1, 16, 64] {
            let text = random_alphanumeric(len);
            assert_eq!(text.len(), len);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
        assert_ne!(random_alphanumeric(43), random_alphanumeric(43));
    }
}
