//! Where a request really comes from, when proxies stand in between.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpMessage as _;
use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::X_FORWARDED_FOR;
use ipnet::IpNet;

/// The address of whoever sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address, IPv4 also where the connection maps it into IPv6.
    #[must_use]
    pub(crate) const fn ip(self) -> IpAddr {
        self.0
    }

    /// Who has sent a request that came in just now.
    #[must_use]
    pub(crate) fn find(request: &ServiceRequest, trusted: &[IpNet]) -> Self {
        let forwarded = request.headers().get_all(X_FORWARDED_FOR);
        let forwarded = forwarded.map(|line| line.to_str().unwrap_or(""));
        let peer = request.peer_addr().map(|peer| peer.ip());
        Self(resolve(peer, forwarded, trusted))
    }

    /// The client of this request.
    #[must_use]
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let found = request.extensions().get::<Self>().copied();
        found.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

/// The right-most address that is not a trusted proxy: everything left of it could have been made up by a client.
/// Without a peer the connection came over a Unix socket, which only a proxy on this machine can reach.
fn resolve<'a>(
    peer: Option<IpAddr>,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(&ip));
    let mut nearest = match peer.map(|ip| ip.to_canonical()) {
        Some(peer) if !is_trusted(peer) => return peer,
        Some(peer) => peer,
        None => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    let hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).collect();
    for hop in hops.into_iter().rev() {
        // What cannot be read was not written by a proxy that works, so nothing beyond it counts.
        let Some(ip) = parse_hop(hop.trim()) else {
            break;
        };
        nearest = ip;
        if !is_trusted(ip) {
            break;
        }
    }
    nearest
}

/// An address, with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let ip = hop.parse::<IpAddr>().ok();
    let ip = ip.or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|a| a.ip()));
    let ip = ip.or_else(|| {
        let inner = hop.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6)
    });
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn from(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|t| t.parse().unwrap()).collect();
        let peer = peer.parse().unwrap();
        resolve(Some(peer), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn the_header_of_a_stranger_is_ignored() {
        assert_eq!(
            from("192.0.2.9", &["1.1.1.1"], &["10.0.0.0/8"]),
            "192.0.2.9"
        );
        assert_eq!(from(PROXY, &["1.1.1.1"], &[]), PROXY);
    }

    #[test]
    fn the_right_most_untrusted_hop_counts() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(from(PROXY, &["1.1.1.1, 192.0.2.9"], trusted), "192.0.2.9");
        assert_eq!(
            from(PROXY, &["1.1.1.1, 192.0.2.9, 10.0.0.2"], trusted),
            "192.0.2.9"
        );
        assert_eq!(from(PROXY, &["1.1.1.1", "192.0.2.9"], trusted), "192.0.2.9");
        assert_eq!(from(PROXY, &["10.0.0.3, 10.0.0.2"], trusted), "10.0.0.3");
    }

    #[test]
    fn ports_brackets_and_mapped_addresses() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(from(PROXY, &["192.0.2.9:4711"], trusted), "192.0.2.9");
        assert_eq!(from(PROXY, &["[2001:db8::1]:4711"], trusted), "2001:db8::1");
        assert_eq!(from(PROXY, &["[2001:db8::1]"], trusted), "2001:db8::1");
        assert_eq!(
            from("::ffff:10.0.0.1", &["::ffff:192.0.2.9"], trusted),
            "192.0.2.9"
        );
    }

    #[test]
    fn nonsense_ends_the_walk() {
        let trusted = &["10.0.0.0/8"];
        assert_eq!(from(PROXY, &["192.0.2.9, unknown"], trusted), PROXY);
        assert_eq!(
            from(PROXY, &["192.0.2.9, _hidden, 10.0.0.2"], trusted),
            "10.0.0.2"
        );
        assert_eq!(from(PROXY, &[""], trusted), PROXY);
    }

    #[test]
    fn a_unix_socket_is_a_proxy_on_this_machine() {
        let forwarded = ["192.0.2.9"].into_iter();
        assert_eq!(resolve(None, forwarded, &[]).to_string(), "192.0.2.9");
    }
}
