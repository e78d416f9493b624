//! What many processes, two cache tiers and lagging replicas agree by. `docs/ARCHITECTURE.md` has the protocol; each
//! module here is one of its parts.

pub mod position;

pub use position::Position;

pub mod revocations;
pub use revocations::{Revocation, RevocationKind};
