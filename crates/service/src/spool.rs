//! Final reports of nodes on this process's own disk, for the time that the primary is away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use panel_domain::actor::Actor;
use panel_domain::id::NodeId;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::app::App;
use crate::cx::RequestMeta;
use crate::error::Error;
use crate::remote::{Came, FinalReport};

/// The most reports that are kept. A thousand nodes make no more in an outage of hours.
const MOST: usize = 10_000;
/// How often it is looked whether what is kept can be delivered.
const INTERVAL: Duration = Duration::from_secs(1);
/// How the name of a report ends.
const WHOLE: &str = "json";
/// How the name ends of what is still being written.
const DRAFT: &str = "draft";
/// How the name ends of what could not be read or delivered and is left to the operator.
const FAILED: &str = "failed";

/// Where final reports are kept, and when.
#[derive(Debug, Clone)]
pub struct SpoolOptions {
    /// A folder that outlives the process. Nobody else needs to read it.
    pub directory: PathBuf,
    /// How long a report is held before it is kept. Daemons wait half a minute for an answer.
    pub hold: Duration,
}

/// A report as it lies on the disk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Who made it; its token was looked at when it came.
    pub(crate) node: NodeId,
    /// From where.
    pub(crate) ip: Option<IpAddr>,
    /// When.
    pub(crate) came_at: DateTime<Utc>,
    /// What it says.
    pub(crate) report: FinalReport,
}

/// The folder with the reports of this process.
pub(crate) struct Spool {
    options: SpoolOptions,
}

impl Spool {
    pub(crate) const fn new(options: SpoolOptions) -> Self {
        Self { options }
    }

    pub(crate) const fn hold(&self) -> Duration {
        self.options.hold
    }

    /// Writes a report so that a power cut does not take it away.
    ///
    /// # Errors
    /// The disk refuses, or too many are there already.
    pub(crate) async fn keep(&self, kept: Kept) -> io::Result<()> {
        let directory = self.options.directory.clone();
        blocking(move || write(&directory, &kept)).await?;
        metrics::counter!("final_reports_kept_total").increment(1);
        tracing::warn!("The primary is away: a final report of a node was kept on disk");
        Ok(())
    }

    /// The reports, the oldest first.
    async fn list(&self) -> io::Result<Vec<PathBuf>> {
        let directory = self.options.directory.clone();
        let mut whole = blocking(move || files(&directory, WHOLE)).await?;
        whole.sort();
        Ok(whole)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// The files in `directory` whose name ends so; none when there is no such folder.
fn files(directory: &Path, ending: &str) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

fn write(directory: &Path, kept: &Kept) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    if files(directory, WHOLE)?.len() >= MOST {
        return Err(io::Error::other(format!("{MOST} reports are kept already")));
    }
    let name = format!("{:020}-{}", kept.came_at.timestamp_micros(), Uuid::now_v7());
    let draft = directory.join(format!("{name}.{DRAFT}"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(&serde_json::to_vec(kept)?)?;
    file.sync_all()?;
    fs::rename(&draft, directory.join(format!("{name}.{WHOLE}")))?;
    File::open(directory)?.sync_all()
}

/// Removes a report that has been delivered. Somebody else may have done both.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Delivers what is kept, as long as this process runs.
pub(crate) async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    let Some(spool) = app.0.spool.as_ref() else {
        return;
    };
    loop {
        if let Err(error) = deliver_all(&app, spool).await {
            tracing::error!(%error, "The final reports in APP_SPOOL_DIRECTORY cannot be looked through");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            // An error means that whoever wanted this is gone.
            changed = stopped.changed() => if changed.is_err() || *stopped.borrow() { return },
        }
    }
}

/// Delivers the reports until one cannot be, for want of the primary.
async fn deliver_all(app: &App, spool: &Spool) -> io::Result<()> {
    let mut waiting = spool.list().await?;
    metrics::gauge!("final_reports_waiting").set(as_gauge(waiting.len()));
    waiting.reverse();
    while let Some(path) = waiting.pop() {
        match deliver(app, &path).await? {
            Delivery::Ended => blocking(move || remove(&path)).await?,
            Delivery::Failed => {
                blocking(move || fs::rename(&path, path.with_extension(FAILED))).await?;
            }
            Delivery::Waits => return Ok(()),
        }
        metrics::gauge!("final_reports_waiting").set(as_gauge(waiting.len()));
    }
    Ok(())
}

fn as_gauge(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// What became of a report.
enum Delivery {
    /// It counts, or was refused as it would have been when it came.
    Ended,
    /// Nobody can do anything with it but a person.
    Failed,
    /// The primary is away.
    Waits,
}

async fn deliver(app: &App, path: &Path) -> io::Result<Delivery> {
    let file = path.to_owned();
    let text = match blocking(move || fs::read(file)).await {
        // Another process with the same folder was quicker.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Delivery::Ended),
        other => other?,
    };
    let kept: Kept = match serde_json::from_slice(&text) {
        Ok(kept) => kept,
        Err(error) => {
            tracing::error!(%error, file = %path.display(), "A final report that was kept cannot be read; it is left there");
            return Ok(Delivery::Failed);
        }
    };
    let meta = RequestMeta {
        ip: kept.ip,
        ..RequestMeta::default()
    };
    let cx = app.cx(Actor::Node(kept.node), meta);
    Ok(
        match kept.report.deliver(&cx, Came::At(kept.came_at)).await {
            Ok(()) => {
                tracing::info!(node = %kept.node, "A final report that was kept has been delivered");
                Delivery::Ended
            }
            Err(Error::Unavailable { .. }) => Delivery::Waits,
            Err(error @ Error::Internal(_)) => {
                tracing::error!(%error, file = %path.display(), "A final report that was kept cannot be delivered; it is left there");
                Delivery::Failed
            }
            Err(error) => {
                tracing::warn!(%error, node = %kept.node, "A final report that was kept is refused");
                Delivery::Ended
            }
        },
    )
}
