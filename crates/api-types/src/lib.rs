//! panel-api-types
