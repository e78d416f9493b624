//! panel-server

fn main() {}
