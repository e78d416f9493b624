//! Announcements that the region is waited for to hear.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// What this process has announced and waits for.
pub(crate) struct Announcements {
    channel: String,
    numbers: AtomicU64,
    /// For each number as many permits as processes have answered.
    awaited: Mutex<HashMap<u64, Arc<Semaphore>>>,
    /// What this process says to itself is told as a time after this moment, which means nothing to others.
    began: Instant,
}

impl Announcements {
    /// Answers come to a channel of this process's own, under the one of all.
    pub(crate) fn new(channel_of_all: &str) -> Self {
        // Another number in each process.
        let process = RandomState::new().build_hasher().finish();
        Self {
            channel: format!("{channel_of_all}:{process:016x}"),
            numbers: AtomicU64::new(0),
            awaited: Mutex::default(),
            began: Instant::now(),
        }
    }

    /// Now, as this process says it to itself.
    pub(crate) fn moment(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// When this process said that to itself.
    pub(crate) fn when(&self, moment: u64) -> Instant {
        self.began + Duration::from_micros(moment)
    }

    /// Where answers come in.
    pub(crate) fn channel(&self) -> &str {
        &self.channel
    }

    /// Counts answers from now on, which has to be before anything is sent.
    pub(crate) fn expect(&self) -> Expected<'_> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let heard = Arc::new(Semaphore::new(0));
        self.awaited().insert(number, Arc::clone(&heard));
        Expected {
            announcements: self,
            number,
            heard,
        }
    }

    /// A process has answered.
    pub(crate) fn heard(&self, number: u64) {
        if let Some(heard) = self.awaited().get(&number) {
            heard.add_permits(1);
        }
    }

    fn awaited(&self) -> MutexGuard<'_, HashMap<u64, Arc<Semaphore>>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers to one announcement.
pub(crate) struct Expected<'a> {
    announcements: &'a Announcements,
    number: u64,
    heard: Arc<Semaphore>,
}

impl Expected<'_> {
    /// Where to answer, and under which number.
    pub(crate) fn answer_to(&self) -> (String, u64) {
        (self.announcements.channel.clone(), self.number)
    }

    /// Waits until `listeners` processes have answered; `false` for more than can be counted.
    pub(crate) async fn by(self, listeners: usize) -> bool {
        match u32::try_from(listeners) {
            Ok(listeners) => self.heard.acquire_many(listeners).await.is_ok(),
            Err(_) => false,
        }
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        self.announcements.awaited().remove(&self.number);
    }
}
