//! Stopping without losing work: what has begun is finished, what comes is sent elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use panel_service::Error;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::Instrument as _;

use crate::error::Answer;

/// What came of a change that did not end.
type Panicked = Box<dyn std::error::Error + Send + Sync>;

/// Whether the server is about to stop, and the requests and changes that must end before it does.
#[derive(Debug, Clone, Default)]
pub struct Drain {
    open: Arc<AtomicBool>,
    begun: Arc<AtomicBool>,
    begun_work: TaskTracker,
}

impl Drain {
    /// Makes readiness succeed: the sockets listen.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// Whether requests should come to this process now.
    #[must_use]
    pub fn wants_requests(&self) -> bool {
        self.open.load(Ordering::Relaxed) && !self.has_begun()
    }

    /// Makes readiness fail and answers close their connections, from now on.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Whether [`Drain::begin`] was called.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Does a change to its end even when the client hangs up in the middle: the server drops the handler then, and
    /// between a commit and what must follow it that would lose the second half.
    ///
    /// # Errors
    ///
    /// Those of the change; an internal error when it panicked.
    pub async fn run_to_end<T, E>(
        &self,
        change: impl Future<Output = Result<T, E>> + 'static,
    ) -> Answer<T>
    where
        T: 'static,
        E: Into<crate::error::Failure> + 'static,
    {
        match self.end_of(change).await {
            Ok(result) => result.map_err(Into::into),
            Err(panicked) => Err(Error::internal(panicked).into()),
        }
    }

    /// As [`run_to_end`](Self::run_to_end), for what has more to answer than success or failure. `None`: it panicked.
    pub async fn run<T: 'static>(&self, change: impl Future<Output = T> + 'static) -> Option<T> {
        self.end_of(change).await.ok()
    }

    async fn end_of<T: 'static>(
        &self,
        change: impl Future<Output = T> + 'static,
    ) -> Result<T, Panicked> {
        let (tell, told) = oneshot::channel();
        let task = self.spawn(Box::pin(async move {
            // Whoever asked may be gone.
            tell.send(change.await).ok();
        }));
        task.await.map_err(Box::new)?;
        Ok(told.await.map_err(Box::new)?)
    }

    // Not generic: the runtime's part of a task takes kilobytes of code for each kind of future.
    fn spawn(&self, change: Pin<Box<dyn Future<Output = ()>>>) -> JoinHandle<()> {
        let change = self.begun_work.track_future(change.in_current_span());
        actix_web::rt::spawn(change)
    }

    /// A request that has begun: the server does not stop before this is dropped.
    pub(crate) fn request(&self) -> TaskTrackerToken {
        self.begun_work.token()
    }

    /// How many requests and changes have not ended yet.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.begun_work.len()
    }

    /// Waits until every request and change has ended, for `patience` at most. Gives how many were still running.
    pub async fn finish(&self, patience: Duration) -> usize {
        self.begun_work.close();
        match tokio::time::timeout(patience, self.begun_work.wait()).await {
            Ok(()) => 0,
            Err(_) => self.unfinished(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[actix_web::test]
    async fn a_change_ends_although_its_request_is_dropped() {
        let drain = Drain::default();
        let (go, gone) = oneshot::channel::<()>();
        let (done, is_done) = oneshot::channel();
        let mut request = Box::pin(drain.run_to_end(async move {
            let result = gone.await.map_err(Error::internal);
            done.send(()).ok();
            result
        }));
        assert!(futures_util::poll!(&mut request).is_pending());
        drop(request);
        go.send(()).unwrap();
        is_done.await.unwrap();
        assert_eq!(drain.finish(Duration::from_secs(5)).await, 0);
    }
}
