//! Readers who write nothing: whatever happens, they are answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::Outcome;
use crate::chaos::Run;
use crate::chaos::session::Session;
use crate::topology::Region;

use super::Promises;

const PAUSE: Duration = Duration::from_millis(50);
const PAGES: &[&str] = &[
    "/api/client/account",
    "/api/client/servers?page=1&per_page=10",
    "/api/settings",
    "/api/client/permissions",
];

/// One for each region, and one for all of them.
pub(super) fn start(run: &Arc<Run>, actors: &mut JoinSet<Promises>) -> Outcome {
    let Some(user) = run.topology.world().users.last() else {
        return Ok(());
    };
    let mut urls: Vec<String> = Region::ALL
        .iter()
        .map(|region| run.topology.region_url(*region))
        .collect();
    urls.push(run.topology.url());
    for url in urls {
        let client = run.topology.client()?.at(&url).with_key(&user.api_key);
        let session = Session::new(run, client, &user.uuid, "a bystander");
        actors.spawn(async move {
            for page in PAGES.iter().cycle() {
                if session.run.is_over() {
                    break;
                }
                session.read(page).await;
                tokio::time::sleep(PAUSE).await;
            }
            Promises::default()
        });
    }
    Ok(())
}
