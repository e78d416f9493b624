//! Who may give, take and become what: subusers, roles, users, API keys, acting as somebody else.
//!
//! One idea throughout: nobody gives what they do not have, and nobody touches somebody who has more. Both the old and the
//! new state are therefore asked about.

use super::{
    Denial, PanelPermission, ServerAccess, active, is_root, may, may_on_server, not_suspended,
    permissions,
};
use crate::actor::{Actor, ApiKeyScope, RoleGrants, UserActor};
use crate::id::UserId;
use crate::permission::{
    AdminPermission, Permission, PermissionSet, ServerPermission, UserPermission,
};

/// A change to who may use a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubuserChange {
    /// Whose access.
    pub user: UserId,
    /// What they could do; `None` when they are invited.
    pub before: Option<PermissionSet<ServerPermission>>,
    /// What they will; `None` when their access is taken away.
    pub after: Option<PermissionSet<ServerPermission>>,
}

/// Whether `actor` may make this change to the server's subusers. To be asked with what holds inside the transaction.
///
/// # Errors
/// Why not.
pub fn may_change_subuser(
    actor: &Actor,
    access: &ServerAccess,
    change: &SubuserChange,
) -> Result<(), Denial> {
    let needed = match (change.before, change.after) {
        (None, _) => ServerPermission::SubusersCreate,
        (Some(_), Some(_)) => ServerPermission::SubusersUpdate,
        (Some(_), None) => ServerPermission::SubusersDelete,
    };
    let held = may_on_server(actor, access, needed)?;
    if change.after.is_some() && change.user == access.owner {
        return Err(Denial::OwnerAsSubuser);
    }
    if actor.user().is_some_and(|user| is_them(user, change.user)) {
        return Err(Denial::OnOneself("change the access of"));
    }
    within(change.before.unwrap_or_default(), held)?;
    within(change.after.unwrap_or_default(), held)
}

/// The ignore patterns for a subuser whom somebody with `own` patterns gives `wanted`: nobody can show others files that
/// are hidden from themselves. The own ones come last, since the last pattern that matches decides.
#[must_use]
pub fn ignored_files_for(own: &[String], wanted: &[String]) -> Vec<String> {
    let wanted = wanted.iter().filter(|pattern| !own.contains(pattern));
    wanted.chain(own).cloned().collect()
}

/// Whether `actor` may make, change (`before` and `after`) or delete a role.
///
/// # Errors
/// Why not.
pub fn may_change_role(
    actor: &Actor,
    before: Option<&RoleGrants>,
    after: Option<&RoleGrants>,
) -> Result<(), Denial> {
    may(
        actor,
        match (before, after) {
            (None, _) => AdminPermission::RolesCreate,
            (Some(_), Some(_)) => AdminPermission::RolesUpdate,
            (Some(_), None) => AdminPermission::RolesDelete,
        },
    )?;
    [before, after]
        .into_iter()
        .flatten()
        .try_for_each(|grants| role_within(actor, grants))
}

/// A user that something is to be done with, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserFacts {
    /// Who.
    pub id: UserId,
    /// Whether they are a root administrator.
    pub admin: bool,
    /// What their role grants; nothing without one.
    pub role: RoleGrants,
}

/// What of a user is to be changed by somebody else, apart from harmless details.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserEdit {
    /// The administrator flag changes.
    pub admin: bool,
    /// The role changes.
    pub role: bool,
    /// E-mail address or password change: whoever sets them can sign in.
    pub credentials: bool,
}

/// Whether `actor` may create a user, who may be an administrator or have a role.
///
/// # Errors
/// Why not.
pub fn may_create_user(actor: &Actor, admin: bool, role: bool) -> Result<(), Denial> {
    may(actor, AdminPermission::UsersCreate)?;
    reserved(actor, admin, "make administrators")?;
    reserved(actor, role, "assign roles")
}

/// Whether `actor` may make this change to `target` in the administration.
///
/// # Errors
/// Why not.
pub fn may_edit_user(actor: &Actor, target: &UserFacts, edit: UserEdit) -> Result<(), Denial> {
    may(actor, AdminPermission::UsersUpdate)?;
    not_above(actor, target)?;
    reserved(actor, edit.admin, "make or unmake administrators")?;
    reserved(actor, edit.role, "assign roles")?;
    reserved(
        actor,
        edit.credentials,
        "change other people's e-mail address or password",
    )
}

/// Whether `actor` may do something else with `target` that `permission` guards: delete them, turn their second factor off,
/// send them a reset, look at their links.
///
/// # Errors
/// Why not.
pub fn may_act_on_user(
    actor: &Actor,
    target: &UserFacts,
    permission: AdminPermission,
) -> Result<(), Denial> {
    may(actor, permission)?;
    if permission == AdminPermission::UsersDelete
        && actor.user().is_some_and(|user| is_them(user, target.id))
    {
        return Err(Denial::OnOneself("delete"));
    }
    not_above(actor, target)
}

/// Whether `actor` may act as `target` for a request. Their own credential's limits go on to hold.
///
/// # Errors
/// Why not.
pub fn may_impersonate(actor: &Actor, target: &UserFacts) -> Result<(), Denial> {
    let user = active(actor)?;
    may(actor, AdminPermission::UsersImpersonate)?;
    if user.impersonator.is_some() {
        return Err(Denial::Impersonating);
    }
    if user.id == target.id {
        return Err(Denial::OnOneself("act as"));
    }
    not_above(actor, target)
}

/// Whether `actor` may make (`before` is `None`), change, renew or delete (`after` is `None`) one of their API keys. With a key,
/// only keys that may do no more than it: a renewed key's secret is shown to who renews it. A key made in a browser
/// may list anything, since it is limited by what its user may do whenever it is used.
///
/// # Errors
/// Why not.
pub fn may_change_api_key(
    actor: &Actor,
    permission: UserPermission,
    before: Option<&ApiKeyScope>,
    after: Option<&ApiKeyScope>,
) -> Result<(), Denial> {
    let user = may_add_credential(actor, permission)?;
    let Some(limit) = user.scope() else {
        return Ok(());
    };
    for scope in [before, after].into_iter().flatten() {
        within(scope.user, limit.user)?;
        within(scope.admin, limit.admin)?;
        within(scope.server, limit.server)?;
    }
    Ok(())
}

/// Whether `actor` may manage things they can sign in with that `permission` guards: keys of all kinds, linked identities.
///
/// # Errors
/// Why not; nobody may while acting as somebody else.
pub fn may_add_credential(actor: &Actor, permission: UserPermission) -> Result<&UserActor, Denial> {
    let user = active(actor)?;
    may(actor, permission)?;
    if user.impersonator.is_some() {
        Err(Denial::Impersonating)
    } else {
        Ok(user)
    }
}

/// Whether `actor` may change what `permission` guards of their own account: profile, e-mail, password, second factor.
///
/// # Errors
/// Why not. Turning on a second factor is open to those who must.
pub fn may_change_account(actor: &Actor, permission: UserPermission) -> Result<&UserActor, Denial> {
    let user = if permission == UserPermission::AccountTwoFactor {
        not_suspended(actor)?
    } else {
        active(actor)?
    };
    if !UserPermission::held_by(user).contains(permission) {
        return Err(Denial::Missing(permission.key()));
    }
    if user.impersonator.is_some() {
        return Err(Denial::Impersonating);
    }
    if user.frozen {
        Err(Denial::Frozen)
    } else {
        Ok(user)
    }
}

/// Whether `id` is the user, or who acts as them.
fn is_them(user: &UserActor, id: UserId) -> bool {
    user.id == id || user.impersonator == Some(id)
}

fn within<P: Permission>(asked: PermissionSet<P>, held: PermissionSet<P>) -> Result<(), Denial> {
    let excess = asked.without(held);
    if excess.is_empty() {
        Ok(())
    } else {
        Err(Denial::MoreThanOneself(excess.to_string()))
    }
}

fn role_within(actor: &Actor, grants: &RoleGrants) -> Result<(), Denial> {
    within(grants.admin, permissions(actor))?;
    within(grants.server, everywhere(actor))
}

/// What `actor` may do on every server that they see.
fn everywhere(actor: &Actor) -> PermissionSet<ServerPermission> {
    match actor {
        Actor::System => PermissionSet::ALL,
        _ => active(actor).map_or(PermissionSet::EMPTY, |user| {
            let held = if user.admin {
                PermissionSet::ALL
            } else {
                user.role
                    .map_or(PermissionSet::EMPTY, |role| role.grants.server)
            };
            user.scope().map_or(held, |scope| held & scope.server)
        }),
    }
}

/// That `target` is not above `actor`: everybody but root administrators keeps off administrators and stronger roles.
fn not_above(actor: &Actor, target: &UserFacts) -> Result<(), Denial> {
    if actor.user().is_none_or(is_root) {
        return Ok(());
    }
    if target.admin {
        return Err(Denial::RootOnly("do this to an administrator"));
    }
    role_within(actor, &target.role)
}

fn reserved(actor: &Actor, asked: bool, what: &'static str) -> Result<(), Denial> {
    if asked && !actor.user().is_none_or(is_root) {
        Err(Denial::RootOnly(what))
    } else {
        Ok(())
    }
}
