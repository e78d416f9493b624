//! What processes tell each other.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use panel_cache::{Cache, Mark, News, Options, Reader};
use panel_test_db::TestRedis;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{Source, at, eventually, options, ready};

type Heard = Arc<Mutex<Vec<(String, Mark)>>>;
type Until = Arc<Mutex<Option<Instant>>>;

/// A process that listens.
struct Process {
    cache: Cache,
    heard: Heard,
    until: Until,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Process {
    async fn start(redis: &TestRedis) -> Self {
        Self::start_with(options(Some(redis.url()))).await
    }

    async fn start_with(options: Options) -> Self {
        let cache = ready(options).await;
        let (heard, until) = (Heard::default(), Until::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = {
            let cache = cache.clone();
            let (heard, until) = (Arc::clone(&heard), Arc::clone(&until));
            tokio::spawn(async move {
                let on_news = |news: News<'_>| match news {
                    News::Wrote { principal, at } => {
                        heard.lock().unwrap().push((principal.to_owned(), at));
                    }
                    News::Heard { until: moment } => *until.lock().unwrap() = Some(moment),
                    News::Listening | News::Deaf => {}
                };
                cache.run(on_news, async { stopped.await.unwrap() }).await;
            })
        };
        let process = Self {
            cache,
            heard,
            until,
            stop,
            task,
        };
        process.listens().await;
        process
    }

    /// Waits until the process hears what is announced.
    async fn listens(&self) {
        self.heard.lock().unwrap().clear();
        eventually("it listens", || async {
            self.cache.announce("probe", at(1)).await;
            self.heard_of("probe", at(1))
        })
        .await;
    }

    fn heard_of(&self, principal: &str, at: Mark) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.contains(&(principal.to_owned(), at))
    }

    /// Everything that was said before then has been heard.
    fn heard_until(&self) -> Option<Instant> {
        *self.until.lock().unwrap()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn a_process_drops_what_another_invalidates() {
    let redis = TestRedis::start().await;
    let (writer, reader) = (Process::start(&redis).await, Process::start(&redis).await);
    let source = Source::default();
    source.get(&reader.cache, "a", Reader::Any, 10, "old").await;
    writer.cache.invalidate(&["name:a"], at(20)).await;
    eventually("the change is seen", || async {
        source.get(&reader.cache, "a", Reader::Any, 20, "new").await == "new"
    })
    .await;
    writer.stop().await;
    reader.stop().await;
}

#[tokio::test]
async fn a_write_is_announced_to_the_region() {
    let redis = TestRedis::start().await;
    let (writer, reader) = (Process::start(&redis).await, Process::start(&redis).await);
    writer.cache.announce("user:1", at(20)).await;
    eventually("it is heard", || async {
        reader.heard_of("user:1", at(20))
    })
    .await;
    writer.stop().await;
    reader.stop().await;
}

#[tokio::test]
async fn an_announcement_that_was_waited_for_was_heard_by_everybody() {
    let redis = TestRedis::start().await;
    let writer = Process::start(&redis).await;
    let readers = [Process::start(&redis).await, Process::start(&redis).await];
    for number in 1..=50 {
        writer.cache.announce_and_wait("user:1", at(number)).await;
        for reader in &readers {
            assert!(reader.heard_of("user:1", at(number)), "{number}");
        }
    }
    redis.kill().await;
    // Nobody can hear it, and the writer goes on.
    writer.cache.announce_and_wait("user:1", at(99)).await;
    for process in readers.into_iter().chain([writer]) {
        process.stop().await;
    }
}

#[tokio::test]
async fn an_announcement_that_redis_was_too_slow_for_is_made_again() {
    let redis = TestRedis::start().await;
    let reader = Process::start(&redis).await;
    let hasty = Options {
        redis_budget: Duration::from_millis(50),
        ..options(Some(redis.url()))
    };
    let writer = ready(hasty).await;
    redis.pause();
    let waits = {
        let writer = writer.clone();
        tokio::spawn(async move { writer.announce_and_wait("user:1", at(20)).await })
    };
    // Redis lets one budget pass before it goes on.
    writer.announce("user:2", at(21)).await;
    redis.resume();
    waits.await.unwrap();
    assert!(reader.heard_of("user:1", at(20)));
    reader.stop().await;
}

#[tokio::test]
async fn a_process_knows_up_to_when_it_has_heard_everything() {
    let redis = TestRedis::start().await;
    let process = Process::start_with(Options {
        heard_within: Duration::from_millis(50),
        ..options(Some(redis.url()))
    })
    .await;
    let begin = Instant::now();
    let heard_since = async |moment: Instant| {
        eventually("it hears itself", || async {
            process.heard_until().is_some_and(|until| until >= moment)
        })
        .await;
    };
    heard_since(begin).await;
    redis.pause();
    let paused = Instant::now();
    // Waits for Redis as long as it may take.
    let announced = process.cache.announce_and_wait("user:1", at(20));
    let meanwhile = async {
        assert!(process.heard_until().is_some_and(|until| until < paused));
        redis.resume();
    };
    tokio::join!(announced, meanwhile);
    heard_since(paused).await;
    assert!(process.heard_of("user:1", at(20)));
    process.stop().await;
}

#[tokio::test]
async fn after_a_lost_subscription_the_local_tier_is_empty() {
    let redis = TestRedis::start().await;
    let process = Process::start(&redis).await;
    let source = Source::default();
    source
        .get(&process.cache, "a", Reader::Any, 10, "old")
        .await;
    assert_eq!(
        source
            .get(&process.cache, "a", Reader::Any, 10, "unread")
            .await,
        "old"
    );
    redis.restart().await;
    process.listens().await;
    assert_eq!(
        source
            .get(&process.cache, "a", Reader::Any, 10, "new")
            .await,
        "new"
    );
    process.stop().await;
}

#[tokio::test]
async fn without_redis_it_runs_until_it_is_stopped() {
    let cache = ready(options(None)).await;
    cache.announce("user:1", at(20)).await;
    cache.run(|_| {}, async {}).await;
}
