//! `panel-worker run`.

use std::error::Error;
use std::sync::Arc;

use panel_bootstrap::config::Config;
use panel_bootstrap::leader::{self, Leadership};
use panel_bootstrap::metrics::Metrics;
use panel_bootstrap::shutdown::StopSignals;
use panel_bootstrap::{operator, telemetry, wire};
use panel_http_api::health::{self, Vitals};
use tokio::sync::watch;

/// Works whenever this worker leads, until SIGTERM or SIGINT; then ends what it has begun.
pub(crate) fn run(config: &Config) -> Result<(), Box<dyn Error + Send + Sync>> {
    let _logs = telemetry::init(config)?;
    // The queue runs on threads of its own; health answers also while all of them are busy.
    let runtime = tokio::runtime::Runtime::new()?;
    let _entered = runtime.enter();
    actix_web::rt::System::new().block_on(work(config, &runtime))
}

async fn work(
    config: &Config,
    runtime: &tokio::runtime::Runtime,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let metrics = Metrics::install()?;
    let mut signals = StopSignals::install()?;
    let app = wire::app(config)?;
    if config.database.migrate {
        operator::migrate(config).await?;
    }
    let ops = health::serve(
        config.ops,
        Vitals {
            // A worker that stands by is as ready as one that leads: it takes over.
            ready: Arc::new(|| true),
            metrics: Arc::new(move || metrics.render()),
        },
    )
    .map_err(|e| {
        format!(
            "APP_OPS_BIND and APP_OPS_PORT: cannot listen on {}: {e}",
            config.ops
        )
    })?;
    let ops_handle = ops.handle();
    let ops = actix_web::rt::spawn(ops);
    let background = app.background().await;
    let (stop, stopped) = watch::channel(false);
    let runner = panel_job_handlers::register(wire::runner(&app), &app).build();
    let candidate = leader::candidate(config.worker_priority);
    let id = candidate.owner;
    let leading = runtime.spawn(leader::lead(
        app.db().clone(),
        candidate,
        Leadership::default(),
        move |stop| {
            let runner = runner.clone();
            async move { runner.run(stop).await }
        },
        stopped,
    ));
    tracing::info!(
        worker = %id,
        priority = config.worker_priority,
        region = config.region,
        "Standing by for work"
    );
    let signal = signals.next().await;
    tracing::info!(signal, "Told to stop: ending the work that has begun");
    stop.send_replace(true);
    leading.await?;
    background.stop().await;
    ops_handle.stop(true).await;
    ops.await??;
    tracing::info!("Stopped");
    Ok(())
}
