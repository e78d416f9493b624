//! Changing the own profile.

use panel_domain::activity::Event;
use panel_domain::permission::UserPermission;
use panel_domain::policy;
use panel_domain::user::UserTexts;
use panel_domain::validate::Invalid;
use panel_storage::consistency::RevocationKind;
use panel_storage::users::{self, UserChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;
use crate::users::name_taken;

/// Changes of the own profile: `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateAccount {
    /// What one signs in with.
    pub username: Option<String>,
    /// First name.
    pub name_first: Option<String>,
    /// Last name.
    pub name_last: Option<String>,
    /// Language of the pages.
    pub language: Option<String>,
    /// Where the pages show notices.
    pub toast_position: Option<String>,
    /// Whether the list of servers opens on the groups.
    pub start_on_grouped_servers: Option<bool>,
}

/// Changes the caller's profile.
///
/// # Errors
/// [`Error::Denied`], also for a frozen account; [`Error::Invalid`]; [`Error::Taken`] for a username that another one has.
pub async fn update(cx: &Cx, input: UpdateAccount) -> Result<(), Error> {
    let user = policy::may_change_account(cx.actor(), UserPermission::AccountInfos)?;
    let mut invalid = Invalid::new();
    let texts = UserTexts {
        username: input.username.as_deref(),
        name_first: input.name_first.as_deref(),
        name_last: input.name_last.as_deref(),
        language: input.language.as_deref(),
        ..UserTexts::default()
    };
    texts.check(&mut invalid);
    invalid.finish()?;
    let id = user.id;
    let renamed = input
        .username
        .as_ref()
        .is_some_and(|name| *name != user.username);
    let changes = UserChanges {
        username: input.username,
        name_first: input.name_first,
        name_last: input.name_last,
        language: input.language,
        toast_position: input.toast_position,
        start_on_grouped_servers: input.start_on_grouped_servers,
        ..UserChanges::default()
    };
    if changes == UserChanges::default() {
        return Ok(());
    }
    let entry = cx.entry(
        Event::AccountUpdate,
        json!({
            "username": changes.username,
            "name_first": changes.name_first,
            "name_last": changes.name_last,
            "language": changes.language,
        }),
    );
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            name_taken(users::update(tx, id, changes).await)?.ok_or(Error::Unauthenticated)?;
            if renamed {
                // The name is part of what is known of a credential.
                tx.revoke(RevocationKind::User, id);
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
