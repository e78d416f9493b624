//! Rules for keys that users make for programs and for SFTP.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::validate::Invalid;

/// The most addresses and networks that a key may be limited to.
pub const MAX_ALLOWED_IPS: usize = 100;

/// Notes what is wrong with the name of a key of any kind.
pub fn check_name(name: &str, invalid: &mut Invalid) {
    invalid.name("name", name, 3..=31);
}

/// The addresses and networks that a key may be used from; empty means any. Notes what is wrong.
pub fn parse_allowed_ips<S: AsRef<str>>(texts: &[S], invalid: &mut Invalid) -> Vec<IpNet> {
    invalid.require(
        texts.len() <= MAX_ALLOWED_IPS,
        "allowed_ips",
        format!("must be at most {MAX_ALLOWED_IPS}"),
    );
    let mut networks = Vec::with_capacity(texts.len());
    for text in texts
        .iter()
        .take(MAX_ALLOWED_IPS)
        .map(|text| text.as_ref().trim())
    {
        let network = text
            .parse::<IpNet>()
            .ok()
            .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        match network {
            Some(network) => networks.push(network.trunc()),
            None => invalid.push(
                "allowed_ips",
                format!("{text:?} must be an IP address or a network like 192.0.2.0/24"),
            ),
        }
    }
    networks
}

/// Notes an expiry that has passed.
pub fn check_expires(expires: Option<DateTime<Utc>>, now: DateTime<Utc>, invalid: &mut Invalid) {
    invalid.require(
        expires.is_none_or(|at| at > now),
        "expires",
        "must be in the future",
    );
}

/// Whether a key limited to `allowed` (empty: to nothing) may be used from `ip`. IPv4 in IPv6 counts as IPv4.
#[must_use]
pub fn allows_ip(allowed: &[IpNet], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    allowed.is_empty() || allowed.iter().any(|network| network.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_addresses() {
        let mut invalid = Invalid::new();
        let allowed = parse_allowed_ips(&["192.0.2.77/24", "2001:db8::1"], &mut invalid);
        assert!(invalid.is_empty());
        assert_eq!(allowed[0].to_string(), "192.0.2.0/24");
        let from = |ip: &str| allows_ip(&allowed, ip.parse().unwrap());
        assert!(from("192.0.2.5") && from("::ffff:192.0.2.5") && from("2001:db8::1"));
        assert!(!from("192.0.3.5") && !from("2001:db8::2"));
        assert!(allows_ip(&[], "203.0.113.9".parse().unwrap()));

        parse_allowed_ips(&["everywhere", "192.0.2.0/40"], &mut invalid);
        assert_eq!(invalid.fields().len(), 2);
        let mut invalid = Invalid::new();
        assert_eq!(
            parse_allowed_ips(&vec!["192.0.2.1"; 101], &mut invalid).len(),
            100
        );
        assert_eq!(invalid.fields().len(), 1);
    }

    #[test]
    fn names_and_expiry() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        let mut invalid = Invalid::new();
        check_name("deploy", &mut invalid);
        check_expires(None, now, &mut invalid);
        check_expires(DateTime::from_timestamp(1_001, 0), now, &mut invalid);
        assert!(invalid.is_empty());
        check_name("ab", &mut invalid);
        check_expires(Some(now), now, &mut invalid);
        assert_eq!(invalid.fields().len(), 2);
    }
}
