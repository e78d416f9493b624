//! Rules for groups that users arrange their servers in.

use std::collections::HashSet;

use crate::id::ServerId;
use crate::validate::Invalid;

/// The most groups a user may have.
pub const MAX_GROUPS: usize = 25;

/// The most servers a group may have.
pub const MAX_SERVERS: usize = 100;

/// Notes what is wrong with the name of a group.
pub fn check_name(name: &str, invalid: &mut Invalid) {
    invalid.name("name", name, 2..=31);
}

/// The servers in their order, each once. Notes when they are too many.
pub fn check_servers(
    servers: impl IntoIterator<Item = ServerId>,
    invalid: &mut Invalid,
) -> Vec<ServerId> {
    let mut seen = HashSet::new();
    let mut each: Vec<ServerId> = servers
        .into_iter()
        .filter(|server| seen.insert(*server))
        .take(MAX_SERVERS + 1)
        .collect();
    invalid.require(
        each.len() <= MAX_SERVERS,
        "server_order",
        format!("must be at most {MAX_SERVERS}"),
    );
    each.truncate(MAX_SERVERS);
    each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_counts_once_and_keeps_its_place() {
        let mut invalid = Invalid::new();
        let [one, other] = [ServerId::new_v4(), ServerId::new_v4()];
        assert_eq!(
            check_servers([other, one, other], &mut invalid),
            [other, one]
        );
        let most = (0..MAX_SERVERS).map(|_| ServerId::new_v4());
        check_servers(most, &mut invalid);
        assert!(invalid.is_empty());
        let more = (0..=MAX_SERVERS).map(|_| ServerId::new_v4());
        check_servers(more, &mut invalid);
        assert_eq!(invalid.fields().len(), 1);
    }
}
