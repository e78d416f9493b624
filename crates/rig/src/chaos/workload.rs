//! What people and programs do meanwhile. Every actor remembers what it was promised and looks whether it is so.

mod bystanders;
mod games;
mod locations;
mod names;
mod revocations;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::Outcome;

use super::Run;

pub(crate) use games::Game;
pub(crate) use locations::Place;
pub(crate) use names::{Name, Target};

/// What an actor was promised, to be compared with the database at the end.
#[derive(Debug, Default)]
pub(crate) struct Promises {
    pub(crate) names: Vec<Name>,
    pub(crate) places: Vec<Place>,
    pub(crate) games: Vec<Game>,
    /// Ids of API keys whose deletion was acknowledged.
    pub(crate) revoked_keys: Vec<String>,
}

/// Starts all actors. They end by themselves when the run is over.
pub(crate) async fn start(run: &Arc<Run>) -> Outcome<JoinSet<Promises>> {
    let mut actors = JoinSet::new();
    names::start(run, &mut actors).await?;
    locations::start(run, &mut actors).await?;
    games::start(run, &mut actors).await?;
    revocations::start(run, &mut actors).await?;
    bystanders::start(run, &mut actors)?;
    Ok(actors)
}

impl Promises {
    pub(crate) fn add(&mut self, more: Self) {
        self.names.extend(more.names);
        self.places.extend(more.places);
        self.games.extend(more.games);
        self.revoked_keys.extend(more.revoked_keys);
    }
}
