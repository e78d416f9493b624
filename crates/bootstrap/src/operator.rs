//! What an operator does from the command line.

use panel_domain::id::{NodeId, UserId};
use panel_secrets::Secret;
use panel_service::{App, nodes, two_factor, users};
use panel_storage::{Freshness, lease, migrate as migrations, setup};
use scoped_futures::ScopedFutureExt as _;
use url::Url;

use crate::config::Config;
use crate::{leader, wire};

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

/// How the queue stands and which worker leads, in two lines for people.
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
    let leader = match lease::holder(&mut conn, leader::OFFICE)
        .await
        .map_err(Error::Database)?
    {
        Some(holder) => format!(
            "{} (priority {}, fence {}, lease ends in {:.0} s unless prolonged)",
            holder.owner, holder.priority, holder.fence, holder.seconds_left
        ),
        None => "nobody".to_owned(),
    };
    Ok(format!(
        "jobs: {} due, {} running, {} for later, {} given up\nleader: {leader}",
        depth.due, depth.running, depth.later, depth.given_up
    ))
}

/// An account to be made from the command line.
#[derive(Debug)]
pub struct NewUser {
    /// What they sign in with.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub name_first: String,
    /// Last name.
    pub name_last: String,
    /// Whether they may do everything.
    pub admin: bool,
    /// Without one they cannot sign in with a password yet.
    pub password: Option<Secret<String>>,
}

/// Makes an account; gives its id.
///
/// # Errors
///
/// Something about it is not acceptable or taken, or the primary is away.
pub async fn create_user(config: &Config, user: NewUser) -> Result<UserId, Error> {
    let input = users::NewUser {
        external_id: None,
        role: None,
        username: user.username,
        email: user.email,
        name_first: user.name_first,
        name_last: user.name_last,
        password: user.password,
        admin: user.admin,
        frozen: false,
        suspended: false,
        language: "en".to_owned(),
    };
    let app = wire::app(config)?;
    let is_admin = input.admin;
    let created = users::create(&app.system(), input).await?;
    if is_admin {
        // With an administrator there is nothing left for the setup token to give.
        let now = app.now();
        app.db()
            .write(|tx| async move { setup::claim_account(tx, now).await }.scope_boxed())
            .await
            .map_err(Error::Database)?;
    }
    Ok(created.user.id)
}

/// Gives the user who signs in as `login` another password, and ends their sessions.
///
/// # Errors
///
/// There is no such user, the password is not acceptable, or the primary is away.
pub async fn set_password(
    config: &Config,
    login: &str,
    password: Secret<String>,
) -> Result<(), Error> {
    let cx = wire::app(config)?.system();
    let user = users::find_by_login(&cx, login).await?.user;
    let changes = users::UpdateUser {
        password: Some(Some(password)),
        ..users::UpdateUser::default()
    };
    Ok(users::update(&cx, user.id, changes).await?)
}

/// Turns the second factor off of the user who signs in as `login`, for somebody who has lost it.
///
/// # Errors
///
/// There is no such user, it is off, or the primary is away.
pub async fn disable_two_factor(config: &Config, login: &str) -> Result<(), Error> {
    let cx = wire::app(config)?.system();
    let user = users::find_by_login(&cx, login).await?.user;
    Ok(two_factor::disable_for(&cx, user.id).await?)
}

/// The configuration file of a node's daemon, with its token.
///
/// # Errors
///
/// There is no such node, or the primary is away.
pub async fn node_configuration(config: &Config, node: &str) -> Result<String, Error> {
    let node: NodeId = node.parse()?;
    Ok(nodes::configuration(&wire::app(config)?.system(), node).await?)
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
