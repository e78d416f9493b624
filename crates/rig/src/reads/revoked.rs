//! Whether a share that was ended is honoured by some process a second later.

use std::time::Duration;

use tokio::time::Instant;

use crate::Outcome;
use crate::topology::Topology;

use super::actors::Pair;
use super::tally::Tally;

/// How long after the answer to its end a share may still be honoured.
const BOUND: Duration = Duration::from_secs(1);

/// Asks every process, past the balancer, as soon as it has to know, and counts those that still let the guest in.
pub(super) async fn check(
    topology: &Topology,
    pair: &Pair,
    ended: Instant,
    tally: &Tally,
) -> Outcome {
    let path = format!("/api/client/servers/{}", pair.server);
    let servers: Vec<String> = topology.servers().map(|(_, _, url)| url).collect();
    tokio::time::sleep_until(ended + BOUND).await;
    for server in servers {
        let answer = pair.guest.actor.read(&server, &path).await?;
        tally.revoked_read(&answer);
    }
    Ok(())
}
