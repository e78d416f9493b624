//! How the caches of this process learn what changed, here and elsewhere.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use panel_cache::{Cache, Change, LogPosition, Mark, News};
use panel_storage::consistency::{
    Invalidation, InvalidationSink, Revocations, SinkError, Watermark,
};
use panel_storage::{Commit, CommitObserver, Db, Position, Probe, in_background};
use tokio::sync::watch;

use crate::app::App;
use crate::cx::mark_of;

/// Tells the caches of what this process has just committed.
pub(crate) struct CommitFanOut {
    pub(crate) cache: Cache,
    pub(crate) revocations: Revocations,
}

impl CommitObserver for CommitFanOut {
    fn committed(&self, commit: &Commit) {
        for revocation in &commit.revocations {
            self.revocations.note(*revocation);
        }
        if commit.keys.is_empty() {
            return;
        }
        // This process forgets the keys here and now; the region is told by the task. The log brings the same keys again,
        // should that be lost.
        let change = Change {
            at: mark_of(commit.position),
            id: Some(commit.change),
        };
        tokio::spawn(self.cache.invalidate(&commit.keys, change));
    }
}

struct LogSink {
    db: Db,
    cache: Cache,
}

impl InvalidationSink for LogSink {
    fn apply<'a>(
        &'a self,
        invalidation: Invalidation<'a>,
        seen: Position,
    ) -> BoxFuture<'a, Result<(), SinkError>> {
        Box::pin(async move {
            let seen = mark_of(seen);
            match invalidation {
                Invalidation::Keys(keys) => {
                    let watermark = self.db.watermark().map_or(Mark::new(0, 0), mark_of);
                    let rows: Vec<_> = keys.iter().map(|row| (&row.key, row.change)).collect();
                    self.cache
                        .apply_log(&rows, LogPosition { watermark, seen })
                        .await;
                }
                Invalidation::Everything => {
                    self.cache.clear_local();
                    self.cache.distrust_before(seen);
                }
            }
            Ok(())
        })
    }

    fn came_to(&self, watermark: Position) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let watermark = mark_of(watermark);
            let position = LogPosition {
                watermark,
                seen: watermark,
            };
            self.cache.apply_log::<&str>(&[], position).await;
        })
    }
}

/// The tasks that keep a process consistent with the others. No background *job* is among them: they change nothing.
pub struct Background {
    tasks: tokio::task::JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl App {
    /// Reads the log of invalidations and the revocations once, then starts to follow them and the region's messages.
    pub async fn background(&self) -> Background {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = tokio::task::JoinSet::new();
        let parts = &self.0;
        if let Err(error) = parts.revocations.step().await {
            tracing::warn!(%error, "Revocations cannot be read yet; credentials are checked on the primary meanwhile");
        }
        let sink = LogSink {
            db: parts.db.clone(),
            cache: parts.cache.clone(),
        };
        let mut watermark = Watermark::new(parts.db.clone(), Arc::new(sink));
        if let Err(error) = watermark.step().await {
            tracing::warn!(%error, "The log of invalidations cannot be read yet; caches are not used meanwhile");
        }
        crate::limits::learn(&self.system()).await;
        tasks.spawn(in_background(watermark.run(until(stopped.clone()))));
        tasks.spawn(in_background(
            parts.revocations.clone().run(until(stopped.clone())),
        ));
        tasks.spawn(in_background(
            Probe::new(parts.db.clone()).run(until(stopped.clone())),
        ));
        let app = self.clone();
        let shutdown = until(stopped.clone());
        tasks.spawn(async move {
            let inner = &app.0;
            inner
                .cache
                .run(
                    |news| match news {
                        News::Listening => inner.recent_writes.listen(Instant::now()),
                        News::Heard { until } => inner.recent_writes.hear(until),
                        News::Deaf => inner.recent_writes.go_deaf(),
                        News::Wrote { principal, at } => {
                            let position = Position {
                                epoch: i64::try_from(at.epoch).unwrap_or(i64::MAX),
                                lsn: i64::try_from(at.lsn).unwrap_or(i64::MAX),
                            };
                            inner
                                .recent_writes
                                .note(principal, position, Instant::now());
                        }
                    },
                    shutdown,
                )
                .await;
        });
        tasks.spawn(in_background(crate::spool::run(
            self.clone(),
            stopped.clone(),
        )));
        let app = self.clone();
        tasks.spawn(in_background(async move {
            crate::auth::write_uses(app, stopped).await;
        }));
        Background { tasks, stop }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it whoever wanted the tasks.
    while !*stopped.borrow() {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}

impl Background {
    /// Stops the tasks and waits for them.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }
}
