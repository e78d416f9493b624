//! What this process knows of each client: its lease, and its own window for when Redis is away.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::HashMap;

use super::here::Window;
use super::lease::Lease;
use super::{Client, Decision, Grant, RateLimit};

/// Requests of different clients seldom meet at the same lock.
const SHARDS: usize = 16;

/// From this many clients of a shard on, those whose windows are over are looked for.
const SWEEP_FROM: usize = 1_000;

/// Beyond this many clients of a shard the memory matters more than the counts.
const MAX_CLIENTS: usize = 10_000;

/// A client of a bucket.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Name {
    bucket: &'static str,
    client: Owned,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Owned {
    Number(u128),
    Text(Box<str>),
}

#[derive(Default)]
struct Slot {
    lease: Lease,
    here: Window,
    taking: Arc<tokio::sync::Mutex<()>>,
}

struct Shard {
    slots: HashMap<Name, Slot>,
    sweep_at: usize,
}

/// All clients that this process counts.
pub(super) struct Table([Mutex<Shard>; SHARDS]);

impl Default for Table {
    fn default() -> Self {
        Self(std::array::from_fn(|_| {
            Mutex::new(Shard {
                slots: HashMap::default(),
                sweep_at: SWEEP_FROM,
            })
        }))
    }
}

impl Table {
    /// Spends one use of the lease that is held for the client. `None` asks for another lease.
    pub(super) fn spend(&self, limit: RateLimit<'_>, now: Duration) -> Option<Decision> {
        let mut shard = self.shard(limit.client);
        shard
            .slots
            .get_mut(&Name::of(limit))?
            .lease
            .spend(limit, now)
    }

    /// To be held while a lease is taken for the client, so that a burst takes one and not one each.
    pub(super) fn taking(
        &self,
        limit: RateLimit<'_>,
        now: Duration,
    ) -> Arc<tokio::sync::Mutex<()>> {
        let mut shard = self.shard(limit.client);
        Arc::clone(&shard.slot(limit, now).taking)
    }

    /// Keeps a lease for the client.
    pub(super) fn keep(&self, limit: RateLimit<'_>, lease: Lease, now: Duration) {
        self.shard(limit.client).slot(limit, now).lease = lease;
    }

    /// Takes one use out of this process's own window.
    pub(super) fn take_here(&self, limit: RateLimit<'_>, now: Duration) -> Grant {
        let mut shard = self.shard(limit.client);
        shard.slot(limit, now).here.take(limit, now)
    }

    fn shard(&self, client: Client<'_>) -> MutexGuard<'_, Shard> {
        let index = match client {
            Client::Number(number) => number
                .to_le_bytes()
                .iter()
                .fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte)),
            Client::Text(text) => text
                .bytes()
                .fold(0, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(byte)),
        };
        let shard = &self.0[usize::from(index) % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// What is known of the client, new and empty if nothing was.
    fn slot(&mut self, limit: RateLimit<'_>, now: Duration) -> &mut Slot {
        let name = Name::of(limit);
        if self.slots.len() >= self.sweep_at && !self.slots.contains_key(&name) {
            self.sweep(now);
        }
        self.slots.entry(name).or_default()
    }

    fn sweep(&mut self, now: Duration) {
        // Somebody holds the lock of one that is just taking a lease.
        self.slots.retain(|_, slot| {
            Arc::strong_count(&slot.taking) > 1 || slot.lease.lasts(now) || slot.here.lasts(now)
        });
        if self.slots.len() >= MAX_CLIENTS {
            // Their uses are lost to this process, which then takes new leases.
            self.slots.clear();
        }
        // Not at every new client, when few of them are over.
        self.sweep_at = SWEEP_FROM.max(self.slots.len() * 2).min(MAX_CLIENTS);
    }
}

impl Name {
    fn of(limit: RateLimit<'_>) -> Self {
        Self {
            bucket: limit.bucket,
            client: match limit.client {
                Client::Number(number) => Owned::Number(number),
                Client::Text(text) => Owned::Text(text.into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(client: u128) -> RateLimit<'static> {
        RateLimit {
            bucket: "client",
            client: Client::Number(client),
            budget: 360,
            window: Duration::from_secs(30),
        }
    }

    fn lease(limit: RateLimit<'_>) -> Lease {
        let grant = Grant {
            granted: 1,
            left: 1,
            ends_in: Duration::from_secs(10),
        };
        Lease::new(limit, grant, Duration::ZERO)
    }

    fn clients(table: &Table) -> usize {
        table
            .0
            .iter()
            .map(|shard| shard.lock().unwrap().slots.len())
            .sum()
    }

    #[test]
    fn clients_are_told_apart() {
        let table = Table::default();
        table.keep(limit(1), lease(limit(1)), Duration::ZERO);
        let other_bucket = RateLimit {
            bucket: "other",
            ..limit(1)
        };
        assert_eq!(table.spend(limit(2), Duration::ZERO), None);
        assert_eq!(table.spend(other_bucket, Duration::ZERO), None);
        let text = RateLimit {
            client: Client::Text("1"),
            ..limit(1)
        };
        assert_eq!(table.spend(text, Duration::ZERO), None);
        assert!(table.spend(limit(1), Duration::ZERO).unwrap().allowed);
    }

    #[test]
    fn the_number_of_clients_is_bounded_and_those_over_go_first() {
        let table = Table::default();
        let many = 4 * SHARDS * SWEEP_FROM;
        for client in 0..many {
            // No lease, no window: over at once.
            table.taking(limit(client as u128), Duration::ZERO);
        }
        assert!(clients(&table) <= SHARDS * SWEEP_FROM);
        for client in 0..2 * SHARDS * MAX_CLIENTS {
            let limit = limit(client as u128);
            table.keep(limit, lease(limit), Duration::ZERO);
        }
        assert!(clients(&table) <= SHARDS * MAX_CLIENTS);
        assert!(clients(&table) > MAX_CLIENTS / 2);
    }

    #[test]
    fn addresses_and_users_are_spread_over_the_shards() {
        let table = Table::default();
        for client in 0..1_000_u128 {
            // Networks of IPv6 clients differ in the upper half alone.
            table.taking(limit(client << 64), Duration::ZERO);
        }
        let largest = table
            .0
            .iter()
            .map(|shard| shard.lock().unwrap().slots.len())
            .max();
        assert!(largest < Some(200), "{largest:?}");
    }
}
