//! Addresses and ports of nodes, as people write them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

/// The most allocations one request makes: as many as an address has ports.
pub const MAX_ALLOCATIONS: usize = 65_535;

const MAX_ADDRESSES: usize = 1_024;

/// Why a list of ports or addresses cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// A part that is neither a port nor a range of ports.
    #[error("{0:?} must be a port (1 to 65535) or a range like 25565-25600")]
    NotAPort(String),
    /// A range whose end is before its start.
    #[error("{0:?} must begin with its lower port")]
    Backwards(String),
    /// A part that is neither an address nor a network.
    #[error("{0:?} must be an IP address like 192.0.2.1 or a network like 192.0.2.0/28")]
    NotAnAddress(String),
    /// An address that no server can be reached at from outside of a request for it.
    #[error("{0} cannot be given to a server: it is a broadcast or multicast address")]
    Unusable(IpAddr),
    /// More than one request makes.
    #[error("must be at most {0} of them; make them in several steps")]
    TooMany(usize),
}

/// The ports in a text like `25565-25600, 27015`: separated by commas or spaces, in order, each once.
///
/// # Errors
/// At the first part that is not a port or a range.
pub fn parse_ports(text: &str) -> Result<Vec<u16>, ListError> {
    let mut ports = BTreeSet::new();
    for part in parts(text) {
        let port = |number: &str| match number.trim().parse::<u16>() {
            Ok(port) if port > 0 && !number.trim().starts_with('+') => Ok(port),
            _ => Err(ListError::NotAPort(part.to_owned())),
        };
        match part.split_once('-') {
            None => {
                ports.insert(port(part)?);
            }
            Some((first, last)) => {
                let (first, last) = (port(first)?, port(last)?);
                if first > last {
                    return Err(ListError::Backwards(part.to_owned()));
                }
                ports.extend(first..=last);
            }
        }
    }
    if ports.is_empty() {
        Err(ListError::Empty)
    } else {
        Ok(ports.into_iter().collect())
    }
}

/// The ports of a list of numbers, in order, each once.
///
/// # Errors
/// At the first number that is not a port.
pub fn ports_of(numbers: &[i64]) -> Result<Vec<u16>, ListError> {
    if numbers.len() > MAX_ALLOCATIONS {
        return Err(ListError::TooMany(MAX_ALLOCATIONS));
    }
    let ports: BTreeSet<u16> = numbers
        .iter()
        .map(|number| match u16::try_from(*number) {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(ListError::NotAPort(number.to_string())),
        })
        .collect::<Result<_, _>>()?;
    if ports.is_empty() {
        Err(ListError::Empty)
    } else {
        Ok(ports.into_iter().collect())
    }
}

/// The addresses in a text like `192.0.2.1, 198.51.100.0/29, 2001:db8::1`: separated by commas or spaces, in order, each once. A network
/// stands for its addresses that hosts can have.
///
/// # Errors
/// At the first part that is not an address or a network, or when there are more than 1024.
pub fn parse_addresses(text: &str) -> Result<Vec<IpAddr>, ListError> {
    let mut addresses = BTreeSet::new();
    for part in parts(text) {
        if let Ok(network) = part.parse::<IpNet>() {
            let bits = network.max_prefix_len() - network.prefix_len();
            // Counting comes before listing: a short prefix names more addresses than there is memory.
            if bits > 16 {
                return Err(ListError::TooMany(MAX_ADDRESSES));
            }
            for address in network.hosts() {
                addresses.insert(usable(address)?);
                if addresses.len() > MAX_ADDRESSES {
                    return Err(ListError::TooMany(MAX_ADDRESSES));
                }
            }
        } else {
            let address = part
                .parse()
                .map_err(|_| ListError::NotAnAddress(part.to_owned()))?;
            addresses.insert(usable(address)?);
        }
    }
    match addresses.len() {
        0 => Err(ListError::Empty),
        n if n > MAX_ADDRESSES => Err(ListError::TooMany(MAX_ADDRESSES)),
        _ => Ok(addresses.into_iter().collect()),
    }
}

/// That this many addresses with this many ports each are not too many for one request.
///
/// # Errors
/// When they are.
pub const fn check_count(addresses: usize, ports: usize) -> Result<(), ListError> {
    if addresses.saturating_mul(ports) > MAX_ALLOCATIONS {
        Err(ListError::TooMany(MAX_ALLOCATIONS))
    } else {
        Ok(())
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n', '\r', '\t'])
        .filter(|part| !part.is_empty())
}

fn usable(address: IpAddr) -> Result<IpAddr, ListError> {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    if broadcast || address.is_multicast() {
        Err(ListError::Unusable(address))
    } else {
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_ranges() {
        assert_eq!(
            parse_ports("25565-25567,27015, 25566\n80"),
            Ok(vec![80, 25565, 25566, 25567, 27015])
        );
        assert_eq!(parse_ports("1-65535").map(|ports| ports.len()), Ok(65_535));
        assert_eq!(parse_ports(" , "), Err(ListError::Empty));
        for bad in [
            "0", "65536", "a", "-5", "5-", "+5", "1-2-3", "5-x", "80;81", "0-5",
        ] {
            assert_eq!(
                parse_ports(bad),
                Err(ListError::NotAPort(bad.to_owned())),
                "{bad}"
            );
        }
        assert_eq!(
            parse_ports("90-80"),
            Err(ListError::Backwards("90-80".to_owned()))
        );
    }

    #[test]
    fn numbers_of_ports() {
        assert_eq!(ports_of(&[443, 80, 443]), Ok(vec![80, 443]));
        assert_eq!(ports_of(&[]), Err(ListError::Empty));
        for bad in [0, -1, 65_536, i64::MAX] {
            assert_eq!(
                ports_of(&[80, bad]),
                Err(ListError::NotAPort(bad.to_string()))
            );
        }
        assert_eq!(
            ports_of(&vec![80; 65_536]),
            Err(ListError::TooMany(MAX_ALLOCATIONS))
        );
    }

    #[test]
    fn addresses_and_networks() {
        let text = |list: &str| {
            parse_addresses(list).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            text("198.51.100.0/30, 192.0.2.1 2001:db8::1,0.0.0.0"),
            Ok([
                "0.0.0.0",
                "192.0.2.1",
                "198.51.100.1",
                "198.51.100.2",
                "2001:db8::1"
            ]
            .map(String::from)
            .to_vec())
        );
        assert_eq!(text("192.0.2.7/32"), Ok(vec!["192.0.2.7".to_owned()]));
        assert_eq!(text(""), Err(ListError::Empty));
        for bad in [
            "node.example.com",
            "192.0.2.1:80",
            "192.0.2.0/33",
            "300.1.1.1",
        ] {
            assert_eq!(
                text(bad),
                Err(ListError::NotAnAddress(bad.to_owned())),
                "{bad}"
            );
        }
        for many in ["0.0.0.0/0", "::/0", "10.0.0.0/16", "2001:db8::/64"] {
            assert_eq!(text(many), Err(ListError::TooMany(MAX_ADDRESSES)), "{many}");
        }
        for bad in ["255.255.255.255", "224.0.0.1", "ff02::1"] {
            assert!(
                matches!(parse_addresses(bad), Err(ListError::Unusable(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn the_product_counts() {
        assert_eq!(check_count(1, 65_535), Ok(()));
        assert!(check_count(2, 40_000).is_err());
        assert!(check_count(usize::MAX, 2).is_err());
    }
}
