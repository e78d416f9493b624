//! panel-test-db
