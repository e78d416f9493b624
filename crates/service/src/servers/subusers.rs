//! Who else may use a server.

use panel_domain::activity::Event;
use panel_domain::files::HiddenFiles;
use panel_domain::id::{ServerId, ServerRef, UserId};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::{PermissionSet, ServerPermission};
use panel_domain::policy::{self, ServerAccess, SubuserChange};
use panel_domain::server::ServerAction;
use panel_domain::user::check_email;
use panel_domain::validate::Invalid;
use panel_jobs::payload::RevokeConnections;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_secrets::random_alphanumeric;
use panel_storage::Tx;
use panel_storage::consistency::RevocationKind;
use panel_storage::subusers::{self as rows, SubuserChanges};
use panel_storage::users::{self, NewUser, User};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::change;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// People that a server can be shared with.
const MAX_SUBUSERS: usize = 25;

/// Patterns of files that a share may have.
const MAX_IGNORED_FILES: usize = 100;

/// How often an account is looked for and a new one's name drawn.
const ATTEMPTS: u32 = 5;

/// A share of a server and who has it.
#[derive(Debug, Clone)]
pub struct Subuser {
    /// The share.
    pub share: rows::Subuser,
    /// Who has it.
    pub user: User,
}

/// Somebody who is to get a share.
#[derive(Debug, Clone)]
pub struct InviteSubuser {
    /// Their e-mail address.
    pub email: String,
    /// Keys of what they may do.
    pub permissions: Vec<String>,
    /// Patterns of files that they do not see.
    pub ignored_files: Vec<String>,
}

/// Changes of a share; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeSubuser {
    /// Keys of what they may do.
    pub permissions: Option<Vec<String>>,
    /// Patterns of files that they do not see.
    pub ignored_files: Option<Vec<String>>,
}

/// One page of the people that a server is shared with.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn subusers(
    cx: &Cx,
    server: ServerRef,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<Subuser>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SubusersRead, ServerAction::View)
        .await?;
    let (found, total) = rows::list(
        &mut cx.read().await?,
        allowed.resource().id,
        search,
        page.offset(),
        page.per_page(),
    )
    .await?;
    Ok(Paged::new(page, total, found).map(|(share, user)| Subuser { share, user }))
}

/// Shares a server with somebody. Who has no account yet gets one without a password, which they choose by resetting it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] for more than the caller may do, [`Error::Invalid`], [`Error::Taken`] for who has a
/// share, [`Error::Conflict`] when there are too many.
pub async fn invite_subuser(
    cx: &Cx,
    server: ServerRef,
    input: InviteSubuser,
) -> Result<Subuser, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SubusersCreate, ServerAction::Use)
        .await?;
    let facts = allowed.resource();
    let id = facts.id;
    let email = input.email.trim().to_owned();
    let mut invalid = Invalid::new();
    check_email("email", &email, &mut invalid);
    let permissions = read_permissions(&input.permissions, &mut invalid);
    check_ignored_files(&input.ignored_files, &mut invalid);
    invalid.finish()?;
    let own = facts.ignored_files_of(cx.actor());
    let ignored_files = policy::ignored_files_for(&own, &input.ignored_files);

    let now = cx.now();
    let mut attempt = 0;
    loop {
        attempt += 1;
        let known = users::find_by_login(&mut cx.read_primary().await?, &email).await?;
        let new = known.is_none().then(|| new_account(&email, now));
        let user = match (&known, &new) {
            (Some(user), _) => user.id,
            (None, Some(new)) => new.id,
            (None, None) => return Err(Error::not_found("user")),
        };
        let share = rows::Subuser {
            server_id: id,
            user_id: user,
            permissions: stored(permissions),
            ignored_files: ignored_files.clone(),
            created_at: now,
        };
        let entry = cx
            .entry(
                Event::SubuserCreate,
                json!({ "email": &email, "permissions": &share.permissions }),
            )
            .on(id);
        let change = SubuserChange {
            user,
            before: None,
            after: Some(permissions),
        };
        let (new, share, entry) = (&new, &share, &entry);
        let invited = cx
            .write(|tx| {
                async move {
                    let shares = decide(cx, tx, id, |_| Ok(change)).await?;
                    if shares.len() >= MAX_SUBUSERS {
                        return Err(Error::conflict(
                            "subuser_limit_reached",
                            format!("a server can be shared with {MAX_SUBUSERS} people"),
                        ));
                    }
                    let user = match new {
                        Some(new) => insert_account(tx, new).await?,
                        None => users::find(tx, share.user_id)
                            .await?
                            .ok_or(Error::not_found("user"))?,
                    };
                    rows::insert(tx, share).await.taken(
                        "subusers_pkey",
                        "email",
                        "can use the server already",
                    )?;
                    entry.record(tx);
                    granted(tx, id);
                    Ok(Subuser {
                        share: share.clone(),
                        user,
                    })
                }
                .scope_boxed()
            })
            .await;
        match invited {
            Err(Error::Conflict { code, .. }) if code == ACCOUNT_TAKEN && attempt < ATTEMPTS => {}
            other => return other,
        }
    }
}

/// Code of the conflict that a new account's drawn name, or its address meanwhile, is somebody else's.
const ACCOUNT_TAKEN: &str = "account_taken";

async fn insert_account(tx: &mut Tx, new: &NewUser) -> Result<User, Error> {
    match users::insert(tx, new).await {
        Err(error)
            if error.is_conflict_on("users_username_key")
                || error.is_conflict_on("users_email_key") =>
        {
            Err(Error::conflict(
                ACCOUNT_TAKEN,
                "no account could be made for this address; try again",
            ))
        }
        other => Ok(other?),
    }
}

/// Changes what somebody may do on a server.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`] for more than the caller may do, before or after, [`Error::Invalid`].
pub async fn change_subuser(
    cx: &Cx,
    server: ServerRef,
    user: UserId,
    input: ChangeSubuser,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SubusersUpdate, ServerAction::Use)
        .await?;
    let facts = allowed.resource();
    let id = facts.id;
    let mut invalid = Invalid::new();
    let permissions = input
        .permissions
        .as_ref()
        .map(|keys| read_permissions(keys, &mut invalid));
    if let Some(patterns) = &input.ignored_files {
        check_ignored_files(patterns, &mut invalid);
    }
    invalid.finish()?;
    let own = facts.ignored_files_of(cx.actor());
    let changes = SubuserChanges {
        permissions: permissions.map(stored),
        ignored_files: input
            .ignored_files
            .map(|wanted| policy::ignored_files_for(&own, &wanted)),
    };
    let entry = cx
        .entry(
            Event::SubuserUpdate,
            json!({ "user": user, "permissions": &changes.permissions }),
        )
        .on(id);
    let now = cx.now();
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            decide(cx, tx, id, |shares| {
                let before = before(shares, user)?;
                Ok(SubuserChange {
                    user,
                    before: Some(before),
                    after: Some(permissions.unwrap_or(before)),
                })
            })
            .await?;
            if changes.permissions.is_none() && changes.ignored_files.is_none() {
                return Ok(());
            }
            rows::update(tx, id, user, changes).await?;
            entry.record(tx);
            taken_away(tx, id, user, now).await
        }
        .scope_boxed()
    })
    .await
}

/// Ends somebody's share of a server.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn remove_subuser(cx: &Cx, server: ServerRef, user: UserId) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::SubusersDelete, ServerAction::Use)
        .await?;
    let id = allowed.resource().id;
    let entry = cx
        .entry(Event::SubuserDelete, json!({ "user": user }))
        .on(id);
    let now = cx.now();
    let entry = &entry;
    cx.write(|tx| {
        async move {
            decide(cx, tx, id, |shares| {
                Ok(SubuserChange {
                    user,
                    before: Some(before(shares, user)?),
                    after: None,
                })
            })
            .await?;
            rows::delete(tx, id, user).await?;
            entry.record(tx);
            taken_away(tx, id, user, now).await
        }
        .scope_boxed()
    })
    .await
}

/// Locks the server and asks whether the caller may make the change, with what holds now. Gives the shares there are.
async fn decide(
    cx: &Cx,
    tx: &mut Tx,
    id: ServerId,
    change: impl FnOnce(&[rows::Subuser]) -> Result<SubuserChange, Error>,
) -> Result<Vec<rows::Subuser>, Error> {
    let server = change::lock(tx, id).await?;
    let shares = rows::of_server(tx, id).await?;
    let own = shares
        .iter()
        .find(|share| Some(share.user_id) == cx.actor().user_id());
    let access = ServerAccess {
        owner: server.owner_id,
        subuser: own.map(|share| PermissionSet::from_stored_keys(&share.permissions)),
        deleting: server.deleting_at.is_some(),
    };
    policy::may_change_subuser(cx.actor(), &access, &change(&shares)?)?;
    Ok(shares)
}

fn before(
    shares: &[rows::Subuser],
    user: UserId,
) -> Result<PermissionSet<ServerPermission>, Error> {
    shares
        .iter()
        .find(|share| share.user_id == user)
        .map(|share| PermissionSet::from_stored_keys(&share.permissions))
        .ok_or(Error::not_found("subuser"))
}

/// What follows when somebody gets a share.
fn granted(tx: &mut Tx, id: ServerId) {
    change::invalidate(tx, id);
    tx.revoke(RevocationKind::Server, id);
}

/// What follows when somebody may do less: caches forget it, and the node ends what they have open.
async fn taken_away(
    tx: &mut Tx,
    server: ServerId,
    user: UserId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    granted(tx, server);
    let job = RevokeConnections { server, user };
    enqueue(tx, &job, now, EnqueueOptions::default())?;
    Ok(())
}

fn read_permissions(keys: &[String], invalid: &mut Invalid) -> PermissionSet<ServerPermission> {
    invalid
        .take("permissions", PermissionSet::from_keys(keys))
        .unwrap_or_default()
}

fn check_ignored_files(patterns: &[String], invalid: &mut Invalid) {
    invalid.require(
        patterns.len() <= MAX_IGNORED_FILES,
        "ignored_files",
        format!("must be at most {MAX_IGNORED_FILES} patterns"),
    );
    for pattern in patterns {
        invalid.name("ignored_files", pattern, 1..=255);
        invalid.take("ignored_files", HiddenFiles::check(pattern));
    }
}

fn stored(permissions: PermissionSet<ServerPermission>) -> Vec<String> {
    permissions.keys().into_iter().map(str::to_owned).collect()
}

/// An account for somebody who has none: named after the address, without a password.
fn new_account(email: &str, now: chrono::DateTime<chrono::Utc>) -> NewUser {
    let local = email.split('@').next().unwrap_or_default();
    let mut username: String = local
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(10)
        .collect();
    username.push('_');
    username.push_str(&random_alphanumeric(4));
    NewUser {
        id: UserId::new_v4(),
        role_id: None,
        external_id: None,
        username,
        email: email.to_owned(),
        name_first: "Server".to_owned(),
        name_last: "Subuser".to_owned(),
        password_hash: None,
        admin: false,
        language: "en".to_owned(),
        created_at: now,
    }
}

#[cfg(test)]
mod tests {
    use panel_domain::user::UserTexts;

    use super::*;

    #[test]
    fn drawn_names_are_acceptable() {
        for email in [
            "a@example.com",
            "o'neil+games@example.com",
            "a.very.long.name@example.com",
            "ü@example.com",
        ] {
            let account = new_account(email, chrono::DateTime::UNIX_EPOCH);
            let mut invalid = Invalid::new();
            UserTexts {
                username: Some(&account.username),
                email: Some(&account.email),
                name_first: Some(&account.name_first),
                name_last: Some(&account.name_last),
                ..UserTexts::default()
            }
            .check(&mut invalid);
            assert_eq!(invalid.finish(), Ok(()), "{}", account.username);
        }
    }
}
