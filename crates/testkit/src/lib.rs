//! A whole panel for tests: the real use cases and routes on a database of the test's own, asked over HTTP.
//!
//! ```no_run
//! # async fn test() {
//! use panel_testkit::TestApp;
//!
//! let app = TestApp::start().await;
//! let admin = app.admin().await;
//! let users = admin.get("/api/admin/users").await.ok();
//! assert_eq!(users["users"]["total"], 1);
//! # }
//! ```
//!
//! * [`TestApp`] is one process of the panel; [`TestApp::peer`] is another one of the same installation.
//! * [`Client`] is a browser, a program with an API key, or a daemon. Everything it is answered is kept ([`Exchange`]).
//! * [`Authenticator`] shows codes.
//! * [`factory`] puts things into the database that a test is not about.
//! * [`Worker`] runs jobs on threads of its own until it is killed.
//! * [`S3Server`] is a real S3-compatible server with a bucket.
//! * [`Sim`] is a simulated daemon that has booted against the panel.
//!
//! Time stands still but for a microsecond with each reading ([`TestApp::clock`]), and no job runs by itself ([`TestApp::run_jobs`]), unless the
//! [`Builder`] was told otherwise. Everything panics with the reason when something is not as it must be.

mod answer;
mod app;
mod authenticator;
mod client;
mod eventually;
pub mod factory;
mod files;
mod must;
mod s3;
mod sim;
mod traffic;
mod worker;

pub use answer::Answer;
pub use app::{Builder, ENCRYPTION_KEY, TestApp};
pub use authenticator::Authenticator;
pub use client::{Client, Principal, Request};
pub use eventually::eventually;
pub use factory::PASSWORD;
pub use files::FileServer;
pub use reqwest::Method;
pub use s3::S3Server;
pub use sim::Sim;
pub use traffic::Exchange;
pub use worker::Worker;
