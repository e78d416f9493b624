//! panel-storage
