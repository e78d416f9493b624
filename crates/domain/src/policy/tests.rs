use std::fmt::Write as _;

use expect_test::expect_file;

use super::*;
use crate::actor::{ApiKeyScope, Credential, RoleActor, RoleGrants};
use crate::id::{ApiKeyId, NodeId, RoleId, SessionId};
use crate::node::Flavour;
use crate::permission::{AdminPermission as A, ServerPermission as S, UserPermission as U};

mod grants;

fn set<P: Permission>(permissions: &[P]) -> PermissionSet<P> {
    permissions.iter().copied().collect()
}

fn person() -> UserActor {
    UserActor {
        id: UserId::new_v4(),
        username: "someone".to_owned(),
        admin: false,
        role: None,
        credential: Credential::Session(SessionId::new_v4()),
        impersonator: None,
        suspended: false,
        frozen: false,
        two_factor: TwoFactor::Off,
    }
}

fn admin() -> UserActor {
    UserActor {
        admin: true,
        ..person()
    }
}

fn role(admin: &[A], server: &[S]) -> UserActor {
    let grants = RoleGrants {
        admin: set(admin),
        server: set(server),
    };
    UserActor {
        role: Some(RoleActor {
            id: RoleId::new_v4(),
            grants,
        }),
        ..person()
    }
}

fn key(user: UserActor, scope: ApiKeyScope) -> UserActor {
    UserActor {
        credential: Credential::ApiKey {
            id: ApiKeyId::new_v4(),
            scope,
        },
        ..user
    }
}

fn foreign() -> ServerAccess {
    ServerAccess::of(UserId::new_v4())
}

fn owned(user: &UserActor) -> ServerAccess {
    ServerAccess::of(user.id)
}

fn subuser(permissions: &[S]) -> ServerAccess {
    ServerAccess {
        subuser: Some(set(permissions)),
        ..foreign()
    }
}

/// Few permissions of each kind, so that intersections show.
fn narrow() -> ApiKeyScope {
    ApiKeyScope {
        user: set(&[U::ServersRead]),
        admin: set(&[A::NodesRead]),
        server: set(&[S::ControlReadConsole, S::ControlStart, S::FilesRead]),
    }
}

/// Everybody who may ask for something on a server, with what they have to do with it.
fn cast() -> Vec<(&'static str, Actor, ServerAccess)> {
    let mut cast: Vec<(&'static str, Actor, ServerAccess)> = Vec::new();
    let mut add = |name, user: UserActor, access: fn(&UserActor) -> ServerAccess| {
        let access = access(&user);
        cast.push((name, user.into(), access));
    };
    let stranger = |_: &UserActor| foreign();
    let console = |_: &UserActor| {
        subuser(&[
            S::ControlReadConsole,
            S::ControlConsole,
            S::ControlStart,
            S::FilesSftp,
        ])
    };

    add("stranger", person(), stranger);
    add("owner", person(), owned);
    add(
        "owner, suspended",
        UserActor {
            suspended: true,
            ..person()
        },
        owned,
    );
    add(
        "owner, second factor missing",
        UserActor {
            two_factor: TwoFactor::Missing,
            ..person()
        },
        owned,
    );
    add("owner, narrow key", key(person(), narrow()), owned);
    add(
        "owner, key without server permissions",
        key(
            person(),
            ApiKeyScope {
                server: PermissionSet::EMPTY,
                ..ApiKeyScope::ALL
            },
        ),
        owned,
    );
    add("owner of a server being deleted", person(), |u| {
        ServerAccess {
            deleting: true,
            ..owned(u)
        }
    });
    add("subuser for the console", person(), console);
    add(
        "subuser for the console, narrow key",
        key(person(), narrow()),
        console,
    );
    add("subuser without permissions", person(), |_| subuser(&[]));
    add("root administrator", admin(), stranger);
    add(
        "root administrator of a server being deleted",
        admin(),
        |_| ServerAccess {
            deleting: true,
            ..foreign()
        },
    );
    let weak = role(&[A::NodesRead], &[]).role;
    add(
        "root administrator with a role without servers.read",
        UserActor {
            role: weak,
            ..admin()
        },
        stranger,
    );
    add(
        "root administrator, full key",
        key(admin(), ApiKeyScope::ALL),
        stranger,
    );
    add(
        "root administrator, narrow key",
        key(admin(), narrow()),
        stranger,
    );
    add(
        "root administrator, narrow key with servers.read",
        key(
            admin(),
            ApiKeyScope {
                admin: set(&[A::ServersRead]),
                ..narrow()
            },
        ),
        stranger,
    );
    let viewer = || role(&[A::ServersRead], &[S::ControlReadConsole, S::FilesRead]);
    add("role with servers.read", viewer(), stranger);
    add("role with servers.read, owner", viewer(), owned);
    add(
        "role with servers.read, narrow key",
        key(viewer(), narrow()),
        stranger,
    );
    add(
        "role without servers.read",
        role(&[A::NodesRead], &[S::ControlStart]),
        stranger,
    );
    add(
        "role without servers.read, subuser for the console",
        role(&[], &[S::ControlRestart]),
        console,
    );
    add(
        "owner impersonated with a narrow key",
        UserActor {
            impersonator: Some(UserId::new_v4()),
            ..key(person(), narrow())
        },
        owned,
    );
    cast.push(("anonymous", Actor::Anonymous, foreign()));
    cast.push(("node", Actor::Node(NodeId::new_v4()), foreign()));
    cast.push(("panel itself", Actor::System, foreign()));
    cast
}

#[test]
fn everybodys_rights_are_as_printed() {
    fn say(set: PermissionSet<S>) -> String {
        let out = PermissionSet::<S>::ALL.without(set);
        match (set.len(), out.len()) {
            (0, _) => "none".to_owned(),
            (_, 0) => "all".to_owned(),
            _ => set.to_string(),
        }
    }
    fn words(result: Result<Vec<&'static str>, Denial>) -> String {
        match result {
            Ok(words) if words.len() > 40 => {
                let own = words
                    .iter()
                    .filter(|w| w.parse::<S>().is_err())
                    .copied()
                    .collect::<Vec<_>>()
                    .join(", ");
                format!("{} words, among them: {own}", words.len())
            }
            Ok(words) => words.join(", "),
            Err(denial) => format!("no: {denial}"),
        }
    }

    let streams = Streams {
        installation: true,
        transfer: false,
    };
    let mut table = String::new();
    for (name, actor, access) in cast() {
        let held = server_permissions(&actor, &access);
        writeln!(table, "{name}").unwrap();
        writeln!(
            table,
            "    sees it        {}",
            see_server(&actor, &access)
                .err()
                .map_or("yes".to_owned(), |d| format!("no: {d}"))
        )
        .unwrap();
        writeln!(table, "    server         {}", say(held)).unwrap();
        writeln!(
            table,
            "    administration {} permissions",
            permissions::<A>(&actor).len()
        )
        .unwrap();
        writeln!(
            table,
            "    account        {} permissions",
            permissions::<U>(&actor).len()
        )
        .unwrap();
        for (label, flavour) in [("calagopus", Flavour::Calagopus), ("go", Flavour::Pelican)] {
            writeln!(
                table,
                "    {label:<9} socket {}",
                words(websocket_permissions(&actor, &access, flavour, streams))
            )
            .unwrap();
            writeln!(
                table,
                "    {label:<9} sftp   {}",
                words(sftp_permissions(&actor, &access, flavour))
            )
            .unwrap();
        }
    }
    expect_file!["snapshot.txt"].assert_eq(&table);
}

#[test]
fn a_daemon_is_never_told_more_than_the_panel_allows() {
    let known = ["websocket.connect", "meta.calagopus"];
    for (name, actor, access) in cast() {
        let held = server_permissions(&actor, &access);
        for flavour in Flavour::ALL {
            let streams = Streams {
                installation: false,
                transfer: false,
            };
            let socket =
                websocket_permissions(&actor, &access, flavour, streams).unwrap_or_default();
            let sftp = sftp_permissions(&actor, &access, flavour).unwrap_or_default();
            for word in socket
                .into_iter()
                .chain(sftp)
                .filter(|w| !known.contains(w))
            {
                if word.starts_with("admin.") {
                    assert!(
                        actor == Actor::System || actor.user().is_some_and(|u| u.admin),
                        "{name}: {word}"
                    );
                    continue;
                }
                let plural = word
                    .replace("file.", "files.")
                    .replace("backup.", "backups.");
                let permission: S = plural.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
                assert!(held.contains(permission), "{name}: {word}");
            }
        }
    }
}

#[test]
fn a_key_never_adds_anything() {
    let scopes = [ApiKeyScope::default(), narrow(), ApiKeyScope::ALL];
    for (name, actor, access) in cast() {
        let Actor::User(user) = &actor else { continue };
        if user.scope().is_some() {
            continue;
        }
        for scope in scopes {
            let with_key: Actor = key((**user).clone(), scope).into();
            let held = server_permissions(&with_key, &access);
            assert!(
                held.is_subset(server_permissions(&actor, &access) & scope.server),
                "{name}"
            );
            assert!(
                permissions::<A>(&with_key).is_subset(permissions::<A>(&actor) & scope.admin),
                "{name}"
            );
            assert!(permissions::<U>(&with_key).is_subset(scope.user), "{name}");
            assert!(
                visible(&actor, &access) || !visible(&with_key, &access),
                "{name}"
            );
        }
    }
}

#[test]
fn denials_in_the_right_order() {
    let access = subuser(&[S::ControlStart]);
    let ask = |actor: Actor, access: &ServerAccess| {
        may_on_server(&actor, access, S::FilesRead).map(|_| ())
    };
    assert_eq!(ask(Actor::Anonymous, &access), Err(Denial::Anonymous));
    assert_eq!(
        ask(Actor::Node(NodeId::new_v4()), &access),
        Err(Denial::Anonymous)
    );
    assert_eq!(ask(person().into(), &foreign()), Err(Denial::Hidden));
    assert_eq!(
        ask(person().into(), &access),
        Err(Denial::Missing("files.read"))
    );
    assert_eq!(
        ask(
            UserActor {
                suspended: true,
                ..person()
            }
            .into(),
            &foreign()
        ),
        Err(Denial::Suspended)
    );
    assert_eq!(ask(Actor::System, &foreign()), Ok(()));
    assert_eq!(may(&Actor::System, A::NodesDelete), Ok(()));
    assert_eq!(
        may(&person().into(), A::NodesRead),
        Err(Denial::Missing("nodes.read"))
    );
    assert_eq!(may(&person().into(), U::AccountEmail), Ok(()));
    assert_eq!(
        may(&key(person(), narrow()).into(), U::AccountEmail),
        Err(Denial::Missing("account.email"))
    );
    let lacking: Actor = UserActor {
        two_factor: TwoFactor::Missing,
        ..admin()
    }
    .into();
    assert_eq!(may(&lacking, A::NodesRead), Err(Denial::TwoFactorRequired));
    assert!(not_suspended(&lacking).is_ok() && signed_in(&lacking).is_ok());
}
