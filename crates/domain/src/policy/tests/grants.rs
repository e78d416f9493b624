//! Giving, taking and becoming.

use super::*;

fn facts(user: &UserActor) -> UserFacts {
    UserFacts {
        id: user.id,
        admin: user.admin,
        role: user.role.map(|r| r.grants).unwrap_or_default(),
    }
}

#[test]
fn subusers_get_no_more_than_their_inviter_has() {
    let inviter = person();
    let actor: Actor = inviter.clone().into();
    let access = subuser(&[S::SubusersCreate, S::SubusersUpdate, S::ControlStart]);
    let other = UserId::new_v4();
    let change = |before: Option<&[S]>, after: Option<&[S]>| SubuserChange {
        user: other,
        before: before.map(set),
        after: after.map(set),
    };
    let ask = |change| may_change_subuser(&actor, &access, &change);
    assert_eq!(ask(change(None, Some(&[S::ControlStart]))), Ok(()));
    assert_eq!(
        ask(change(
            None,
            Some(&[S::ControlStop, S::ControlStart, S::FilesRead])
        )),
        Err(Denial::MoreThanOneself(
            "control.stop, files.read".to_owned()
        ))
    );
    assert_eq!(ask(change(Some(&[S::ControlStart]), Some(&[]))), Ok(()));
    assert!(
        matches!(
            ask(change(Some(&[S::FilesRead]), Some(&[]))),
            Err(Denial::MoreThanOneself(_))
        ),
        "one who has more"
    );
    assert_eq!(
        ask(change(Some(&[]), None)),
        Err(Denial::Missing("subusers.delete"))
    );
    let onto = |user| {
        may_change_subuser(
            &actor,
            &access,
            &SubuserChange {
                user,
                ..change(Some(&[]), Some(&[]))
            },
        )
    };
    assert_eq!(
        onto(inviter.id),
        Err(Denial::OnOneself("change the access of"))
    );
    assert_eq!(onto(access.owner), Err(Denial::OwnerAsSubuser));
    assert_eq!(
        may_change_subuser(&actor, &foreign(), &change(None, Some(&[]))),
        Err(Denial::Hidden)
    );

    let owner = person();
    let all = SubuserChange {
        user: other,
        before: None,
        after: Some(PermissionSet::ALL),
    };
    assert_eq!(
        may_change_subuser(&owner.clone().into(), &owned(&owner), &all),
        Ok(())
    );
    let limited = key(
        owner.clone(),
        ApiKeyScope {
            server: set(&[S::SubusersCreate]),
            ..ApiKeyScope::ALL
        },
    );
    assert!(matches!(
        may_change_subuser(&limited.into(), &owned(&owner), &all),
        Err(Denial::MoreThanOneself(_))
    ));
}

#[test]
fn hidden_files_stay_hidden_from_those_one_invites() {
    let own = ["secrets/".to_owned(), "*.key".to_owned()];
    let wanted = [
        "!*.key".to_owned(),
        "secrets/".to_owned(),
        "logs/".to_owned(),
    ];
    assert_eq!(
        ignored_files_for(&own, &wanted),
        ["!*.key", "logs/", "secrets/", "*.key"]
    );
    assert_eq!(ignored_files_for(&[], &wanted), wanted);
}

#[test]
fn roles_no_stronger_than_their_editor() {
    let editor: Actor = role(
        &[A::RolesCreate, A::RolesUpdate, A::RolesDelete, A::NodesRead],
        &[S::FilesRead],
    )
    .into();
    let weak = RoleGrants {
        admin: set(&[A::NodesRead]),
        server: set(&[S::FilesRead]),
    };
    let strong = RoleGrants {
        admin: set(&[A::NodesDelete]),
        server: PermissionSet::EMPTY,
    };
    let stronger_on_servers = RoleGrants {
        admin: PermissionSet::EMPTY,
        server: set(&[S::FilesDelete]),
    };
    assert_eq!(may_change_role(&editor, None, Some(&weak)), Ok(()));
    assert_eq!(may_change_role(&editor, Some(&weak), None), Ok(()));
    assert!(may_change_role(&editor, None, Some(&strong)).is_err());
    assert!(may_change_role(&editor, None, Some(&stronger_on_servers)).is_err());
    assert!(may_change_role(&editor, Some(&strong), Some(&weak)).is_err());
    assert!(may_change_role(&editor, Some(&strong), None).is_err());
    assert_eq!(
        may_change_role(&admin().into(), Some(&strong), None),
        Ok(())
    );
    assert_eq!(
        may_change_role(&person().into(), None, Some(&weak)),
        Err(Denial::Missing("roles.create"))
    );
    assert_eq!(may_change_role(&Actor::System, None, Some(&strong)), Ok(()));
}

#[test]
fn users_above_oneself_are_left_alone() {
    let helper = role(
        &[
            A::UsersCreate,
            A::UsersUpdate,
            A::UsersDelete,
            A::UsersImpersonate,
            A::NodesRead,
        ],
        &[],
    );
    let actor: Actor = helper.clone().into();
    let plain = UserEdit::default();
    let edit = |actor: &Actor, target: &UserActor, edit| may_edit_user(actor, &facts(target), edit);

    assert_eq!(edit(&actor, &person(), plain), Ok(()));
    assert_eq!(edit(&actor, &role(&[A::NodesRead], &[]), plain), Ok(()));
    assert!(matches!(
        edit(&actor, &admin(), plain),
        Err(Denial::RootOnly(_))
    ));
    assert!(matches!(
        edit(&actor, &role(&[A::NodesDelete], &[]), plain),
        Err(Denial::MoreThanOneself(_))
    ));
    for reserved in [
        UserEdit {
            admin: true,
            ..plain
        },
        UserEdit {
            role: true,
            ..plain
        },
        UserEdit {
            credentials: true,
            ..plain
        },
    ] {
        assert!(matches!(
            edit(&actor, &person(), reserved),
            Err(Denial::RootOnly(_))
        ));
        assert_eq!(edit(&admin().into(), &admin(), reserved), Ok(()));
        assert_eq!(
            edit(&key(admin(), ApiKeyScope::ALL).into(), &admin(), reserved),
            Ok(())
        );
        let limited = key(
            admin(),
            ApiKeyScope {
                admin: set(&[A::UsersUpdate]),
                ..ApiKeyScope::ALL
            },
        )
        .into();
        assert!(
            matches!(
                edit(&limited, &person(), reserved),
                Err(Denial::RootOnly(_))
            ),
            "the key is not root"
        );
        assert!(matches!(
            edit(&limited, &admin(), plain),
            Err(Denial::RootOnly(_))
        ));
    }
    assert_eq!(may_create_user(&actor, false, false), Ok(()));
    assert!(
        may_create_user(&actor, true, false).is_err()
            && may_create_user(&actor, false, true).is_err()
    );
    assert_eq!(may_create_user(&Actor::System, true, true), Ok(()));
    assert_eq!(
        may_create_user(&Actor::Anonymous, false, false),
        Err(Denial::Anonymous)
    );

    assert_eq!(
        may_act_on_user(&actor, &facts(&person()), A::UsersDelete),
        Ok(())
    );
    assert_eq!(
        may_act_on_user(&actor, &facts(&helper), A::UsersDelete),
        Err(Denial::OnOneself("delete"))
    );
    assert!(may_act_on_user(&actor, &facts(&admin()), A::UsersDelete).is_err());
    assert_eq!(
        may_act_on_user(&actor, &facts(&person()), A::UsersEmail),
        Err(Denial::Missing("users.email"))
    );

    assert_eq!(may_impersonate(&actor, &facts(&person())), Ok(()));
    assert!(may_impersonate(&actor, &facts(&admin())).is_err());
    assert!(may_impersonate(&actor, &facts(&role(&[], &[S::FilesRead]))).is_err());
    assert_eq!(
        may_impersonate(&actor, &facts(&helper)),
        Err(Denial::OnOneself("act as"))
    );
    assert_eq!(may_impersonate(&admin().into(), &facts(&admin())), Ok(()));
    let chained: Actor = UserActor {
        impersonator: Some(UserId::new_v4()),
        ..admin()
    }
    .into();
    assert_eq!(
        may_impersonate(&chained, &facts(&person())),
        Err(Denial::Impersonating)
    );
}

#[test]
fn keys_make_no_stronger_keys() {
    let scope = ApiKeyScope {
        user: set(&[U::ApiKeysCreate, U::ApiKeysRecreate]),
        ..narrow()
    };
    let holder: Actor = key(person(), scope).into();
    let ask = |before, after| may_change_api_key(&holder, U::ApiKeysCreate, before, after);
    assert_eq!(ask(None, Some(&scope)), Ok(()));
    assert!(matches!(
        ask(None, Some(&ApiKeyScope::ALL)),
        Err(Denial::MoreThanOneself(_))
    ));
    assert!(matches!(
        may_change_api_key(
            &holder,
            U::ApiKeysRecreate,
            Some(&ApiKeyScope::ALL),
            Some(&scope)
        ),
        Err(Denial::MoreThanOneself(_))
    ));
    assert_eq!(
        may_change_api_key(&holder, U::ApiKeysDelete, Some(&scope), None),
        Err(Denial::Missing("api-keys.delete"))
    );
    assert_eq!(
        may_change_api_key(
            &person().into(),
            U::ApiKeysCreate,
            None,
            Some(&ApiKeyScope::ALL)
        ),
        Ok(())
    );
    let acting: Actor = UserActor {
        impersonator: Some(UserId::new_v4()),
        ..person()
    }
    .into();
    assert_eq!(
        may_change_api_key(&acting, U::ApiKeysCreate, None, Some(&scope)),
        Err(Denial::Impersonating)
    );
}

#[test]
fn ones_own_account() {
    let ask =
        |user: UserActor, permission| may_change_account(&user.into(), permission).map(|_| ());
    assert_eq!(ask(person(), U::AccountPassword), Ok(()));
    assert_eq!(
        ask(
            UserActor {
                frozen: true,
                ..person()
            },
            U::AccountPassword
        ),
        Err(Denial::Frozen)
    );
    assert_eq!(
        ask(
            UserActor {
                suspended: true,
                ..person()
            },
            U::AccountTwoFactor
        ),
        Err(Denial::Suspended)
    );
    let lacking = UserActor {
        two_factor: TwoFactor::Missing,
        ..person()
    };
    assert_eq!(ask(lacking.clone(), U::AccountTwoFactor), Ok(()));
    assert_eq!(
        ask(lacking, U::AccountPassword),
        Err(Denial::TwoFactorRequired)
    );
    let acting = UserActor {
        impersonator: Some(UserId::new_v4()),
        ..person()
    };
    assert_eq!(ask(acting, U::AccountEmail), Err(Denial::Impersonating));
    assert_eq!(
        ask(key(person(), narrow()), U::AccountEmail),
        Err(Denial::Missing("account.email"))
    );
    assert_eq!(
        may_change_account(&Actor::Anonymous, U::AccountEmail),
        Err(Denial::Anonymous)
    );
}
