//! Which daemon a node runs and what that daemon can do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::capability::Capabilities;

/// The three families of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flavour {
    /// Pterodactyl Wings (Go).
    Pterodactyl,
    /// Pelican Wings (Go).
    Pelican,
    /// Calagopus Wings (Rust).
    Calagopus,
}

impl Flavour {
    /// Lower-case name, as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pterodactyl => "pterodactyl",
            Self::Pelican => "pelican",
            Self::Calagopus => "calagopus",
        }
    }

    /// Whether it is one of the two Go daemons, which share most of their behaviour.
    #[must_use]
    pub const fn is_go(self) -> bool {
        !matches!(self, Self::Calagopus)
    }

    /// The flavour that a daemon's `User-Agent` names, in its requests to the panel or (Pelican) in its answers.
    #[must_use]
    pub fn of_user_agent(user_agent: &str) -> Option<Self> {
        let (name, _) = user_agent.split_once('/')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "pterodactyl wings" => Some(Self::Pterodactyl),
            "pelican wings" => Some(Self::Pelican),
            "calagopus wings" | "calagopus-rs wings" => Some(Self::Calagopus),
            _ => None,
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A daemon's version: `1.11.13`, `develop`, `0.22.12:eb45cb7`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(String);

impl Version {
    /// The text as the daemon gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before `:` and any suffix, as numbers; nothing for `develop`.
    #[must_use]
    pub fn numbers(&self) -> Option<(u64, u64, u64)> {
        let text = self.0.trim_start_matches('v');
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let mut parts = text.get(..end)?.split('.').map(u64::from_str);
        let mut next = || parts.next()?.ok();
        Some((next()?, next().unwrap_or(0), next().unwrap_or(0)))
    }

    /// The commit that Calagopus puts behind the number.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, commit)| commit)
    }
}

impl From<String> for Version {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of the daemon on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its family.
    pub flavour: Flavour,
    /// Its version.
    pub version: Version,
}

impl Profile {
    /// Whether it is a Calagopus from 1.0 on, which does more and names some things differently.
    #[must_use]
    pub fn is_new_generation(&self) -> bool {
        self.flavour == Flavour::Calagopus
            && self.version.numbers().is_some_and(|(major, ..)| major >= 1)
    }

    /// What this daemon can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        Capabilities::of(self.flavour, self.is_new_generation())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions_of_all_flavours() {
        assert_eq!(Version::from("1.11.13").numbers(), Some((1, 11, 13)));
        assert_eq!(Version::from("v1.12").numbers(), Some((1, 12, 0)));
        assert_eq!(
            Version::from("0.22.12:eb45cb7").numbers(),
            Some((0, 22, 12))
        );
        assert_eq!(Version::from("0.22.12:eb45cb7").commit(), Some("eb45cb7"));
        assert_eq!(Version::from("1.0.0-beta4").numbers(), Some((1, 0, 0)));
        assert_eq!(Version::from("develop").numbers(), None);
    }

    #[test]
    fn recognises_user_agents() {
        for (text, flavour) in [
            (
                "Pterodactyl Wings/v1.11.13 (id:x)",
                Some(Flavour::Pterodactyl),
            ),
            ("Pelican Wings/v1.0.0 (id:x)", Some(Flavour::Pelican)),
            ("calagopus wings/v0.22.12 (id:x)", Some(Flavour::Calagopus)),
            (
                "calagopus-rs wings/v0.20.0 (id:x)",
                Some(Flavour::Calagopus),
            ),
            ("curl/8.0", None),
            ("", None),
        ] {
            assert_eq!(Flavour::of_user_agent(text), flavour, "{text}");
        }
    }
}
