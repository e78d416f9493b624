//! How much of a node servers may be given.

use std::fmt;

/// Memory and disk, in MiB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amount {
    /// MiB of memory, a server's overhead included.
    pub memory: i64,
    /// MiB of disk.
    pub disk: i64,
}

/// What a node has, in MiB; 0 is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// MiB of memory; 0 is unlimited.
    pub memory: i64,
    /// MiB of disk; 0 is unlimited.
    pub disk: i64,
}

/// What is missing for one more server, in MiB; 0 where nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// MiB of memory missing.
    pub memory: i64,
    /// MiB of disk missing.
    pub disk: i64,
}

impl Capacity {
    /// Whether `more` fits beside what is `used`. To be asked under the lock of the node's row.
    ///
    /// A server without a limit (0) counts as nothing: nobody can say how much it will take.
    ///
    /// # Errors
    /// How much is missing.
    pub fn fits(&self, used: Amount, more: Amount) -> Result<(), Shortage> {
        let missing = |capacity: i64, used: i64, more: i64| {
            if capacity == 0 || more == 0 {
                0
            } else {
                used.saturating_add(more).saturating_sub(capacity).max(0)
            }
        };
        let shortage = Shortage {
            memory: missing(self.memory, used.memory, more.memory),
            disk: missing(self.disk, used.disk, more.disk),
        };
        if shortage.memory == 0 && shortage.disk == 0 {
            Ok(())
        } else {
            Err(shortage)
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.memory, self.disk) {
            (memory, 0) => write!(f, "the node lacks {memory} MiB of memory"),
            (0, disk) => write!(f, "the node lacks {disk} MiB of disk"),
            (memory, disk) => write!(
                f,
                "the node lacks {memory} MiB of memory and {disk} MiB of disk"
            ),
        }
    }
}

impl std::error::Error for Shortage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits() {
        let node = Capacity {
            memory: 1000,
            disk: 0,
        };
        let used = Amount {
            memory: 900,
            disk: 1 << 40,
        };
        assert_eq!(
            node.fits(
                used,
                Amount {
                    memory: 100,
                    disk: 5
                }
            ),
            Ok(())
        );
        let shortage = node
            .fits(
                used,
                Amount {
                    memory: 101,
                    disk: 5,
                },
            )
            .unwrap_err();
        assert_eq!(shortage.to_string(), "the node lacks 1 MiB of memory");
        assert_eq!(
            node.fits(
                Amount {
                    memory: 2000,
                    disk: 0
                },
                Amount::default()
            ),
            Ok(()),
            "nothing always fits"
        );

        let node = Capacity {
            memory: 10,
            disk: 20,
        };
        let shortage = node
            .fits(
                Amount::default(),
                Amount {
                    memory: i64::MAX,
                    disk: 21,
                },
            )
            .unwrap_err();
        assert_eq!(
            shortage,
            Shortage {
                memory: i64::MAX - 10,
                disk: 1
            }
        );
        assert!(
            shortage
                .to_string()
                .ends_with("of memory and 1 MiB of disk")
        );
        let shortage = node
            .fits(
                Amount::default(),
                Amount {
                    memory: 1,
                    disk: 25,
                },
            )
            .unwrap_err();
        assert_eq!(shortage.to_string(), "the node lacks 5 MiB of disk");
    }
}
