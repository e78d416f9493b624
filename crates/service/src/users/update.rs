//! Changing a user.

use panel_domain::activity::Event;
use panel_domain::id::{RoleId, UserId};
use panel_domain::permission::AdminPermission;
use panel_domain::policy::{self, UserEdit};
use panel_domain::user::{UserTexts, check_password_set_by_admin};
use panel_domain::validate::Invalid;
use panel_secrets::Secret;
use panel_storage::consistency::RevocationKind;
use panel_storage::users::{self, User, UserChanges};
use panel_storage::{servers, sessions};
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};

use super::{cut_connections, facts_of, keep_an_administrator, name_taken, read};
use crate::cx::Cx;
use crate::error::Error;

/// Changes of a user: `None` stays as it is.
#[derive(Debug, Default)]
pub struct UpdateUser {
    /// How another system calls them.
    pub external_id: Option<Option<String>>,
    /// Their role.
    pub role: Option<Option<RoleId>>,
    /// What they sign in with.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// First name.
    pub name_first: Option<String>,
    /// Last name.
    pub name_last: Option<String>,
    /// A new password, or none any more. Ends their sessions.
    pub password: Option<Option<Secret<String>>>,
    /// Whether they may do everything.
    pub admin: Option<bool>,
    /// Whether they may not change their own account.
    pub frozen: Option<bool>,
    /// Whether they may do nothing.
    pub suspended: Option<bool>,
    /// Language of their pages.
    pub language: Option<String>,
    /// Where their pages show notices.
    pub toast_position: Option<String>,
    /// Whether their list of servers opens on the groups.
    pub start_on_grouped_servers: Option<bool>,
}

/// Changes a user. What they may do less is honoured by every process at once, and connections to their servers' consoles and
/// files are ended.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for what another one has,
/// [`Error::Conflict`] when no administrator would be left or somebody else has just changed what they may do.
pub async fn update(cx: &Cx, id: UserId, input: UpdateUser) -> Result<(), Error> {
    cx.require_admin(AdminPermission::UsersUpdate)?;
    let before = read::find_on_primary(cx, id).await?;
    let edit = UserEdit {
        admin: input.admin.is_some_and(|admin| admin != before.user.admin),
        role: input.role.is_some_and(|role| role != before.user.role_id),
        credentials: input.password.is_some() || differs(input.email.as_ref(), &before.user.email),
    };
    policy::may_edit_user(cx.actor(), &facts_of(&before), edit)?;
    check(&input)?;
    if input.suspended == Some(true) && cx.actor().user_id() == Some(id) {
        return Err(Error::conflict(
            "not_on_yourself",
            "you cannot suspend yourself",
        ));
    }
    let password_hash = match &input.password {
        Some(Some(password)) => Some(Some(cx.parts().passwords.hash(password.expose()).await?)),
        Some(None) => Some(None),
        None => None,
    };
    let changes = UserChanges {
        role_id: input.role.map(|role| role.map(RoleId::uuid)),
        external_id: input.external_id,
        username: input.username,
        email: input.email,
        name_first: input.name_first,
        name_last: input.name_last,
        password_hash,
        admin: input.admin,
        frozen: input.frozen,
        suspended: input.suspended,
        totp_enabled: None,
        language: input.language,
        toast_position: input.toast_position,
        start_on_grouped_servers: input.start_on_grouped_servers,
    };
    if changes == UserChanges::default() {
        return Ok(());
    }
    let effect = Effect::of(&before.user, &changes);
    let servers = if effect.cuts_connections {
        servers::ids_of_user(&mut cx.read_primary().await?, id).await?
    } else {
        Vec::new()
    };
    let now = cx.now();
    let entry = cx.entry(Event::UserUpdate, summary(&before.user, &changes));
    let (before, changes, entry, servers) = (&before.user, &changes, &entry, &servers);
    cx.write(|tx| {
        async move {
            if effect.loses_administration {
                keep_an_administrator(tx, id).await?;
            }
            name_taken(users::update_expected(tx, before, changes).await)?
                .ok_or_else(changed_meanwhile)?;
            if effect.ends_sessions {
                sessions::delete_others(tx, id, None).await?;
            }
            if effect.changes_authority {
                tx.revoke(RevocationKind::User, id);
            }
            cut_connections(tx, id, servers, now).await?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

fn check(input: &UpdateUser) -> Result<(), Error> {
    let mut invalid = Invalid::new();
    let texts = UserTexts {
        username: input.username.as_deref(),
        email: input.email.as_deref(),
        name_first: input.name_first.as_deref(),
        name_last: input.name_last.as_deref(),
        external_id: input.external_id.as_ref().and_then(Option::as_deref),
        language: input.language.as_deref(),
    };
    texts.check(&mut invalid);
    if let Some(Some(password)) = &input.password {
        check_password_set_by_admin("password", password.expose(), &mut invalid);
    }
    Ok(invalid.finish()?)
}

fn changed_meanwhile() -> Error {
    Error::conflict(
        "user_changed",
        "somebody else has just changed or deleted this user; look again",
    )
}

fn differs<T: PartialEq>(wanted: Option<&T>, known: &T) -> bool {
    wanted.is_some_and(|wanted| wanted != known)
}

/// What a change has to do beyond the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Effect {
    loses_administration: bool,
    ends_sessions: bool,
    changes_authority: bool,
    cuts_connections: bool,
}

impl Effect {
    fn of(before: &User, changes: &UserChanges) -> Self {
        let suspends = changes.suspended == Some(true) && !before.suspended;
        let demotes = changes.admin == Some(false) && before.admin;
        let new_role = changes
            .role_id
            .is_some_and(|role| role != before.role_id.map(RoleId::uuid));
        let ends_sessions = changes.password_hash.is_some();
        Self {
            loses_administration: (demotes || suspends) && before.admin && !before.suspended,
            ends_sessions,
            // The name and whether the account is frozen are part of what is known of a credential.
            changes_authority: ends_sessions
                || new_role
                || differs(changes.admin.as_ref(), &before.admin)
                || differs(changes.suspended.as_ref(), &before.suspended)
                || differs(changes.frozen.as_ref(), &before.frozen)
                || differs(changes.username.as_ref(), &before.username),
            cuts_connections: suspends || demotes || new_role || ends_sessions,
        }
    }
}

/// The change for the log, without the password.
fn summary(before: &User, changes: &UserChanges) -> Value {
    let mut data = json!({ "uuid": before.id, "username": before.username });
    let mut note = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data[name] = value;
        }
    };
    note(
        "username",
        changes.username.as_ref().map(|name| json!(name)),
    );
    note("email", changes.email.as_ref().map(|email| json!(email)));
    note("admin", changes.admin.map(|admin| json!(admin)));
    note("frozen", changes.frozen.map(|frozen| json!(frozen)));
    note(
        "suspended",
        changes.suspended.map(|suspended| json!(suspended)),
    );
    note("role_uuid", changes.role_id.map(|role| json!(role)));
    note(
        "password",
        changes.password_hash.as_ref().map(|_| json!("changed")),
    );
    data
}
