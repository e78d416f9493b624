//! The HTTP API: routes, what they take out of requests, what every request passes, and the OpenAPI document.
//!
//! Nothing here decides anything. A handler reads the request, calls one use case of `panel_service` and turns its
//! answer into a DTO of `panel_api_types`; errors become statuses and codes in [`error`] alone.
//! `docs/ADDING-AN-ENDPOINT.md` shows the way.

// The futures of use cases lie in those of handlers and middleware, deeper than the compiler looks by default.
#![recursion_limit = "256"]

mod admin;
mod auth;
mod client;
mod cookies;
pub mod drain;
pub mod error;
mod extract;
pub mod health;
mod kept;
mod middleware;
mod no_route;
pub mod openapi;
mod present;
mod reference_page;
mod relay;
mod remote;
mod routes;
pub mod serve;
mod settings;
mod setup;
pub mod state;
