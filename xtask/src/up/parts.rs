//! The panel's own processes under `cargo xtask up`: anybody may kill one to see what the others make of it.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::guard::Guarded;

/// One that ends sooner than this after its start would only end again.
const LIVED: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(500);

/// A process that is started again when it ends.
pub(super) struct Part<'a> {
    name: &'static str,
    pub(super) process: Guarded,
    /// How long it stays away, so that its absence can be looked at.
    away: Duration,
    start: Box<dyn Fn() -> Outcome<Guarded> + 'a>,
    since: Instant,
    ended: Option<Instant>,
}

impl<'a> Part<'a> {
    pub(super) fn new(
        name: &'static str,
        away: Duration,
        process: Guarded,
        start: impl Fn() -> Outcome<Guarded> + 'a,
    ) -> Self {
        Self {
            name,
            process,
            away,
            start: Box::new(start),
            since: Instant::now(),
            ended: None,
        }
    }

    /// Starts it again when it has ended and was away long enough.
    ///
    /// # Errors
    ///
    /// When it ended at its start.
    fn look(&mut self) -> Outcome {
        let Some(ended) = self.ended else {
            if self.process.is_running() {
                return Ok(());
            }
            if self.since.elapsed() < LIVED {
                return Err(format!("{} ends at its start", self.name).into());
            }
            println!(
                "{} ended; it starts again in {} s",
                self.name,
                self.away.as_secs()
            );
            self.ended = Some(Instant::now());
            return Ok(());
        };
        if ended.elapsed() >= self.away {
            self.process = (self.start)()?;
            (self.since, self.ended) = (Instant::now(), None);
            println!("{} runs again", self.name);
        }
        Ok(())
    }
}

/// Keeps the parts running until an interrupt.
///
/// # Errors
///
/// When one cannot be kept running.
pub(super) fn keep(stop: &Receiver<()>, parts: &mut [Part<'_>]) -> Outcome {
    loop {
        // A closed channel means that nobody can interrupt us any more; then a part that cannot be kept still does.
        if stop.recv_timeout(LOOK).is_ok() {
            return Ok(());
        }
        for part in &mut *parts {
            part.look()?;
        }
    }
}
