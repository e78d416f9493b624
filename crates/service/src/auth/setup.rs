//! The first run: the first account, and how far the wizard is.

use panel_domain::activity::Event;
use panel_domain::id::UserId;
use panel_domain::permission::AdminPermission;
use panel_domain::user::{UserTexts, check_password};
use panel_domain::validate::Invalid;
use panel_secrets::{Purpose, Secret, constant_time_eq};
use panel_storage::{Part, Readable, eggs, locations, nodes, servers, setup, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::login::{SignedIn, new_session, start_session};
use crate::app::App;
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::limits::Bucket;

const TOKEN: Purpose = Purpose::new("setup-token");

/// What the wizard has to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Make the first account.
    Account,
    /// Make a location.
    Location,
    /// Add a node.
    Node,
    /// Give it addresses.
    Allocations,
    /// Install or import eggs.
    Eggs,
    /// Make a server.
    Server,
    /// Nothing.
    Finished,
}

impl Step {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Location => "location",
            Self::Node => "node",
            Self::Allocations => "allocations",
            Self::Eggs => "eggs",
            Self::Server => "server",
            Self::Finished => "finished",
        }
    }
}

/// Whether the wizard was neither finished nor left. It can be open with nothing left to do: then it says so and is left.
///
/// # Errors
/// Those of the database.
pub async fn is_open(cx: &Cx) -> Result<bool, Error> {
    Ok(setup::find(&mut cx.read_primary().await?)
        .await?
        .finished_at
        .is_none())
}

/// What the wizard has to do next: what is there already is not asked for again.
///
/// # Errors
/// Those of the database.
pub async fn step(cx: &Cx) -> Result<Step, Error> {
    let mut conn = cx.read_primary().await?;
    let row = setup::find(&mut conn).await?;
    if row.account_created_at.is_none() {
        return Ok(Step::Account);
    }
    if row.finished_at.is_some() {
        // Before, the next step depends on what there is, which an answer would have to note as well.
        cx.shows(Part::Setup);
        return Ok(Step::Finished);
    }
    next_step(&mut conn).await
}

async fn next_step(conn: &mut impl Readable) -> Result<Step, Error> {
    if locations::list(conn, None, 0, 1).await?.1 == 0 {
        return Ok(Step::Location);
    }
    if nodes::list(conn, &nodes::NodeFilter::default(), 0, 1)
        .await?
        .1
        == 0
    {
        return Ok(Step::Node);
    }
    if !panel_storage::allocations::any(conn).await? {
        return Ok(Step::Allocations);
    }
    if eggs::list(conn, &eggs::EggFilter::default(), 0, 1).await?.1 == 0 {
        return Ok(Step::Eggs);
    }
    let filter = servers::ServerFilter::default();
    if servers::list_details(conn, servers::Scope::All, &filter, 0, 1)
        .await?
        .1
        == 0
    {
        return Ok(Step::Server);
    }
    Ok(Step::Finished)
}

/// The one-time token that whoever makes the first account must show, or `None` when that has happened. Every process
/// derives the same one, so it does not matter which of several printed it.
///
/// # Errors
/// Those of the database.
pub async fn token(app: &App) -> Result<Option<Secret<String>>, Error> {
    let cx = app.system();
    let row = setup::find(&mut cx.read_primary().await?).await?;
    if row.account_created_at.is_some() {
        return Ok(None);
    }
    Ok(Some(derive_token(app, &row)))
}

fn derive_token(app: &App, row: &setup::Setup) -> Secret<String> {
    let signature = app.0.keys.sign(TOKEN, row.nonce.as_bytes());
    Secret::new(
        signature
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    )
}

/// The first account.
#[derive(Debug)]
pub struct FirstAccount {
    /// What the panel printed when it was started.
    pub setup_token: Secret<String>,
    /// Username.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Given name.
    pub name_first: String,
    /// Family name.
    pub name_last: String,
    /// Password.
    pub password: Secret<String>,
}

/// Makes the first account, an administrator, and signs it in. Of two at once, one succeeds.
///
/// # Errors
/// [`Error::Denied`] for a wrong token, [`Error::Conflict`] when it has happened already, [`Error::Invalid`].
pub async fn create_first_account(cx: &Cx, input: FirstAccount) -> Result<SignedIn, Error> {
    cx.limit_address(Bucket::Setup).await?;
    let row = setup::find(&mut cx.read_primary().await?).await?;
    if row.account_created_at.is_some() {
        return Err(done_already());
    }
    let expected = derive_token(cx.app(), &row);
    if !constant_time_eq(
        input.setup_token.expose().trim().as_bytes(),
        expected.expose().as_bytes(),
    ) {
        return Err(Error::Denied {
            code: "setup_token_wrong",
            message: "this is not the setup token that the panel printed when it was started"
                .to_owned(),
        });
    }
    let mut invalid = Invalid::new();
    UserTexts {
        username: Some(&input.username),
        email: Some(&input.email),
        name_first: Some(&input.name_first),
        name_last: Some(&input.name_last),
        ..UserTexts::default()
    }
    .check(&mut invalid);
    check_password("password", input.password.expose(), &mut invalid);
    invalid.finish()?;
    let password_hash = cx.parts().passwords.hash(input.password.expose()).await?;
    let now = cx.now();
    let new = users::NewUser {
        id: UserId::new_v4(),
        role_id: None,
        external_id: None,
        username: input.username,
        email: input.email,
        name_first: input.name_first,
        name_last: input.name_last,
        password_hash: Some(password_hash),
        admin: true,
        language: "en".to_owned(),
        created_at: now,
    };
    let (session, token) = new_session(cx, new.id);
    let entry = cx
        .entry(Event::AccountCreate, json!({ "setup": true }))
        .by(new.id);
    let (new, session, entry) = (&new, &session, &entry);
    let user = cx
        .write(|tx| {
            async move {
                if !setup::claim_account(tx, now).await? {
                    return Err(done_already());
                }
                let user = users::insert(tx, new).await.taken(
                    "users_username_key",
                    "username",
                    "is taken",
                )?;
                start_session(tx, session).await?;
                entry.record(tx);
                Ok(user)
            }
            .scope_boxed()
        })
        .await?;
    Ok(SignedIn {
        user,
        role: None,
        token,
    })
}

fn done_already() -> Error {
    Error::conflict(
        "setup_done",
        "the first account has been made already; sign in with it",
    )
}

/// Ends the wizard, whatever is left of it.
///
/// # Errors
/// [`Error::Denied`] for anybody but administrators.
pub async fn finish(cx: &Cx) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SettingsUpdate)?;
    let now = cx.now();
    cx.write(|tx| async move { Ok(setup::finish(tx, now).await?) }.scope_boxed())
        .await
}
