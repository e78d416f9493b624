//! panel-secrets
