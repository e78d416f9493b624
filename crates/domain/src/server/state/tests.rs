use std::fmt::Write as _;

use expect_test::expect_file;

use super::*;

const READY: ServerState = ServerState {
    status: None,
    suspended: false,
    transferring: false,
    deleting: false,
    node_maintenance: false,
};

fn statuses() -> impl Iterator<Item = Option<ServerStatus>> {
    [None].into_iter().chain(ServerStatus::ALL.map(Some))
}

fn name(status: Option<ServerStatus>) -> &'static str {
    status.map_or("ready", ServerStatus::as_str)
}

#[test]
fn every_step_is_as_printed() {
    let mut table = String::new();
    for status in statuses() {
        writeln!(table, "{}", name(status)).unwrap();
        for report in Report::ALL {
            let step = match Step::after(status, report) {
                Step::To(next) => name(next),
                Step::Stay => "-",
                Step::Refused => "refused",
            };
            writeln!(table, "    {:<18}{step}", format!("{report:?}")).unwrap();
        }
    }
    expect_file!["steps.txt"].assert_eq(&table);
}

#[test]
fn every_action_in_every_state_is_as_printed() {
    let mut states: Vec<_> = statuses()
        .map(|status| (name(status), ServerState { status, ..READY }))
        .collect();
    states.extend([
        (
            "suspended",
            ServerState {
                suspended: true,
                ..READY
            },
        ),
        (
            "transferring",
            ServerState {
                transferring: true,
                ..READY
            },
        ),
        (
            "deleting",
            ServerState {
                deleting: true,
                ..READY
            },
        ),
        (
            "node in maintenance",
            ServerState {
                node_maintenance: true,
                ..READY
            },
        ),
    ]);
    let mut table = String::new();
    for (name, state) in states {
        writeln!(table, "{name}").unwrap();
        for action in ServerAction::ALL {
            let say = |admin| {
                state
                    .allows(action, admin)
                    .err()
                    .map_or("yes", Conflict::code)
            };
            let (user, admin) = (say(false), say(true));
            let admin = if admin == user {
                String::new()
            } else {
                format!(" (administrators: {admin})")
            };
            writeln!(table, "    {:<20}{user}{admin}", format!("{action:?}")).unwrap();
        }
    }
    expect_file!["actions.txt"].assert_eq(&table);
}

#[test]
fn reports_of_nodes_are_never_refused_and_a_second_one_changes_nothing() {
    use Report as R;
    for status in statuses() {
        for report in [
            R::InstallSucceeded,
            R::InstallFailed,
            R::RestoreSucceeded,
            R::RestoreFailed,
            R::Cleared,
        ] {
            match Step::after(status, report) {
                Step::To(next) => assert_eq!(Step::after(next, report), Step::Stay),
                Step::Stay => {}
                Step::Refused => panic!("{report:?} refused in {}", name(status)),
            }
        }
    }
}

#[test]
fn actions_agree_with_steps() {
    for status in statuses() {
        let state = ServerState { status, ..READY };
        for (action, report) in [
            (ServerAction::Reinstall, Report::InstallStarted),
            (ServerAction::Restore, Report::RestoreStarted),
        ] {
            let allowed = state.allows(action, false).is_ok();
            assert_eq!(
                allowed,
                matches!(Step::after(status, report), Step::To(_)),
                "{action:?} when {}",
                name(status)
            );
        }
    }
}

#[test]
fn the_way_out_always_works() {
    for status in statuses() {
        for bits in 0..8u8 {
            let state = ServerState {
                status,
                suspended: bits & 1 != 0,
                transferring: bits & 2 != 0,
                node_maintenance: bits & 4 != 0,
                deleting: false,
            };
            assert_eq!(state.allows(ServerAction::ClearState, true), Ok(()));
            assert_eq!(state.allows(ServerAction::View, false), Ok(()));
        }
        assert!(matches!(
            Step::after(status, Report::Cleared),
            Step::To(None) | Step::Stay
        ));
    }
}

#[test]
fn names() {
    for status in ServerStatus::ALL {
        assert_eq!(status.as_str().parse(), Ok(status));
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    assert_eq!("suspended".parse::<ServerStatus>(), Err(UnknownStatus));
}
