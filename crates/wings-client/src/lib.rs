//! wings-client
