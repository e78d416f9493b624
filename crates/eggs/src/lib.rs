//! panel-eggs
