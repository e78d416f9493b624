//! What requests ask of a large database.

use chrono::DateTime;
use panel_domain::id::{EggId, NodeId, RoleId, ServerId, UserId};
use panel_storage::activities::{self, Log};
use panel_storage::allocations::{self, AllocationFilter};
use panel_storage::servers::{self, Scope, ServerFilter};
use panel_storage::users::{self, UserFilter};
use panel_storage::{Error, ReadConn, api_keys, eggs, nodes, sessions, stats, subusers};
use scoped_futures::{ScopedBoxFuture, ScopedFutureExt};

/// Something that a request asks of the database.
pub(super) type Ask =
    for<'c> fn(&'c mut ReadConn, &'c Known) -> ScopedBoxFuture<'c, 'c, Result<(), Error>>;

/// Whom and what it is about.
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) server: ServerId,
    pub(super) node: NodeId,
    pub(super) egg: EggId,
    pub(super) role: RoleId,
}

macro_rules! ask {
    (|$conn:ident, $known:ident| $body:expr) => {
        |$conn, $known| {
            async move {
                $body.await?;
                Ok(())
            }
            .scope_boxed()
        }
    };
}

fn listed(change: impl FnOnce(&mut ServerFilter)) -> ServerFilter {
    let mut filter = ServerFilter::default();
    change(&mut filter);
    filter
}

/// All kinds of lists, by name.
pub(super) const ASKED: &[(&str, Ask)] = &[
    (
        "servers of a user",
        ask!(|c, k| servers::list_details(c, Scope::User(k.user), &listed(|_| {}), 0, 25)),
    ),
    (
        "servers of a user, searched",
        ask!(|c, k| servers::list_details(
            c,
            Scope::User(k.user),
            &listed(|f| f.search = Some("castle 12".into())),
            0,
            25
        )),
    ),
    (
        "other servers",
        ask!(|c, k| servers::list_details(c, Scope::Others(k.user), &listed(|_| {}), 0, 25)),
    ),
    (
        "other servers, middle",
        ask!(|c, k| servers::list_details(c, Scope::Others(k.user), &listed(|_| {}), 5_000, 25)),
    ),
    (
        "all servers",
        ask!(|c, _k| servers::list_details(c, Scope::All, &listed(|_| {}), 0, 25)),
    ),
    (
        "all servers, middle",
        ask!(|c, _k| servers::list_details(c, Scope::All, &listed(|_| {}), 5_000, 25)),
    ),
    (
        "all servers, last",
        ask!(|c, _k| servers::list_details(c, Scope::All, &listed(|_| {}), 9_975, 25)),
    ),
    (
        "all servers, searched",
        ask!(|c, _k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.search = Some("castle 12".into())),
            0,
            25
        )),
    ),
    (
        "all servers, searched by id",
        ask!(|c, _k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.search = Some("4242".into())),
            0,
            25
        )),
    ),
    (
        "servers on a node",
        ask!(|c, k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.node_id = Some(k.node)),
            0,
            25
        )),
    ),
    (
        "servers of an owner",
        ask!(|c, k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.owner_id = Some(k.user)),
            0,
            25
        )),
    ),
    (
        "servers of an egg",
        ask!(|c, k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.egg_id = Some(k.egg)),
            0,
            25
        )),
    ),
    (
        "a page for a daemon",
        ask!(|c, k| servers::on_node(c, k.node, 0, 50)),
    ),
    (
        "a server",
        ask!(|c, k| servers::find_details(c, Scope::User(k.user), k.server)),
    ),
    (
        "ids of a user's servers",
        ask!(|c, k| servers::ids_of_user(c, k.user)),
    ),
    (
        "users",
        ask!(|c, _k| users::list(c, &UserFilter::default(), 0, 25)),
    ),
    (
        "users, last",
        ask!(|c, _k| users::list(c, &UserFilter::default(), 4_975, 25)),
    ),
    (
        "users, searched",
        ask!(|c, _k| users::list(
            c,
            &UserFilter {
                search: Some("player77".into()),
                role_id: None
            },
            0,
            25
        )),
    ),
    (
        "users of a role",
        ask!(|c, k| users::list(
            c,
            &UserFilter {
                search: None,
                role_id: Some(k.role)
            },
            0,
            25
        )),
    ),
    ("users, counted", ask!(|c, _k| users::count(c))),
    ("everything, counted", ask!(|c, _k| stats::counts(c))),
    (
        "a server's log",
        ask!(|c, k| activities::list(c, Log::Server(k.server), None, 0, 25)),
    ),
    (
        "a server's log, far",
        ask!(|c, k| activities::list(c, Log::Server(k.server), None, 1_100, 25)),
    ),
    (
        "a server's log, searched",
        ask!(|c, k| activities::list(c, Log::Server(k.server), Some("power"), 0, 25)),
    ),
    (
        "a server's log, of one user",
        ask!(|c, k| activities::list(c, Log::ServerBy(k.server, k.user), None, 0, 25)),
    ),
    (
        "a user's log",
        ask!(|c, k| activities::list(c, Log::User(k.user), None, 0, 25)),
    ),
    (
        "the administration's log",
        ask!(|c, _k| activities::list(c, Log::Admin, None, 0, 25)),
    ),
    (
        "the administration's log, middle",
        ask!(|c, _k| activities::list(c, Log::Admin, None, 2_000, 25)),
    ),
    (
        "the administration's log, last",
        ask!(|c, _k| activities::list(c, Log::Admin, None, 3_975, 25)),
    ),
    (
        "the administration's log, searched",
        ask!(|c, _k| activities::list(c, Log::Admin, Some("suspend"), 0, 25)),
    ),
    (
        "the administration's log, of one user",
        ask!(|c, k| activities::list(c, Log::AdminBy(k.user), None, 0, 25)),
    ),
    (
        "addresses of a node",
        ask!(|c, k| allocations::list(c, k.node, &AllocationFilter::default(), 0, 25)),
    ),
    (
        "addresses of a server",
        ask!(|c, k| allocations::list_of_server(c, k.server, None, 0, 25)),
    ),
    (
        "shares of a server",
        ask!(|c, k| subusers::list(c, k.server, None, 0, 25)),
    ),
    (
        "sessions of a user",
        ask!(|c, k| sessions::list(c, k.user, DateTime::UNIX_EPOCH, None, 0, 25)),
    ),
    (
        "keys of a user",
        ask!(|c, k| api_keys::list(c, k.user, None, 0, 25)),
    ),
    (
        "nodes",
        ask!(|c, _k| nodes::list(c, &nodes::NodeFilter::default(), 0, 25)),
    ),
    (
        "eggs",
        ask!(|c, _k| eggs::list(c, &eggs::EggFilter::default(), 0, 25)),
    ),
    (
        "what a node's servers were promised",
        ask!(|c, k| nodes::usage(c, k.node)),
    ),
];

/// Searches, by table, for a word that only the last rows in the order that is asked for have.
pub(super) const SEARCHES_AT_THE_END: [(&str, Ask); 2] = [
    (
        "servers",
        ask!(|c, _k| servers::list_details(
            c,
            Scope::All,
            &listed(|f| f.search = Some("warden".into())),
            0,
            25
        )),
    ),
    (
        "users",
        ask!(|c, _k| users::list(
            c,
            &UserFilter {
                search: Some("warden".into()),
                role_id: None
            },
            0,
            25
        )),
    ),
];
