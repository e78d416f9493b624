//! Models of the protocol in `consistency`, explored exhaustively: what it promises holds in every state that can be reached,
//! and each of its rules is needed.

mod caches;
mod revocations;
