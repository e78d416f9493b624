//! What a server is given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::node::Amount;
use crate::validate::Invalid;

/// The most MiB that any amount may have (1 PiB): far beyond any machine, and safe to turn into bytes.
pub const MAX_MIB: i64 = 1 << 30;

const MAX_CPU_PERCENT: i32 = 1_000_000;
const MAX_FEATURES: i32 = 1_000_000;

/// What a server's container gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerLimits {
    /// MiB of memory; 0 is unlimited.
    pub memory: i64,
    /// MiB on top of `memory` that the container gets and the owner does not see; counts on the node.
    pub memory_overhead: i64,
    /// MiB of swap on top of the memory; −1 is unlimited, 0 none.
    pub swap: i64,
    /// MiB of disk; 0 is unlimited.
    pub disk: i64,
    /// Weight of its block I/O against other servers' (0 to 1000); `None` leaves it to the daemon.
    pub io_weight: Option<i16>,
    /// Percent of one hardware thread; 0 is unlimited, 200 two threads.
    pub cpu: i32,
}

impl ServerLimits {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        invalid.range("memory", &self.memory, 0..=MAX_MIB);
        invalid.range("memory_overhead", &self.memory_overhead, 0..=MAX_MIB);
        invalid.range("swap", &self.swap, -1..=MAX_MIB);
        invalid.range("disk", &self.disk, 0..=MAX_MIB);
        invalid.range("cpu", &self.cpu, 0..=MAX_CPU_PERCENT);
        if let Some(weight) = self.io_weight {
            invalid.range("io_weight", &weight, 0..=1000);
        }
    }

    /// What it takes of its node's capacity.
    #[must_use]
    pub const fn on_node(&self) -> Amount {
        // Without a limit on the memory the overhead limits nothing either.
        let memory = if self.memory == 0 {
            0
        } else {
            self.memory.saturating_add(self.memory_overhead)
        };
        Amount {
            memory,
            disk: self.disk,
        }
    }
}

/// Notes what is wrong with a list of hardware threads that a server is bound to. Empty means any.
pub fn check_pinned_cpus(field: &str, cpus: &[i16], invalid: &mut Invalid) {
    invalid.require(
        cpus.iter().all(|cpu| (0..1024).contains(cpu)),
        field,
        "must be numbers of threads, 0 to 1023",
    );
    let distinct: BTreeSet<_> = cpus.iter().collect();
    invalid.require(
        distinct.len() == cpus.len(),
        field,
        "must not name a thread twice",
    );
}

/// How many of the things that users make themselves a server may have; 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureLimits {
    /// Allocations, the primary one included.
    pub allocations: i32,
    /// Databases, on shared hosts and of its own together.
    pub databases: i32,
    /// Backups.
    pub backups: i32,
    /// Schedules.
    pub schedules: i32,
}

/// One of the [`FeatureLimits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureLimit {
    /// Allocations.
    Allocations,
    /// Databases.
    Databases,
    /// Backups.
    Backups,
    /// Schedules.
    Schedules,
}

impl FeatureLimits {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        invalid.range("allocations", &self.allocations, 0..=MAX_FEATURES);
        invalid.range("databases", &self.databases, 0..=MAX_FEATURES);
        invalid.range("backups", &self.backups, 0..=MAX_FEATURES);
        invalid.range("schedules", &self.schedules, 0..=MAX_FEATURES);
    }

    /// Whether one more is allowed when there are `count`. To be asked under the lock of the server's row.
    #[must_use]
    pub fn has_room(&self, of: FeatureLimit, count: i64) -> bool {
        let limit = match of {
            FeatureLimit::Allocations => self.allocations,
            FeatureLimit::Databases => self.databases,
            FeatureLimit::Backups => self.backups,
            FeatureLimit::Schedules => self.schedules,
        };
        count < i64::from(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: ServerLimits = ServerLimits {
        memory: 1024,
        memory_overhead: 64,
        swap: 0,
        disk: 4096,
        io_weight: Some(500),
        cpu: 100,
    };

    #[test]
    fn bounds() {
        let mut invalid = Invalid::new();
        PLAIN.check(&mut invalid);
        ServerLimits {
            memory: 0,
            memory_overhead: 0,
            swap: -1,
            disk: 0,
            io_weight: None,
            cpu: 0,
        }
        .check(&mut invalid);
        assert_eq!(invalid.finish(), Ok(()));

        let mut invalid = Invalid::new();
        ServerLimits {
            memory: -1,
            memory_overhead: -1,
            swap: -2,
            disk: i64::MAX,
            io_weight: Some(1001),
            cpu: -1,
        }
        .check(&mut invalid);
        assert_eq!(invalid.fields().len(), 6);
        assert!(invalid.to_string().contains("swap: must be between -1 and"));
        assert!(MAX_MIB.checked_mul(1024 * 1024 * 2).is_some());
    }

    #[test]
    fn a_server_takes_its_overhead_too() {
        assert_eq!(
            PLAIN.on_node(),
            Amount {
                memory: 1088,
                disk: 4096
            }
        );
        assert_eq!(ServerLimits { memory: 0, ..PLAIN }.on_node().memory, 0);
    }

    #[test]
    fn zero_features_are_none() {
        let limits = FeatureLimits {
            allocations: 1,
            ..FeatureLimits::default()
        };
        assert!(limits.has_room(FeatureLimit::Allocations, 0));
        assert!(!limits.has_room(FeatureLimit::Allocations, 1));
        for of in [
            FeatureLimit::Databases,
            FeatureLimit::Backups,
            FeatureLimit::Schedules,
        ] {
            assert!(!limits.has_room(of, 0));
        }
        let mut invalid = Invalid::new();
        FeatureLimits {
            backups: -1,
            ..limits
        }
        .check(&mut invalid);
        assert_eq!(invalid.fields().len(), 1);
    }

    #[test]
    fn pinned_cpus() {
        let mut invalid = Invalid::new();
        check_pinned_cpus("pinned_cpus", &[0, 2, 1023], &mut invalid);
        assert!(invalid.is_empty());
        check_pinned_cpus("pinned_cpus", &[-1], &mut invalid);
        check_pinned_cpus("pinned_cpus", &[3, 3], &mut invalid);
        assert_eq!(invalid.fields().len(), 2);
    }
}
