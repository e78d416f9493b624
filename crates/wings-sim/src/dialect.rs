//! Which daemon is played: its name, its version, and which routes it has.

use clap::ValueEnum;
use wings_client::Flavour;

/// The daemons that can be played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, ValueEnum)]
pub enum Dialect {
    /// Pterodactyl Wings 1.11 (Go).
    Pterodactyl,
    /// Pelican Wings 1.0 (Go).
    Pelican,
    /// Calagopus Wings 0.22.
    #[default]
    Calagopus,
    /// Calagopus Wings from 1.0 on, as far as it is known from its client.
    CalagopusNext,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Pterodactyl,
        Self::Pelican,
        Self::Calagopus,
        Self::CalagopusNext,
    ];

    /// The family it belongs to.
    #[must_use]
    pub const fn flavour(self) -> Flavour {
        match self {
            Self::Pterodactyl => Flavour::Pterodactyl,
            Self::Pelican => Flavour::Pelican,
            Self::Calagopus | Self::CalagopusNext => Flavour::Calagopus,
        }
    }

    /// The version it names: the one whose wire it has, marked.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::Pterodactyl => "1.11.11-simulated",
            Self::Pelican => "1.0.0-simulated",
            Self::Calagopus => crate::VERSION,
            Self::CalagopusNext => "1.2.0:simulated",
        }
    }

    /// Whether it is one of the two daemons that are written in Go.
    #[must_use]
    pub const fn is_go(self) -> bool {
        self.flavour().is_go()
    }

    /// How it names itself towards the panel, and Pelican in its answers too.
    #[must_use]
    pub fn user_agent(self, token_id: &str) -> String {
        let name = match self {
            Self::Pterodactyl => "Pterodactyl Wings",
            Self::Pelican => "Pelican Wings",
            Self::Calagopus | Self::CalagopusNext => "calagopus wings",
        };
        let version = self.version().split(':').next().unwrap_or_default();
        format!("{name}/v{version} (id:{token_id})")
    }

    /// What it accepts from the panel.
    pub(crate) const fn accept(self) -> &'static str {
        match self {
            Self::Pelican => "application/json",
            _ => "application/vnd.pterodactyl.v1+json",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Pterodactyl => 'P',
            Self::Pelican => 'L',
            Self::Calagopus => 'C',
            Self::CalagopusNext => 'N',
        }
    }

    /// Whether this daemon has such a route. Where two fit, the one with more words of its own counts.
    #[must_use]
    pub fn has_route(self, method: &str, path: &str) -> bool {
        ROUTES
            .iter()
            .filter(|route| route.method == method && route.meets(path))
            .min_by_key(|route| route.path.matches("{}").count())
            .is_some_and(|route| route.is_of(self))
    }
}

/// A route and the daemons that have it.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub method: &'static str,
    /// Path; `{}` stands for any one part.
    pub path: &'static str,
    /// `P`terodactyl, Pe`L`ican, `C`alagopus 0.22, Calagopus from 1.0 (`N`) on.
    who: &'static str,
}

impl Route {
    /// Whether this daemon has it.
    #[must_use]
    pub fn is_of(&self, dialect: Dialect) -> bool {
        self.who.contains(dialect.letter())
    }

    fn meets(&self, path: &str) -> bool {
        let mut asked = path.trim_end_matches('/').split('/');
        for part in self.path.split('/') {
            match asked.next() {
                Some(found) if part == found || (part == "{}" && !found.is_empty()) => {}
                _ => return false,
            }
        }
        asked.next().is_none()
    }
}

const fn route(method: &'static str, path: &'static str, who: &'static str) -> Route {
    Route { method, path, who }
}

/// What the daemons answer. Routes that a daemon has and the simulator does not play are not here: see [`NOT_PLAYED`].
pub const ROUTES: &[Route] = &[
    route("GET", "/api/system", "PLCN"),
    route("GET", "/api/system/overview", "CN"),
    route("GET", "/api/system/config", "CN"),
    route("POST", "/api/update", "PLCN"),
    route("GET", "/api/diagnostics", "L"),
    route("GET", "/api/system/ips", "L"),
    route("GET", "/api/system/utilization", "L"),
    route("GET", "/api/system/stats", "CN"),
    route("GET", "/api/system/stats/ws", "CN"),
    route("GET", "/api/system/docker/disk", "L"),
    route("DELETE", "/api/system/docker/image/prune", "L"),
    route("GET", "/api/system/logs", "CN"),
    route("GET", "/api/system/logs/{}", "CN"),
    route("POST", "/api/system/upgrade", "CN"),
    route("GET", "/api/system/restic/{}", "N"),
    route("POST", "/api/system/restic/{}", "N"),
    route("GET", "/api/ports/used", "N"),
    route("POST", "/api/deauthorize-user", "LCN"),
    route("GET", "/api/servers", "PLCN"),
    route("POST", "/api/servers", "PLCN"),
    route("POST", "/api/servers/power", "N"),
    route("GET", "/api/servers/utilization", "N"),
    route("GET", "/api/servers/{}", "PLCN"),
    route("DELETE", "/api/servers/{}", "PLCN"),
    route("GET", "/api/servers/{}/utilization", "N"),
    route("POST", "/api/servers/{}/power", "PLCN"),
    route("POST", "/api/servers/{}/commands", "PLCN"),
    route("GET", "/api/servers/{}/logs", "PLCN"),
    route("GET", "/api/servers/{}/install-logs", "L"),
    route("GET", "/api/servers/{}/logs/install", "CN"),
    route("POST", "/api/servers/{}/install", "PL"),
    route("POST", "/api/servers/{}/install/abort", "CN"),
    route("POST", "/api/servers/{}/reinstall", "PLCN"),
    route("POST", "/api/servers/{}/sync", "PLCN"),
    route("POST", "/api/servers/{}/script", "CN"),
    route("GET", "/api/servers/{}/version", "CN"),
    route("GET", "/api/servers/{}/schedules/{}", "CN"),
    route("POST", "/api/servers/{}/schedules/{}/abort", "CN"),
    route("POST", "/api/servers/{}/schedules/{}/trigger", "CN"),
    route("GET", "/api/servers/{}/ws", "PLCN"),
    route("POST", "/api/servers/{}/ws/deny", "PLCN"),
    route("POST", "/api/servers/{}/ws/permissions", "CN"),
    route("POST", "/api/servers/{}/ws/broadcast", "N"),
    route("GET", "/api/servers/{}/files/contents", "PLCN"),
    route("GET", "/api/servers/{}/files/list-directory", "PLCN"),
    route("GET", "/api/servers/{}/files/list", "CN"),
    route("PUT", "/api/servers/{}/files/rename", "PLCN"),
    route("POST", "/api/servers/{}/files/copy", "PLCN"),
    route("POST", "/api/servers/{}/files/copy-many", "N"),
    route("POST", "/api/servers/{}/files/copy-remote", "N"),
    route("POST", "/api/servers/{}/files/create-symlink", "N"),
    route("POST", "/api/servers/{}/files/sqlite-query", "N"),
    route("POST", "/api/servers/{}/files/write", "PLCN"),
    route("POST", "/api/servers/{}/files/create-directory", "PLCN"),
    route("POST", "/api/servers/{}/files/delete", "PLCN"),
    route("POST", "/api/servers/{}/files/compress", "PLCN"),
    route("POST", "/api/servers/{}/files/decompress", "PLCN"),
    route("POST", "/api/servers/{}/files/chmod", "PLCN"),
    route("GET", "/api/servers/{}/files/pull", "PLCN"),
    route("POST", "/api/servers/{}/files/pull", "PLCN"),
    route("DELETE", "/api/servers/{}/files/pull/{}", "PLCN"),
    route("POST", "/api/servers/{}/files/pull/query", "N"),
    route("GET", "/api/servers/{}/files/search", "L"),
    route("POST", "/api/servers/{}/files/search", "CN"),
    route("GET", "/api/servers/{}/files/fingerprints", "CN"),
    route("GET", "/api/servers/{}/files/largest-directories", "N"),
    route("GET", "/api/servers/{}/files/operations", "N"),
    route("DELETE", "/api/servers/{}/files/operations/{}", "CN"),
    route("GET", "/api/servers/{}/files/revisions", "N"),
    route("GET", "/api/servers/{}/files/revisions/{}", "N"),
    route("POST", "/api/servers/{}/backup", "PLCN"),
    route("POST", "/api/servers/{}/backup/{}/restore", "PLCN"),
    route("DELETE", "/api/servers/{}/backup/{}", "PLCN"),
    route("DELETE", "/api/servers/{}/deleteAllBackups", "L"),
    route("DELETE", "/api/backups/{}", "CN"),
    route("GET", "/api/backups/{}/query", "N"),
    route("POST", "/api/backups/{}/export", "N"),
    route("POST", "/api/servers/{}/transfer", "PLCN"),
    route("DELETE", "/api/servers/{}/transfer", "PLCN"),
    route("POST", "/api/transfers", "PLCN"),
    route("DELETE", "/api/transfers/{}", "PLCN"),
    route("GET", "/api/transfers", "N"),
    route("GET", "/api/transfers/capabilities", "N"),
    route("GET", "/download/file", "PLCN"),
    route("GET", "/download/backup", "PLCN"),
    route("GET", "/download/directory", "CN"),
    route("GET", "/download/files", "CN"),
    route("POST", "/upload/file", "PLCN"),
    route("HEAD", "/upload/file", "N"),
    route("PATCH", "/upload/file", "N"),
];

/// Routes of Calagopus from 1.0 on whose behaviour is not known well enough to be played.
pub const NOT_PLAYED: &[(&str, &str)] = &[
    ("GET", "/api/system/logs/{}/ws"),
    ("GET", "/api/servers/utilization/ws"),
    ("GET", "/api/servers/{}/ws/query"),
    ("GET", "/api/transfers/query"),
    ("POST", "/api/transfers/files"),
    ("GET", "/api/transfers/ws"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_by_its_shape() {
        let dialect = Dialect::Pelican;
        assert!(dialect.has_route("GET", "/api/servers/x/files/search"));
        assert!(!dialect.has_route("POST", "/api/servers/x/files/search"));
        assert!(!dialect.has_route("GET", "/api/servers//files/search"));
        assert!(!dialect.has_route("GET", "/api/servers/x/files"));
        assert!(!Dialect::Pterodactyl.has_route("GET", "/api/servers/x/files/search"));
    }
}
