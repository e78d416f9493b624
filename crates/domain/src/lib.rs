//! panel-domain
