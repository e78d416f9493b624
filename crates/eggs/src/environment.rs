//! The environment of server and install containers.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::Variable;

/// Names daemons set themselves, whatever the panel sends: their values win over variables of an egg.
pub(crate) const DAEMON_VARIABLES: [&str; 5] =
    ["TZ", "STARTUP", "SERVER_MEMORY", "SERVER_IP", "SERVER_PORT"];

/// An address a server listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// IP address as the node knows it.
    pub ip: String,
    /// Port.
    pub port: u16,
}

/// What is known of a server when its environment and configuration files are prepared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerFacts {
    /// The server.
    pub uuid: Uuid,
    /// Display name.
    pub name: String,
    /// The chosen startup command, with its placeholders.
    pub startup: String,
    /// The chosen container image.
    pub image: String,
    /// Short name of the location of the server's node.
    pub location: String,
    /// Primary allocation, when there is one.
    pub address: Option<Address>,
    /// MiB; 0 is unlimited.
    pub memory: i64,
    /// MiB; -1 is unlimited, 0 is none.
    pub swap: i64,
    /// MiB; 0 is unlimited.
    pub disk: i64,
    /// Percent of one core; 0 is unlimited.
    pub cpu: i64,
    /// Relative weight of disk access, where set.
    pub io_weight: Option<i64>,
    /// Cores the server is pinned to, such as `0,2-3`; empty for any.
    pub threads: String,
    /// How many allocations the owner may have.
    pub allocation_limit: i64,
    /// Time zone of the server; none leaves it to the node.
    pub timezone: Option<String>,
}

/// The value of every variable: the server's own, else the default. Values of unknown variables are left out.
pub fn effective_values<'a>(
    variables: impl IntoIterator<Item = &'a Variable>,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    variables
        .into_iter()
        .map(|variable| {
            let value = own
                .get(&variable.env_variable)
                .unwrap_or(&variable.default_value);
            (variable.env_variable.clone(), value.clone())
        })
        .collect()
}

/// The environment of a server's container.
///
/// `values` are the [`effective_values`]. The panel's own variables win over those of an egg: `STARTUP` (the
/// command unexpanded), `SERVER_MEMORY` (MiB, 0 for unlimited), `SERVER_IP`, `SERVER_PORT` (only with an
/// allocation), `TZ` (only with a time zone; with it `SERVER_TIMEZONE`, which Pelican's daemon reads instead),
/// `P_SERVER_UUID`, `P_SERVER_LOCATION`, `P_SERVER_ALLOCATION_LIMIT`. All values are text, as the Go daemons
/// print numbers as fractions.
pub fn server_environment(
    values: &BTreeMap<String, String>,
    facts: &ServerFacts,
) -> BTreeMap<String, String> {
    let own = own_variables(facts);
    // Two daemons turn names into upper case, so an egg's `startup` would meet the panel's `STARTUP`.
    let mut environment: BTreeMap<String, String> = values
        .iter()
        .filter(|(name, _)| !own.keys().any(|own| own.eq_ignore_ascii_case(name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    environment.extend(own);
    environment
}

/// The environment of the container that installs a server: the same the server gets.
pub fn install_environment(
    values: &BTreeMap<String, String>,
    facts: &ServerFacts,
) -> BTreeMap<String, String> {
    server_environment(values, facts)
}

/// The variables every server has, whatever its egg.
pub(crate) fn own_variables(facts: &ServerFacts) -> BTreeMap<String, String> {
    let mut own = BTreeMap::new();
    let mut set = |name: &str, value: String| own.insert(name.to_owned(), value);
    set("STARTUP", facts.startup.clone());
    set("SERVER_MEMORY", facts.memory.to_string());
    set("P_SERVER_UUID", facts.uuid.to_string());
    set("P_SERVER_LOCATION", facts.location.clone());
    set(
        "P_SERVER_ALLOCATION_LIMIT",
        facts.allocation_limit.to_string(),
    );
    if let Some(address) = &facts.address {
        set("SERVER_IP", address.ip.clone());
        set("SERVER_PORT", address.port.to_string());
    }
    if let Some(timezone) = &facts.timezone {
        set("TZ", timezone.clone());
        set("SERVER_TIMEZONE", timezone.clone());
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_panels_variables_win_in_every_spelling() {
        let facts = ServerFacts {
            startup: "./run {{PORT}}".to_owned(),
            memory: 1024,
            address: Some(Address {
                ip: "192.0.2.1".to_owned(),
                port: 25565,
            }),
            timezone: Some("Europe/Paris".to_owned()),
            location: "eu".to_owned(),
            ..ServerFacts::default()
        };
        let environment = server_environment(
            &map(&[
                ("startup", "rm"),
                ("SERVER_PORT", "1"),
                ("PORT", "2"),
                ("tz", "x"),
            ]),
            &facts,
        );
        let expected = map(&[
            ("PORT", "2"),
            ("P_SERVER_ALLOCATION_LIMIT", "0"),
            ("P_SERVER_LOCATION", "eu"),
            ("P_SERVER_UUID", "00000000-0000-0000-0000-000000000000"),
            ("SERVER_IP", "192.0.2.1"),
            ("SERVER_MEMORY", "1024"),
            ("SERVER_PORT", "25565"),
            ("SERVER_TIMEZONE", "Europe/Paris"),
            ("STARTUP", "./run {{PORT}}"),
            ("TZ", "Europe/Paris"),
        ]);
        assert_eq!(environment, expected);
        assert_eq!(
            install_environment(&map(&[("PORT", "2")]), &facts),
            expected
        );
    }

    #[test]
    fn without_an_allocation_or_a_time_zone_their_names_stay_free() {
        let environment =
            server_environment(&map(&[("SERVER_PORT", "7")]), &ServerFacts::default());
        assert_eq!(
            environment.get("SERVER_PORT").map(String::as_str),
            Some("7")
        );
        assert!(!environment.contains_key("TZ"));
    }
}
