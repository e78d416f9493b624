//! panel-service
