//! panel-cache
