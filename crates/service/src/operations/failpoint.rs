//! Places at which a test may stop a worker for good. Release builds have none.

/// The place at which this process stops, if any.
#[derive(Debug, Clone, Default)]
pub struct Failpoints {
    #[cfg(debug_assertions)]
    stop_at: Option<String>,
}

impl Failpoints {
    /// Stops at `place`, such as `install.called`. A release build ignores it.
    #[must_use]
    pub fn stop_at(place: Option<String>) -> Self {
        #[cfg(debug_assertions)]
        return Self { stop_at: place };
        #[cfg(not(debug_assertions))]
        {
            drop(place);
            Self {}
        }
    }

    /// Says in the log that `place` was reached and never returns, if this is where the process is to stop: whoever asked for
    /// that kills it now.
    #[cfg_attr(
        not(debug_assertions),
        expect(
            unused_variables,
            clippy::unused_async,
            reason = "release builds have no failpoints"
        )
    )]
    pub(crate) async fn reach(&self, place: &str) {
        #[cfg(debug_assertions)]
        if self.stop_at.as_deref() == Some(place) {
            tracing::warn!(failpoint = place, "Stopped at a failpoint");
            std::future::pending::<()>().await;
        }
    }
}
