//! Nodes: how they are reached, what they can hold, which daemon they run.

mod capacity;
mod feature;
mod placement;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

pub use capacity::{Amount, Capacity, Shortage};
pub use feature::NodeFeature;
pub use placement::{Candidate, placement};

use crate::validate::Invalid;

/// Which of the daemons a node runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// The one in Rust, which this panel knows best.
    Calagopus,
    /// The first one, in Go.
    Pterodactyl,
    /// The fork of the first one, in Go.
    Pelican,
}

impl Flavour {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Calagopus, Self::Pterodactyl, Self::Pelican];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calagopus => "calagopus",
            Self::Pterodactyl => "pterodactyl",
            Self::Pelican => "pelican",
        }
    }

    /// Whether it is one of the two written in Go, which share most habits.
    #[must_use]
    pub const fn is_go(self) -> bool {
        matches!(self, Self::Pterodactyl | Self::Pelican)
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names none of the daemons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be calagopus, pterodactyl or pelican")]
pub struct UnknownFlavour;

impl FromStr for Flavour {
    type Err = UnknownFlavour;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|flavour| flavour.as_str() == text)
            .ok_or(UnknownFlavour)
    }
}

/// What a node is created or changed to.
#[derive(Debug, Clone, Copy)]
pub struct NodeInput<'a> {
    /// Unique among nodes.
    pub name: &'a str,
    /// For administrators.
    pub description: Option<&'a str>,
    /// Where the panel reaches the daemon.
    pub url: &'a str,
    /// Where browsers reach the daemon, when that is somewhere else.
    pub public_url: Option<&'a str>,
    /// Host for SFTP, when it is not the one browsers use.
    pub sftp_host: Option<&'a str>,
    /// Port for SFTP; 2022 is usual.
    pub sftp_port: i64,
    /// MiB that servers may be given; 0 is unlimited.
    pub memory: i64,
    /// MiB that servers may be given; 0 is unlimited.
    pub disk: i64,
}

impl NodeInput<'_> {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        invalid.name("name", self.name, 1..=255);
        if let Some(description) = self.description {
            invalid.text("description", description, 1..=1024);
        }
        invalid.take("url", parse_url(self.url));
        if let Some(url) = self.public_url {
            invalid.take("public_url", parse_url(url));
        }
        if let Some(host) = self.sftp_host {
            let ok = host.chars().count() <= 255 && url::Host::parse(host).is_ok();
            invalid.require(
                ok,
                "sftp_host",
                "must be a host name or an address, without port",
            );
        }
        invalid.range("sftp_port", &self.sftp_port, 1..=65535);
        invalid.range("memory", &self.memory, 0..=crate::server::MAX_MIB);
        invalid.range("disk", &self.disk, 0..=crate::server::MAX_MIB);
    }
}

/// Why a text is not the address of a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL, or one of another scheme.
    #[error(
        "must be a URL that begins with https:// or http://, like https://node.example.com:8080"
    )]
    NotHttp,
    /// More than an address.
    #[error("must have nothing but host, port and path: no user name, no password, no ? and no #")]
    TooMuch,
    /// Over 255 characters.
    #[error("must be at most 255 characters long")]
    TooLong,
}

/// The address of a daemon: http or https, host, port and at most a path.
///
/// # Errors
/// When it is not one.
pub fn parse_url(text: &str) -> Result<Url, UrlError> {
    if text.chars().count() > 255 {
        return Err(UrlError::TooLong);
    }
    let url = Url::parse(text).map_err(|_| UrlError::NotHttp)?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(UrlError::NotHttp);
    }
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if bare {
        Ok(url)
    } else {
        Err(UrlError::TooMuch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_daemons() {
        for good in [
            "https://node.example.com:8080",
            "http://127.0.0.1:8080/",
            "https://[::1]/wings",
            "http://localhost",
        ] {
            assert!(parse_url(good).is_ok(), "{good}");
        }
        for bad in [
            "node.example.com:8080",
            "ftp://node.example.com",
            "https://",
            "",
            "javascript:alert(1)",
            "file:///etc",
        ] {
            assert_eq!(parse_url(bad), Err(UrlError::NotHttp), "{bad}");
        }
        for bad in [
            "https://user@node.example.com",
            "https://u:p@n.example.com",
            "http://n.example.com/?a",
            "http://n.example.com/#a",
        ] {
            assert_eq!(parse_url(bad), Err(UrlError::TooMuch), "{bad}");
        }
        assert_eq!(
            parse_url(&format!("https://{}", "a".repeat(250))),
            Err(UrlError::TooLong)
        );
    }

    #[test]
    fn everything_wrong_with_a_node_is_told() {
        let input = NodeInput {
            name: "",
            description: Some(""),
            url: "x",
            public_url: Some("y"),
            sftp_host: Some("a:22"),
            sftp_port: 0,
            memory: -1,
            disk: i64::MAX,
        };
        let mut invalid = Invalid::new();
        input.check(&mut invalid);
        let fields: Vec<_> = invalid.fields().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "name",
                "description",
                "url",
                "public_url",
                "sftp_host",
                "sftp_port",
                "memory",
                "disk"
            ]
        );

        let input = NodeInput {
            name: "node-1",
            description: None,
            url: "https://node.example.com:8080",
            public_url: None,
            sftp_host: Some("sftp.example.com"),
            sftp_port: 2022,
            memory: 0,
            disk: 0,
        };
        let mut invalid = Invalid::new();
        input.check(&mut invalid);
        assert_eq!(invalid.finish(), Ok(()));
    }

    #[test]
    fn flavours_by_name() {
        for flavour in Flavour::ALL {
            assert_eq!(flavour.to_string().parse(), Ok(flavour));
        }
        assert_eq!("wings".parse::<Flavour>(), Err(UnknownFlavour));
        assert!(Flavour::Pelican.is_go() && !Flavour::Calagopus.is_go());
    }
}
