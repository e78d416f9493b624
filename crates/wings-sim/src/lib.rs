//! wings-sim
