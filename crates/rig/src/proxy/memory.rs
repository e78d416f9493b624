//! Another process's memory, looked at while something happens.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::Outcome;

const EVERY: Duration = Duration::from_millis(100);

/// What was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) peak_mib: f64,
    pub(super) samples: u64,
}

/// Looks until it is told to end.
#[derive(Debug)]
pub(super) struct Sampler {
    end: oneshot::Sender<()>,
    looking: JoinHandle<Outcome<Seen>>,
}

impl Sampler {
    pub(super) fn start(pid: u32) -> Self {
        let (end, mut ended) = oneshot::channel();
        let looking = tokio::spawn(async move {
            let mut every = tokio::time::interval(EVERY);
            every.set_missed_tick_behavior(MissedTickBehavior::Skip);
            let mut seen = Seen::default();
            loop {
                seen.peak_mib = seen.peak_mib.max(resident_mib(pid)?);
                seen.samples += 1;
                tokio::select! {
                    _ = &mut ended => return Ok(seen),
                    _ = every.tick() => {}
                }
            }
        });
        Self { end, looking }
    }

    /// The most that was seen.
    pub(super) async fn end(self) -> Outcome<Seen> {
        // One that cannot read the memory has ended already and says so.
        self.end.send(()).ok();
        self.looking.await?
    }
}

/// The resident set of a process.
pub(super) fn resident_mib(pid: u32) -> Outcome<f64> {
    let file = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    resident(&status).ok_or_else(|| format!("{file} does not tell the memory").into())
}

/// As `statm` has it too, but in units that do not depend on the machine.
fn resident(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_mebibytes() {
        let status = "Name:\tpanel\nVmRSS:\t   30720 kB\nThreads:\t3\n";
        assert_eq!(
            resident(status).map(|mib| mib.to_string()),
            Some("30".into())
        );
        assert_eq!(resident("Name:\tpanel\n"), None);
    }
}
