//! panel-job-handlers
