//! panel-bootstrap
