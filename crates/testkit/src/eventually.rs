//! Waiting for what happens by itself.

use std::time::Duration;

use tokio::time::Instant;

/// How long something may take that is expected within moments; long enough for a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_secs(20);

/// Waits until `condition` holds.
///
/// # Panics
/// When it does not in time; the message has `what` was waited for.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let gives_up = Instant::now() + DEADLINE;
    while !condition().await {
        assert!(Instant::now() < gives_up, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
