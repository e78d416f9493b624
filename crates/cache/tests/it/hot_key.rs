//! A key that everybody reads, at the moment when it is gone from all caches at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use panel_cache::{Cache, Key, Loaded, ManualTime, Options, Reader};
use panel_test_db::TestRedis;
use tokio::sync::watch;

use crate::support::{TTL, at, eventually, options, ready};

const READERS: usize = 2_000;

/// What may not be there, which is worth knowing too.
struct Perhaps;

impl Key for Perhaps {
    type Value = Option<String>;
    const KIND: &'static str = "perhaps";
    fn id(&self) -> String {
        "hot".to_owned()
    }
}

/// Two processes of a region, to whose databases nobody gets before all readers have asked.
struct Region {
    redis: TestRedis,
    time: Arc<ManualTime>,
    processes: [Cache; 2],
    loads: [Arc<AtomicUsize>; 2],
}

impl Region {
    async fn start() -> Self {
        let redis = TestRedis::start().await;
        let time = Arc::new(ManualTime::new());
        let process = || {
            ready(Options {
                time: time.clone(),
                local_ttl: Duration::from_secs(5),
                redis_budget: Duration::from_millis(500),
                ..options(Some(redis.url()))
            })
        };
        Self {
            processes: [process().await, process().await],
            loads: Default::default(),
            redis,
            time,
        }
    }

    /// Lets everybody ask both processes at once; how often each went to its database.
    async fn stampede(&self, found: Option<&str>) -> [usize; 2] {
        for loads in &self.loads {
            loads.store(0, Ordering::SeqCst);
        }
        let asked = Arc::new(AtomicUsize::new(0));
        let (open, gate) = watch::channel(false);
        let readers: Vec<_> = (0..READERS)
            .map(|index| {
                let cache = self.processes[index % 2].clone();
                let loads = Arc::clone(&self.loads[index % 2]);
                let (asked, mut gate) = (Arc::clone(&asked), gate.clone());
                let found = found.map(ToOwned::to_owned);
                tokio::spawn(async move {
                    asked.fetch_add(1, Ordering::SeqCst);
                    cache
                        .get_or_load(&Perhaps, TTL, Reader::Any, move || async move {
                            loads.fetch_add(1, Ordering::SeqCst);
                            gate.wait_for(|open| *open).await?;
                            Ok::<_, watch::error::RecvError>(Loaded::at(at(10), found))
                        })
                        .await
                })
            })
            .collect();
        eventually("all have asked", || async {
            asked.load(Ordering::SeqCst) == READERS
        })
        .await;
        open.send(true).unwrap();
        for reader in readers {
            assert_eq!(reader.await.unwrap().unwrap().as_deref(), found);
        }
        self.loads
            .each_ref()
            .map(|loads| loads.load(Ordering::SeqCst))
    }

    /// As if its time were over everywhere.
    async fn expire(&self) {
        self.time.advance(Duration::from_secs(6));
        self.redis.flush().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_process_loads_it_once() {
    let region = Region::start().await;
    for found in [Some("value"), None] {
        region.expire().await;
        let loads = region.stampede(found).await;
        assert!(loads.iter().all(|loads| *loads <= 1), "{loads:?}");
        assert!(loads.iter().sum::<usize>() >= 1);
        assert_eq!(region.stampede(found).await, [0, 0], "it is there again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_process_loads_it_once_also_while_redis_hangs() {
    let region = Region::start().await;
    region.expire().await;
    region.redis.pause();
    assert_eq!(region.stampede(Some("value")).await, [1, 1]);
    assert_eq!(region.stampede(Some("value")).await, [0, 0]);
    region.redis.resume();
}
