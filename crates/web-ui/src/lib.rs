//! Serves the web UI: the build of `app/`, embedded in the program.
//!
//! A release build carries the files inside; a debug build reads them from `app/dist` at each request, so that a new
//! build of the pages needs no new build of the server. Without any build every page says how to make one.

mod assets;
mod headers;
mod pages;

pub use pages::routes;
