//! panel-testkit
