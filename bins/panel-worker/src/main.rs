//! panel-worker

fn main() {}
