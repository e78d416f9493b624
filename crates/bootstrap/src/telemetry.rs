//! Logs: JSON lines for machines, plain text for people when debugging, and files when a folder is given.

mod lines;
mod requests;

use std::io;
use std::sync::Arc;

use tracing_appender::rolling;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{Config, Process};
use lines::{Lines, Writer};
use requests::Form;
pub use requests::{Request, RequestLog};

/// Days of log files that are kept.
const KEPT_FILES: usize = 30;

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder for log files cannot be written.
    #[error("APP_LOG_DIRECTORY: cannot write log files there: {0}")]
    Directory(#[from] rolling::InitError),
    /// The machine has no thread for writing them.
    #[error("logs cannot be written: {0}")]
    Thread(#[from] io::Error),
    /// Something else in this process receives the logs already.
    #[error("logs are set up already: {0}")]
    Twice(#[from] TryInitError),
}

/// Keeps the writers of logs alive; dropping it writes what still waits.
#[derive(Debug)]
#[must_use = "log lines are lost when this is dropped early"]
pub struct LogGuard {
    _writers: Vec<Writer>,
    requests: Arc<RequestLog>,
}

impl LogGuard {
    /// The log of requests.
    #[must_use]
    pub fn requests(&self) -> Arc<RequestLog> {
        Arc::clone(&self.requests)
    }
}

/// Sends the logs of this process to standard output and, if configured, to a file per day.
///
/// # Errors
///
/// The folder cannot be written, or logs were set up before.
pub fn init(config: &Config) -> Result<LogGuard, Error> {
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    let (output, writer) = Lines::start(io::stdout())?;
    let mut writers = vec![writer];
    let mut outs = Vec::new();
    if config.log.debug {
        layers.push(fmt::layer().with_writer(output.clone()).boxed());
        outs.push((output, Form::Plain));
    } else {
        layers.push(json_layer().with_writer(output.clone()).boxed());
        outs.push((output, Form::Json));
    }
    if let Some(directory) = &config.log.directory {
        let files = rolling::Builder::new()
            .rotation(rolling::Rotation::DAILY)
            .filename_prefix(match config.process {
                Process::Server => "panel-server",
                Process::Worker => "panel-worker",
            })
            .filename_suffix("log")
            .max_log_files(KEPT_FILES)
            .build(directory)?;
        let (file, writer) = Lines::start(files)?;
        writers.push(writer);
        layers.push(json_layer().with_writer(file.clone()).boxed());
        outs.push((file, Form::Json));
    }
    let level = if config.log.debug {
        "info,panel=debug,panel_service=debug,panel_http_api=debug,panel_storage=debug,panel_cache=debug,\
         panel_jobs=debug,panel_job_handlers=debug,wings_client=debug"
    } else {
        // A connection that a client drops is no news.
        "info,actix_http=warn,actix_server=warn"
    };
    tracing_subscriber::registry()
        .with(layers.with_filter(EnvFilter::new(level)))
        .try_init()?;
    Ok(LogGuard {
        _writers: writers,
        requests: Arc::new(RequestLog::new(outs)),
    })
}

/// Shows the warnings of this process on standard error: for commands, whose output is their answer.
///
/// # Errors
///
/// Logs were set up before.
pub fn warnings() -> Result<(), Error> {
    let layer = fmt::layer().with_writer(io::stderr).without_time();
    tracing_subscriber::registry()
        .with(layer.with_filter(EnvFilter::new("warn")))
        .try_init()?;
    Ok(())
}

fn json_layer<S>() -> fmt::Layer<
    S,
    fmt::format::JsonFields,
    fmt::format::Format<fmt::format::Json, fmt::time::SystemTime>,
> {
    // Fields of the request's span (its id, its route) are in each of its lines.
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
}
