//! Real eggs, and the eggs this product ships.

mod corpus;
mod paper;
mod starter;
