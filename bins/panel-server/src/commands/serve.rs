//! `panel-server serve`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use panel_bootstrap::config::{Bind, Config, ConfigArgs, Process};
use panel_bootstrap::metrics::Metrics;
use panel_bootstrap::shutdown::StopSignals;
use panel_bootstrap::telemetry::{Request, RequestLog};
use panel_bootstrap::{operator, telemetry, wire};
use panel_http_api::health::{self, Vitals};
use panel_http_api::serve::{Listen, ServeOptions, serve};
use panel_http_api::state::{AccessLog, AppState, HttpOptions};

use crate::output::Outcome;

/// Answers requests until SIGTERM or SIGINT, then drains.
pub(crate) fn run(args: &ConfigArgs) -> Outcome {
    let config = Config::load(Process::Server, args)?;
    let logs = telemetry::init(&config)?;
    actix_web::rt::System::new().block_on(run_server(config, logs.requests()))
}

async fn run_server(config: Config, requests: Arc<RequestLog>) -> Outcome {
    let metrics = Metrics::install()?;
    let upkeep = actix_web::rt::spawn(metrics.clone().upkeep());
    // Taken over before anything else, so that an early signal ends the start in order as well.
    let signals = Rc::new(RefCell::new(StopSignals::install()?));
    let app = wire::app(&config)?;
    if config.database.migrate {
        operator::migrate(&config).await?;
    }
    let background = app.background().await;
    operator::announce_setup(&app, &config.http.url).await;
    let state = AppState::new(app, http_options(&config)).with_access_log(access_log(requests));
    let drain = state.drain().clone();
    let vitals = Vitals {
        ready: Arc::new(move || drain.wants_requests()),
        metrics: Arc::new(move || metrics.render()),
    };
    let ops = health::serve(config.ops, vitals.clone()).map_err(|e| {
        format!(
            "APP_OPS_BIND and APP_OPS_PORT: cannot listen on {}: {e}",
            config.ops
        )
    })?;
    let ops_handle = ops.handle();
    let ops = actix_web::rt::spawn(ops);
    let options = ServeOptions {
        listen: match &config.http.bind {
            Bind::Tcp(address) => Listen::Tcp(*address),
            Bind::Unix(path) => Listen::Unix(path.clone()),
        },
        drain: config.http.drain,
    };
    let frontend = config.http.frontend;
    let pages = move |pages: &mut actix_web::web::ServiceConfig| {
        if frontend {
            panel_web_ui::routes(pages);
        }
    };
    let stop = || {
        let signals = Rc::clone(&signals);
        async move {
            let signal = next_signal(&signals).await;
            tracing::info!(signal, "Told to stop");
        }
    };
    serve(state, vitals, options, pages, stop)
        .await
        .map_err(|e| format!("BIND and PORT: cannot serve on {}: {e}", config.http.bind))?;
    background.stop().await;
    ops_handle.stop(true).await;
    ops.await??;
    upkeep.abort();
    tracing::info!("Stopped");
    Ok(())
}

#[expect(
    clippy::await_holding_refcell_ref,
    reason = "the server waits for one stop at a time, so nobody else borrows the signals meanwhile"
)]
async fn next_signal(signals: &RefCell<StopSignals>) -> &'static str {
    signals.borrow_mut().next().await
}

fn access_log(requests: Arc<RequestLog>) -> AccessLog {
    Arc::new(move |answered| {
        requests.note(&Request {
            id: answered.id,
            method: answered.method,
            route: answered.route,
            status: answered.status,
            began: answered.began,
            took: answered.took,
        });
    })
}

fn http_options(config: &Config) -> HttpOptions {
    let name = config.http.server_name.as_deref();
    HttpOptions {
        url: config.http.url.clone(),
        trusted_proxies: config.http.trusted_proxies.clone(),
        server_name: name.and_then(|name| HeaderValue::from_str(name).ok()),
    }
}
