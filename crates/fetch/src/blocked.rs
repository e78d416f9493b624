//! The networks nothing is fetched from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// A set of networks.
#[derive(Debug)]
pub struct Blocked(Vec<IpNet>);

impl Blocked {
    /// These networks.
    #[must_use]
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.to_vec())
    }

    /// Whether an address is in one of the networks, as it is or as the IPv4 address that it carries.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let carried = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => carried(address).map(IpAddr::V4),
        };
        self.0.iter().any(|network| {
            network.contains(&address) || carried.is_some_and(|address| network.contains(&address))
        })
    }
}

/// The IPv4 address that packets to an IPv6 address end at: mapped, compatible and translated forms (RFC 4291, RFC 7915), NAT64 (RFC 6052,
/// RFC 8215's local prefix) and 6to4 (RFC 3056).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let (high, low) = match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff)
        | (0, 0, 0, 0, 0xffff, 0)
        | (0x64, 0xff9b, 0, 0, 0, 0)
        | (0x64, 0xff9b, 1, ..) => (g, h),
        (0x2002, high, low, ..) => (high, low),
        _ => return None,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_in_an_ipv6_one_is_seen() {
        let blocked = Blocked::new(&["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for address in [
            "127.0.0.1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::127.0.0.1",
            "2002:7f00:1::",
            "fd12::1",
        ] {
            assert!(blocked.contains(address.parse().unwrap()), "{address}");
        }
        for address in ["128.0.0.1", "::ffff:128.0.0.1", "2001:db8::7f00:1"] {
            assert!(!blocked.contains(address.parse().unwrap()), "{address}");
        }
    }
}
