//! panel-http-api
