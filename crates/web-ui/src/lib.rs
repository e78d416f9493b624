//! panel-web-ui
