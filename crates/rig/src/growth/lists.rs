//! The lists that are measured, and what they must say.

use super::Person;

/// A kind of list.
pub(super) struct List {
    pub(super) name: &'static str,
    /// Where the list is, for the `n`th request of a person.
    pub(super) path: fn(&Person, i64, Ends) -> String,
    /// SQL that counts what the list has, with the person's id for `{user}`, their server's for `{server}` and the search's number
    /// for `{n}`.
    counted: &'static str,
    /// Whether only administrators see it.
    pub(super) admin: bool,
}

/// The last pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) servers: i64,
    pub(super) log: i64,
}

const WORDS: [&str; 4] = ["castle", "harbour", "quarry", "silent"];
const AREAS: [&str; 4] = ["suspend", "user:", "create", "settings"];

fn in_turn(texts: [&'static str; 4], n: i64) -> &'static str {
    usize::try_from(n % 4).map_or(texts[0], |n| texts[n])
}

const MINE: &str = "SELECT count(*) FROM servers WHERE deleting_at IS NULL AND (owner_id = '{user}' OR id IN \
                    (SELECT server_id FROM subusers WHERE user_id = '{user}'))";
pub(super) const ALL: &str = "SELECT count(*) FROM servers";
pub(super) const LOG: &str = "SELECT count(*) FROM activities WHERE scope = 'admin'";

pub(super) const LISTS: &[List] = &[
    List {
        name: "client list",
        path: |_, _, _| "/api/client/servers".to_owned(),
        counted: MINE,
        admin: false,
    },
    List {
        name: "client search",
        path: |_, n, _| format!("/api/client/servers?search={}", in_turn(WORDS, n)),
        counted: "SELECT count(*) FROM servers WHERE name ILIKE '%{word}%' AND (owner_id = '{user}' OR id IN \
                  (SELECT server_id FROM subusers WHERE user_id = '{user}'))",
        admin: false,
    },
    List {
        name: "admin list, first page",
        path: |_, _, _| "/api/admin/servers".to_owned(),
        counted: ALL,
        admin: true,
    },
    List {
        name: "admin list, last page",
        path: |_, _, ends| format!("/api/admin/servers?page={}", ends.servers),
        counted: ALL,
        admin: true,
    },
    List {
        name: "admin list, any page",
        path: |_, n, ends| format!("/api/admin/servers?page={}", 1 + n * 37 % ends.servers),
        counted: ALL,
        admin: true,
    },
    List {
        name: "admin search, number",
        path: |_, n, _| format!("/api/admin/servers?search={}", 100 + n),
        counted: "SELECT count(*) FROM servers WHERE name ILIKE '%{number}%' OR \
                  (length('{number}') >= 4 AND id::text LIKE '{number}%')",
        admin: true,
    },
    List {
        name: "admin search, word",
        path: |_, n, _| {
            format!(
                "/api/admin/servers?search={}%20{}",
                in_turn(WORDS, n),
                1 + n % 99
            )
        },
        counted: "SELECT count(*) FROM servers WHERE name ILIKE '%{word} {part}%'",
        admin: true,
    },
    List {
        name: "others' servers",
        path: |_, _, _| "/api/client/servers?other=true".to_owned(),
        counted: "SELECT count(*) FROM servers WHERE owner_id <> '{user}' AND id NOT IN \
                  (SELECT server_id FROM subusers WHERE user_id = '{user}')",
        admin: true,
    },
    List {
        name: "users, first page",
        path: |_, _, _| "/api/admin/users".to_owned(),
        counted: "SELECT count(*) FROM users",
        admin: true,
    },
    List {
        name: "users, search",
        path: |_, n, _| format!("/api/admin/users?search=player{}", 10 + n),
        counted: "SELECT count(*) FROM users WHERE username LIKE '%player{tens}%'",
        admin: true,
    },
    List {
        name: "account activity",
        path: |_, _, _| "/api/client/account/activity".to_owned(),
        counted: "SELECT count(*) FROM activities WHERE scope = 'user' AND user_id = '{user}'",
        admin: false,
    },
    List {
        name: "server activity",
        path: |person, _, _| {
            let server = person.server.as_deref().unwrap_or_default();
            format!("/api/client/servers/{server}/activity")
        },
        counted: "SELECT count(*) FROM activities WHERE server_id = '{server}'",
        admin: false,
    },
    List {
        name: "server activity, search",
        path: |person, _, _| {
            let server = person.server.as_deref().unwrap_or_default();
            format!("/api/client/servers/{server}/activity?search=power")
        },
        counted: "SELECT count(*) FROM activities WHERE server_id = '{server}' AND event LIKE '%power%'",
        admin: false,
    },
    List {
        name: "admin activity, first page",
        path: |_, _, _| "/api/admin/activity".to_owned(),
        counted: LOG,
        admin: true,
    },
    List {
        name: "admin activity, last page",
        path: |_, _, ends| format!("/api/admin/activity?page={}", ends.log),
        counted: LOG,
        admin: true,
    },
    List {
        name: "admin activity, any page",
        path: |_, n, ends| format!("/api/admin/activity?page={}", 1 + n * 997 % ends.log),
        counted: LOG,
        admin: true,
    },
    List {
        name: "admin activity, search",
        path: |_, n, _| format!("/api/admin/activity?search={}", in_turn(AREAS, n)),
        counted: "SELECT count(*) FROM activities WHERE scope = 'admin' AND event LIKE '%{area}%'",
        admin: true,
    },
];

impl List {
    /// SQL that counts what the `n`th request of a person must have been told.
    pub(super) fn expected(&self, person: &Person, n: i64) -> String {
        let number = (100 + n).to_string();
        let values = [
            ("{user}", person.id.as_str()),
            ("{server}", person.server.as_deref().unwrap_or_default()),
            ("{word}", in_turn(WORDS, n)),
            ("{area}", in_turn(AREAS, n)),
            ("{number}", number.as_str()),
            ("{tens}", &(10 + n).to_string()),
            ("{part}", &(1 + n % 99).to_string()),
        ];
        values
            .iter()
            .fold(self.counted.to_owned(), |sql, (name, value)| {
                sql.replace(name, value)
            })
    }
}
