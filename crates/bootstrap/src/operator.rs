//! What an operator does from the command line.

use panel_service::App;
use panel_storage::{Freshness, migrate as migrations};
use url::Url;

use crate::config::Config;
use crate::wire;

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A part of the panel refuses its configuration.
    #[error(transparent)]
    Wire(#[from] wire::Error),
    /// The database does not do it.
    #[error("the database does not do it")]
    Database(#[source] panel_storage::Error),
    /// The use case says no.
    #[error(transparent)]
    Service(#[from] panel_service::Error),
    /// The text names no object.
    #[error(transparent)]
    NotAnId(#[from] panel_domain::id::ParseIdError),
}

/// Applies the migrations that are not applied yet; gives their names.
///
/// # Errors
///
/// The primary is away, or a migration fails.
pub async fn migrate(config: &Config) -> Result<Vec<String>, Error> {
    migrations::up(&wire::database(config)?)
        .await
        .map_err(Error::Database)
}

/// Takes back the latest `steps` migrations; gives their names.
///
/// # Errors
///
/// The primary is away, or a migration fails.
pub async fn revert_migrations(config: &Config, steps: usize) -> Result<Vec<String>, Error> {
    migrations::down(&wire::database(config)?, steps)
        .await
        .map_err(Error::Database)
}

/// The names of the migrations that are not applied yet.
///
/// # Errors
///
/// The primary is away.
pub async fn pending_migrations(config: &Config) -> Result<Vec<String>, Error> {
    migrations::pending(&wire::database(config)?)
        .await
        .map_err(Error::Database)
}

/// How the queue stands, in a line for people.
///
/// # Errors
///
/// No database answers.
pub async fn worker_status(config: &Config) -> Result<String, Error> {
    let app = wire::app(config)?;
    let mut conn = app
        .db()
        .read(Freshness::Primary)
        .await
        .map_err(Error::Database)?;
    let depth = panel_jobs::queue::depth(&mut conn, app.now())
        .await
        .map_err(Error::Database)?;
    Ok(format!(
        "jobs: {} due, {} running, {} for later, {} given up",
        depth.due, depth.running, depth.later, depth.given_up
    ))
}

/// Tells the log the token that the first account needs, while there is none.
pub async fn announce_setup(app: &App, url: &Url) {
    match panel_service::auth::setup::token(app).await {
        Ok(Some(token)) => {
            let token = token.expose();
            tracing::warn!(setup_token = token, %url, "There is no account yet: open {url}setup?token={token}");
        }
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(%error, "Whether there is an account yet cannot be asked; the setup token is printed at the next start");
        }
    }
}
