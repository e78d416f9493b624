//! Who may do what. Pure decisions over an [`Actor`] and the facts they need; nothing else in the program decides.
//!
//! What somebody may do is the union of the grounds they have (owner, subuser, role, root administrator), intersected with the
//! limits of their API key, always, also while acting as somebody else. A suspended user, and one whose second factor
//! is demanded but missing, may do nothing here.

mod daemon;
mod grants;

pub use daemon::{Streams, sftp_permissions, websocket_permissions};
pub use grants::{
    SubuserChange, UserEdit, UserFacts, ignored_files_for, may_act_on_user, may_add_credential,
    may_change_account, may_change_api_key, may_change_role, may_change_subuser, may_create_user,
    may_edit_user, may_impersonate,
};

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, TwoFactor, UserActor};
use crate::id::UserId;
use crate::permission::{
    AdminPermission, Permission, PermissionSet, ServerPermission, UserPermission,
};

/// Why something is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Nobody is signed in (401).
    #[error("sign in first")]
    Anonymous,
    /// The object may not be known to the actor; looks like one that does not exist (404).
    #[error("not found")]
    Hidden,
    /// The permission with this key is missing (403).
    #[error("the permission {0} is needed")]
    Missing(&'static str),
    /// The account is suspended (403).
    #[error("this account is suspended")]
    Suspended,
    /// A second factor is demanded (403).
    #[error("turn on two-factor authentication first")]
    TwoFactorRequired,
    /// The account is frozen (403).
    #[error("this account is frozen: its data cannot be changed")]
    Frozen,
    /// Not while acting as somebody else (403).
    #[error("this cannot be done while acting as somebody else")]
    Impersonating,
    /// Only root administrators, with a session or a key that has all administrative permissions (403).
    #[error("only a root administrator can {0}")]
    RootOnly(&'static str),
    /// It would give, or touch somebody who has, more than the actor has (403); the keys that are too much.
    #[error("this is about permissions that you do not have: {0}")]
    MoreThanOneself(String),
    /// On oneself (403).
    #[error("you cannot {0} yourself")]
    OnOneself(&'static str),
    /// The owner has every permission already (403).
    #[error("the owner of a server cannot be its subuser")]
    OwnerAsSubuser,
}

impl Denial {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Anonymous => "unauthenticated",
            Self::Hidden => "not_found",
            Self::Missing(_) | Self::MoreThanOneself(_) | Self::RootOnly(_) => "permission_denied",
            Self::Suspended => "account_suspended",
            Self::TwoFactorRequired => "two_factor_required",
            Self::Frozen => "account_frozen",
            Self::Impersonating => "impersonating",
            Self::OnOneself(_) => "not_on_yourself",
            Self::OwnerAsSubuser => "owner_as_subuser",
        }
    }
}

/// What a server has to do with an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAccess {
    /// Its owner.
    pub owner: UserId,
    /// What the actor may do as its subuser; `None` when they are not one.
    pub subuser: Option<PermissionSet<ServerPermission>>,
    /// Deletion was asked for: only those who see every server still see it.
    pub deleting: bool,
}

impl ServerAccess {
    /// A server of `owner` that the actor is no subuser of.
    #[must_use]
    pub const fn of(owner: UserId) -> Self {
        Self {
            owner,
            subuser: None,
            deleting: false,
        }
    }
}

/// The user behind `actor`, suspended or not: for seeing the own account and signing out.
///
/// # Errors
/// [`Denial::Anonymous`] when it is not a user.
pub fn signed_in(actor: &Actor) -> Result<&UserActor, Denial> {
    actor.user().ok_or(Denial::Anonymous)
}

/// The user behind `actor`, who may lack a second factor that is demanded: for turning it on.
///
/// # Errors
/// When it is not a user, or a suspended one.
pub fn not_suspended(actor: &Actor) -> Result<&UserActor, Denial> {
    let user = signed_in(actor)?;
    if user.suspended {
        Err(Denial::Suspended)
    } else {
        Ok(user)
    }
}

/// The user behind `actor`, when they may do anything at all.
///
/// # Errors
/// When it is not a user, or one who is suspended or lacks a demanded second factor.
pub fn active(actor: &Actor) -> Result<&UserActor, Denial> {
    let user = not_suspended(actor)?;
    if user.two_factor == TwoFactor::Missing {
        Err(Denial::TwoFactorRequired)
    } else {
        Ok(user)
    }
}

/// A permission that does not depend on an object: all but those on servers.
pub trait PanelPermission: Permission {
    /// What `user` may do, within the limits of the API key.
    fn held_by(user: &UserActor) -> PermissionSet<Self>;
}

impl PanelPermission for UserPermission {
    fn held_by(user: &UserActor) -> PermissionSet<Self> {
        user.scope().map_or(PermissionSet::ALL, |scope| scope.user)
    }
}

impl PanelPermission for AdminPermission {
    fn held_by(user: &UserActor) -> PermissionSet<Self> {
        let held = if user.admin {
            PermissionSet::ALL
        } else {
            user.role
                .map_or(PermissionSet::EMPTY, |role| role.grants.admin)
        };
        user.scope().map_or(held, |scope| held & scope.admin)
    }
}

/// Whether `actor` may do what `permission` guards. The panel itself may.
///
/// # Errors
/// Why not.
pub fn may<P: PanelPermission>(actor: &Actor, permission: P) -> Result<(), Denial> {
    if *actor == Actor::System || P::held_by(active(actor)?).contains(permission) {
        Ok(())
    } else {
        Err(Denial::Missing(permission.key()))
    }
}

/// The permissions of one catalogue that `actor` has now; none for who may do nothing at all.
#[must_use]
pub fn permissions<P: PanelPermission>(actor: &Actor) -> PermissionSet<P> {
    match actor {
        Actor::System => PermissionSet::ALL,
        _ => active(actor).map_or(PermissionSet::EMPTY, P::held_by),
    }
}

/// Whether `actor` sees every server there is, whosever it is. Lists ask this before they ask the database.
#[must_use]
pub fn sees_all_servers(actor: &Actor) -> bool {
    permissions(actor).contains(AdminPermission::ServersRead)
}

/// Whether `actor` may know that the server exists.
#[must_use]
pub fn visible(actor: &Actor, access: &ServerAccess) -> bool {
    if sees_all_servers(actor) {
        return true;
    }
    let Ok(user) = active(actor) else {
        return false;
    };
    !access.deleting && (user.id == access.owner || access.subuser.is_some())
}

/// What `actor` may do on the server; nothing on one they may not see.
#[must_use]
pub fn server_permissions(actor: &Actor, access: &ServerAccess) -> PermissionSet<ServerPermission> {
    if *actor == Actor::System {
        return PermissionSet::ALL;
    }
    let Ok(user) = active(actor) else {
        return PermissionSet::EMPTY;
    };
    if !visible(actor, access) {
        return PermissionSet::EMPTY;
    }
    let held = if user.admin || user.id == access.owner {
        PermissionSet::ALL
    } else {
        access.subuser.unwrap_or_default()
            | user
                .role
                .map_or(PermissionSet::EMPTY, |role| role.grants.server)
    };
    user.scope().map_or(held, |scope| held & scope.server)
}

/// That `actor` may see the server, and what they may do there.
///
/// # Errors
/// [`Denial::Hidden`] when they may not see it, or why they may do nothing at all.
pub fn see_server(
    actor: &Actor,
    access: &ServerAccess,
) -> Result<PermissionSet<ServerPermission>, Denial> {
    if *actor != Actor::System {
        active(actor)?;
    }
    if visible(actor, access) {
        Ok(server_permissions(actor, access))
    } else {
        Err(Denial::Hidden)
    }
}

/// That `actor` may do what `permission` guards on the server, and what else they may do there.
///
/// # Errors
/// [`Denial::Hidden`] when they may not see it, [`Denial::Missing`] when they may but lack the permission.
pub fn may_on_server(
    actor: &Actor,
    access: &ServerAccess,
    permission: ServerPermission,
) -> Result<PermissionSet<ServerPermission>, Denial> {
    let held = see_server(actor, access)?;
    if held.contains(permission) {
        Ok(held)
    } else {
        Err(Denial::Missing(permission.key()))
    }
}

/// Whether `user` is a root administrator whose credential is not limited to a part of the administration.
fn is_root(user: &UserActor) -> bool {
    user.admin && AdminPermission::held_by(user) == PermissionSet::ALL
}

#[cfg(test)]
mod tests;
