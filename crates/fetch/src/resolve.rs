//! The look-up of names, which gives only addresses that may be connected to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::Blocked;

/// Why a look-up gives no address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("all addresses are blocked")]
    Blocked,
    #[error("the name is not known")]
    Unknown,
}

/// Looks up names and leaves out blocked addresses. The client connects to what this gives and to nothing else,
/// so there is no second look-up that could answer differently.
pub(crate) struct Guarded(pub(crate) Arc<Blocked>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let blocked = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            Ok(allowed(found, &blocked)?)
        })
    }
}

fn allowed(
    found: io::Result<impl Iterator<Item = SocketAddr>>,
    blocked: &Blocked,
) -> Result<Addrs, Refused> {
    let found: Vec<SocketAddr> = found.map_err(|_| Refused::Unknown)?.collect();
    if found.is_empty() {
        return Err(Refused::Unknown);
    }
    let allowed: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| !blocked.contains(address.ip()))
        .collect();
    if allowed.is_empty() {
        return Err(Refused::Blocked);
    }
    Ok(Box::new(allowed.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_addresses_are_given() {
        let blocked = Blocked::new(&["10.0.0.0/8".parse().unwrap()]);
        let look_up = |addresses: &[&str]| {
            let found: Vec<SocketAddr> = addresses.iter().map(|one| one.parse().unwrap()).collect();
            allowed(Ok(found.into_iter()), &blocked).map(Iterator::collect::<Vec<_>>)
        };
        let given = look_up(&["10.0.0.1:0", "192.0.2.1:0"]).unwrap();
        assert_eq!(given, ["192.0.2.1:0".parse().unwrap()]);
        assert!(matches!(look_up(&["10.0.0.1:0"]), Err(Refused::Blocked)));
        assert!(matches!(look_up(&[]), Err(Refused::Unknown)));
    }
}
