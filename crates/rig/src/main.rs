//! panel-rig

fn main() {}
