//! A Redis that is watched by real Sentinels.

use std::time::Duration;

use panel_cache::{Cache, Options, Reader, RedisTarget};
use panel_test_db::TestSentinels;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{
    NO_KEYS, Source, at, eventually, held, keeps, log, options, redis_connection, try_held,
};

fn target(sentinels: &TestSentinels) -> RedisTarget {
    RedisTarget::Sentinel {
        master: sentinels.name().to_owned(),
        sentinels: sentinels.urls(),
        username: None,
        password: None,
    }
}

/// A process that listens, as every process of the panel does.
struct Process {
    cache: Cache,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Process {
    async fn start(sentinels: &TestSentinels, local_capacity: Option<u64>) -> Self {
        let cache = Cache::new(Options {
            redis: Some(target(sentinels)),
            redis_budget: Duration::from_millis(500),
            local_capacity,
            ..options(None)
        })
        .unwrap();
        assert!(cache.connect().await);
        cache.apply_log(NO_KEYS, log(10)).await;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = {
            let cache = cache.clone();
            tokio::spawn(async move { cache.run(|_| {}, async { stopped.await.unwrap() }).await })
        };
        Self { cache, stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn after_a_fail_over_the_new_master_is_used() {
    let sentinels = TestSentinels::start().await;
    let process = Process::start(&sentinels, None).await;
    let cache = &process.cache;
    let source = Source::default();
    source.get(cache, "a", Reader::Any, 10, "old").await;
    assert_eq!(
        source.get(cache, "a", Reader::Any, 10, "unread").await,
        "old"
    );

    sentinels.master().kill().await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    assert_eq!(source.get(cache, "a", Reader::Any, 20, "new").await, "new");
    eventually("the new master is used", || keeps(cache, 20)).await;
    let reader = Reader::AtLeast(at(20));
    assert_eq!(source.get(cache, "a", reader, 20, "new").await, "new");
    assert!(held(sentinels.replica().url(), "probe").await.is_some());
    process.stop().await;
}

#[tokio::test]
async fn a_hung_sentinel_and_a_hung_master_are_got_over() {
    let sentinels = TestSentinels::start().await;
    sentinels.pause_sentinel(0);
    let process = Process::start(&sentinels, None).await;
    sentinels.master().pause();
    eventually("the new master is used", || keeps(&process.cache, 20)).await;
    assert!(held(sentinels.replica().url(), "probe").await.is_some());
    // The old one comes back and takes itself for the master until the Sentinels tell it otherwise.
    sentinels.master().resume();
    let other = Process::start(&sentinels, None).await;
    let source = Source::default();
    source
        .get(&other.cache, "a", Reader::Any, 20, "value")
        .await;
    assert!(held(sentinels.replica().url(), "a").await.is_some());
    process.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn a_master_that_is_cut_off_from_the_sentinels_is_left() {
    let sentinels = TestSentinels::start().await;
    let process = Process::start(&sentinels, Some(1 << 20)).await;
    let source = Source::default();
    source
        .get(&process.cache, "a", Reader::Any, 10, "old")
        .await;
    cut_off(&sentinels).await;
    // Whoever was connected before still gets answers from it, and stores there.
    eventually("the new master is used", || async {
        process.cache.clear_local();
        keeps(&process.cache, 20).await;
        try_held(sentinels.replica().url(), "probe")
            .await
            .is_ok_and(|held| held.is_some())
    })
    .await;
    // The subscription has moved too, and what was said meanwhile where nobody listened is not missed.
    let other = Process::start(&sentinels, None).await;
    eventually("the local tier is told", || async {
        other.cache.invalidate(&["name:a"], at(20)).await;
        source
            .get(&process.cache, "a", Reader::Any, 20, "new")
            .await
            == "new"
    })
    .await;
    process.stop().await;
    other.stop().await;
}

/// The master goes on for those who are connected, but neither the Sentinels nor the replica reach it: they do not know
/// the new password.
async fn cut_off(sentinels: &TestSentinels) {
    let master = sentinels.master();
    master.configure("requirepass", "unknown").await;
    let url = master.url().replace("//", "//:unknown@");
    let mut connection = redis_connection(&url).await;
    let clients: String = redis::cmd("CLIENT")
        .arg("LIST")
        .query_async(&mut connection)
        .await
        .unwrap();
    let theirs = clients
        .lines()
        .filter(|client| client.contains("name=sentinel") || client.contains("flags=S"));
    for client in theirs {
        let id = client.split([' ', '=']).nth(1).unwrap();
        redis::cmd("CLIENT")
            .arg(&["KILL", "ID", id])
            .exec_async(&mut connection)
            .await
            .unwrap();
    }
}
