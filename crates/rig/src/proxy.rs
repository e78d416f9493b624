//! What it takes the panel to pass a large file on while one side is slow.
//!
//! The file goes through the panel (`APP_ENABLE_WINGS_PROXY`) from a simulated node and back to it. The browser is the slow side of the
//! download and the node that of the upload (its options `--slow-rate` and `--slow-seconds` must say the same), so in both cases the fast side would fill
//! a panel that kept what it cannot pass on.

mod memory;
mod report;

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use reqwest::Body;
use reqwest::multipart::{Form, Part};

use crate::Outcome;
use crate::client::Client;
use crate::walk::{self, Life, Step};

use memory::{Sampler, resident_mib};

pub use report::{Passage, Report};

/// Sent at once.
static BLOCK: [u8; 64 * 1024] = [0; 64 * 1024];

/// What to pass on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The panel and its nodes, of which the first is used.
    pub place: walk::Plan,
    /// The panel's process.
    pub pid: u32,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes a second of the slow side.
    pub rate: u64,
    /// For how long it is slow.
    pub slow: Duration,
}

/// Passes the file on both ways; `tell` gets a line for each part.
///
/// # Errors
/// It did not arrive whole, or the panel's memory cannot be read.
pub async fn run(plan: &Plan, tell: impl Fn(&str)) -> Outcome<Report> {
    let admin = Client::new(&plan.place.panel, plan.place.patience)?;
    let mut life = Life::prepare(&plan.place, admin.clone()).await?;
    for step in [Step::Create, Step::Install] {
        tokio::time::timeout(plan.place.patience, life.take(step))
            .await
            .map_err(|_| format!("no server could be made: {} takes too long", step.name()))??;
    }
    // Without a bound on the whole: that is what takes long here.
    let browser = reqwest::Client::builder().build()?;
    // What is kept after the first of its kind is not growth.
    download(
        plan,
        &admin,
        &life,
        &browser,
        BLOCK.len() as u64,
        Duration::ZERO,
    )
    .await?;
    upload(&admin, &life, &browser, BLOCK.len() as u64).await?;
    let base = resident_mib(plan.pid)?;
    tell(&format!(
        "the panel holds {base:.1} MiB; downloading {} bytes",
        plan.size
    ));
    let down = measured(
        plan,
        "download",
        download(plan, &admin, &life, &browser, plan.size, plan.slow),
    )
    .await?;
    tell(&down.to_string());
    tell(&format!("uploading {} bytes", plan.size));
    let up = measured(plan, "upload", upload(&admin, &life, &browser, plan.size)).await?;
    tell(&up.to_string());
    Ok(Report::new(base, plan.size, vec![down, up]))
}

async fn measured(
    plan: &Plan,
    name: &'static str,
    passage: impl Future<Output = Outcome>,
) -> Outcome<Passage> {
    let sampler = Sampler::start(plan.pid);
    let begun = Instant::now();
    let done = passage.await;
    let seconds = begun.elapsed().as_secs_f64();
    let memory = sampler.end().await?;
    done.map_err(|error| format!("{name}: {error}"))?;
    Ok(Passage {
        name,
        seconds,
        peak_mib: memory.peak_mib,
        samples: memory.samples,
    })
}

/// Reads a file of the node through the panel, slowly at first.
async fn download(
    plan: &Plan,
    admin: &Client,
    life: &Life<'_>,
    browser: &reqwest::Client,
    size: u64,
    slow: Duration,
) -> Outcome {
    let path = life.client(&format!("/files/download?files=vast-{size}"));
    let url = link(admin, &path).await?;
    let answer = browser.get(url).send().await?.error_for_status()?;
    let mut content = answer.bytes_stream();
    let begun = Instant::now();
    let mut taken = 0;
    while let Some(piece) = content.next().await {
        taken += piece?.len() as u64;
        tokio::time::sleep(rest(taken, plan.rate, slow, begun.elapsed())).await;
    }
    if taken == size {
        Ok(())
    } else {
        Err(format!("{taken} of {size} bytes came").into())
    }
}

/// Sends a file to the node through the panel as fast as it is taken. The node refuses one that is not whole.
async fn upload(admin: &Client, life: &Life<'_>, browser: &reqwest::Client, size: u64) -> Outcome {
    let url = link(admin, &life.client("/files/upload")).await?;
    let blocks = stream::unfold(size, |left| async move {
        let most = usize::try_from(left).map_or(BLOCK.len(), |left| left.min(BLOCK.len()));
        let block = BLOCK.get(..most).filter(|block| !block.is_empty())?;
        Some((Ok::<_, std::io::Error>(block), left - block.len() as u64))
    });
    let part = Part::stream_with_length(Body::wrap_stream(blocks), size);
    let form = Form::new().part("files", part.file_name(format!("vast-{size}")));
    let answer = browser.post(url).multipart(form).send().await?;
    let status = answer.status();
    if status.is_success() {
        Ok(())
    } else {
        Err(format!("answered {status}: {}", answer.text().await?).into())
    }
}

async fn link(admin: &Client, path: &str) -> Outcome<String> {
    let found = admin.get(path).await?;
    let url = found["url"].as_str().ok_or("the panel gives no link")?;
    if url.contains("/wings-proxy/") {
        Ok(url.to_owned())
    } else {
        Err("the panel does not pass files on: it runs without APP_ENABLE_WINGS_PROXY".into())
    }
}

/// How long to rest after having taken so many bytes in so long, by somebody who is slow at first.
fn rest(taken: u64, rate: u64, slow: Duration, elapsed: Duration) -> Duration {
    if elapsed >= slow {
        return Duration::ZERO;
    }
    let nanos = u128::from(taken) * 1_000_000_000 / u128::from(rate.max(1));
    let due = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
    due.min(slow).saturating_sub(elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_side_keeps_its_rate_and_ends_it_in_time() {
        let seconds = Duration::from_secs;
        assert_eq!(rest(5000, 1000, seconds(10), seconds(2)), seconds(3));
        assert_eq!(rest(1000, 1000, seconds(10), seconds(2)), Duration::ZERO);
        assert_eq!(rest(50_000, 1000, seconds(10), seconds(2)), seconds(8));
        assert_eq!(rest(50_000, 1000, seconds(10), seconds(10)), Duration::ZERO);
        assert_eq!(
            rest(1, 1000, Duration::ZERO, Duration::ZERO),
            Duration::ZERO
        );
    }
}
