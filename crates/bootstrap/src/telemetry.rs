//! Logs: JSON lines for machines, plain text for people when debugging, and files when a folder is given.

use std::io;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{Config, Process};

/// Days of log files that are kept.
const KEPT_FILES: usize = 30;

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder for log files cannot be written.
    #[error("APP_LOG_DIRECTORY: cannot write log files there: {0}")]
    Directory(#[from] rolling::InitError),
    /// Something else in this process receives the logs already.
    #[error("logs are set up already: {0}")]
    Twice(#[from] TryInitError),
}

/// Keeps the log file's writer alive; dropping it writes what is still buffered.
#[derive(Debug)]
#[must_use = "log lines are lost when this is dropped early"]
pub struct LogGuard {
    _file: Option<WorkerGuard>,
}

/// Sends the logs of this process to standard output and, if configured, to a file per day.
///
/// # Errors
///
/// The folder cannot be written, or logs were set up before.
pub fn init(config: &Config) -> Result<LogGuard, Error> {
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if config.log.debug {
        layers.push(fmt::layer().with_writer(io::stdout).boxed());
    } else {
        layers.push(json_layer().with_writer(io::stdout).boxed());
    }
    let mut guard = None;
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
        let (writer, file) = tracing_appender::non_blocking(files);
        guard = Some(file);
        layers.push(json_layer().with_writer(writer).boxed());
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
    Ok(LogGuard { _file: guard })
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
