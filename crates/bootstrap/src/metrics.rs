//! Metrics in the text format of Prometheus.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper ends of the buckets of every `*_seconds` histogram: from a cached answer to a hung dependency.
const SECONDS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Gives the current values of all metrics of this process.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts to collect the metrics of this process. Call it once.
    ///
    /// # Errors
    ///
    /// Metrics are collected already.
    pub fn install() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
            .install_recorder()?;
        Ok(Self(handle))
    }

    /// All metrics in the text format that Prometheus reads.
    #[must_use]
    pub fn render(&self) -> String {
        // Folds finished histogram samples away; without it they are kept until the next scrape after this one.
        self.0.run_upkeep();
        self.0.render()
    }
}
