//! panel-jobs
