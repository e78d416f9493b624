//! How busy a core was, as the kernel counts it.

use std::io;

/// The time of one core so far, in the kernel's ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticks {
    busy: u64,
    all: u64,
}

impl Ticks {
    /// What `/proc/stat` says of the core now.
    ///
    /// # Errors
    /// There is no such core, or no `/proc`.
    pub(crate) fn of(core: usize) -> io::Result<Self> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        Self::parse(&stat, core)
            .ok_or_else(|| io::Error::other(format!("/proc/stat does not tell of core {core}")))
    }

    fn parse(stat: &str, core: usize) -> Option<Self> {
        let line = stat
            .lines()
            .find_map(|line| line.strip_prefix(&format!("cpu{core} ")))?;
        // user nice system idle iowait irq softirq steal; what follows is contained in the first two.
        let ticks: Vec<u64> = line
            .split_whitespace()
            .take(8)
            .map_while(|field| field.parse().ok())
            .collect();
        let all = ticks.iter().sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Self {
            busy: all - idle,
            all,
        })
    }
}

/// How much of some time a core worked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Busy {
    busy: u64,
    all: u64,
}

impl Busy {
    /// Adds the time from `earlier` to `later`.
    pub(crate) fn add(&mut self, earlier: Ticks, later: Ticks) {
        self.busy += later.busy - earlier.busy;
        self.all += later.all - earlier.all;
    }

    /// The share, 0 to 1.
    pub(crate) fn share(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^52")]
        let share = self.busy as f64 / self.all.max(1) as f64;
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_is_all_but_idle_and_waiting_for_disks() {
        let before =
            "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 10 0 10 80 0 0 0 0 0 0\ncpu1 1 1 1 1 1 1 1 1 0 0";
        let after = "cpu0 60 0 30 100 5 0 5 0 0 0";
        let before = Ticks::parse(before, 0).unwrap();
        let after = Ticks::parse(after, 0).unwrap();
        let mut busy = Busy::default();
        busy.add(before, after);
        assert!((busy.share() - 0.75).abs() < 1e-9);
        assert_eq!(Ticks::parse("cpu0 1 1 1 1 1 1 1 1", 1), None);
    }
}
