//! Each rule of filling a cache and of joining a load, one step at a time.

use std::convert::Infallible;
use std::sync::Arc;

use panel_cache::{Cache, Loaded, LogPosition, Reader};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{NO_KEYS, Name, Source, TTL, at, eventually, log, options, ready};

/// A load that ends when it is told to, with what it is told.
struct SlowLoad {
    answer: oneshot::Sender<Loaded<String>>,
    reader: JoinHandle<String>,
}

impl SlowLoad {
    async fn start(cache: &Cache, reader: Reader) -> Self {
        let (answer, told) = oneshot::channel();
        let (started, has_started) = oneshot::channel();
        let cache = cache.clone();
        let reader = tokio::spawn(async move {
            let loaded = cache
                .get_or_load(&Name("a"), TTL, reader, || async {
                    started.send(()).unwrap();
                    Ok::<_, Infallible>(told.await.unwrap())
                })
                .await;
            let Ok(value) = loaded;
            value
        });
        has_started.await.unwrap();
        Self { answer, reader }
    }

    async fn end(self, lsn: u64, value: &str) -> String {
        let loaded = Loaded::at(at(lsn), value.to_owned());
        self.answer.send(loaded).unwrap();
        self.reader.await.unwrap()
    }
}

/// A reader that joins the load under way, or loads `value` at `lsn` by itself.
fn join(cache: &Cache, source: &Source, reader: Reader, lsn: u64) -> JoinHandle<String> {
    let (cache, source) = (cache.clone(), source.clone());
    tokio::spawn(async move { source.get(&cache, "a", reader, lsn, "own").await })
}

async fn is_cached(cache: &Cache) -> bool {
    let probe = Source::default();
    let reads = |probe: &Source| probe.reads();
    let value = cache
        .get_or_load(&Name("a"), TTL, Reader::Any, || async {
            // Without a position the probe itself is not kept.
            probe
                .read(0, "probe")
                .await
                .map(|loaded| Loaded::uncacheable(loaded.value))
        })
        .await;
    assert!(value.is_ok());
    reads(&probe) == 0
}

#[tokio::test]
async fn a_load_is_kept_when_its_source_covers_the_watermark_of_its_beginning() {
    let cache = ready(options(None)).await;
    let load = SlowLoad::start(&cache, Reader::Any).await;
    // The watermark moves on, but nothing happens to the key.
    cache.apply_log(&[("name:b", None)], log(30)).await;
    load.end(10, "value").await;
    assert!(is_cached(&cache).await);
}

#[tokio::test]
async fn a_load_from_behind_the_watermark_is_not_kept() {
    let cache = ready(options(None)).await;
    SlowLoad::start(&cache, Reader::Any)
        .await
        .end(9, "value")
        .await;
    assert!(!is_cached(&cache).await);
}

#[tokio::test]
async fn a_load_of_another_history_is_not_kept() {
    let cache = ready(options(None)).await;
    let load = SlowLoad::start(&cache, Reader::Any).await;
    let loaded = Loaded::at(panel_cache::Mark::new(2, 99), "value".to_owned());
    load.answer.send(loaded).unwrap();
    load.reader.await.unwrap();
    assert!(!is_cached(&cache).await);
}

#[tokio::test]
async fn a_load_of_unknown_age_is_not_kept() {
    let cache = ready(options(None)).await;
    let load = SlowLoad::start(&cache, Reader::Any).await;
    load.answer
        .send(Loaded::uncacheable("value".to_owned()))
        .unwrap();
    load.reader.await.unwrap();
    assert!(!is_cached(&cache).await);
}

#[tokio::test]
async fn a_load_whose_key_is_invalidated_meanwhile_is_not_kept() {
    let cache = ready(options(None)).await;
    let load = SlowLoad::start(&cache, Reader::Any).await;
    cache.invalidate(&["name:a"], at(20)).await;
    // Even a source that covers the change: whoever asks next finds out again.
    load.end(20, "value").await;
    assert!(!is_cached(&cache).await);

    let load = SlowLoad::start(&cache, Reader::Any).await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    load.end(20, "value").await;
    assert!(!is_cached(&cache).await);

    let load = SlowLoad::start(&cache, Reader::Any).await;
    cache.clear_local();
    load.end(20, "value").await;
    assert!(!is_cached(&cache).await);
}

#[tokio::test]
async fn a_load_from_below_the_floor_of_its_key_is_not_kept() {
    let cache = ready(options(None)).await;
    cache.invalidate(&["name:a"], at(20)).await;
    SlowLoad::start(&cache, Reader::Any)
        .await
        .end(19, "old")
        .await;
    assert!(!is_cached(&cache).await);
    SlowLoad::start(&cache, Reader::Any)
        .await
        .end(20, "new")
        .await;
    assert!(is_cached(&cache).await);
}

#[tokio::test]
async fn the_floor_covers_changes_that_the_watermark_does_not() {
    let cache = ready(options(None)).await;
    // The batch holds a change from between the two samples.
    let position = LogPosition {
        watermark: at(20),
        seen: at(25),
    };
    cache.apply_log(&[("name:a", None)], position).await;
    assert_eq!(cache.watermark(), Some(at(20)));
    SlowLoad::start(&cache, Reader::Any)
        .await
        .end(22, "old")
        .await;
    assert!(!is_cached(&cache).await);
    SlowLoad::start(&cache, Reader::Any)
        .await
        .end(25, "new")
        .await;
    assert!(is_cached(&cache).await);
}

#[tokio::test]
async fn the_watermark_never_sinks() {
    let cache = ready(options(None)).await;
    cache.apply_log(NO_KEYS, log(30)).await;
    cache.apply_log(NO_KEYS, log(20)).await;
    assert_eq!(cache.watermark(), Some(at(30)));
    let older = LogPosition {
        watermark: panel_cache::Mark::new(0, 99),
        seen: panel_cache::Mark::new(0, 99),
    };
    cache.apply_log(NO_KEYS, older).await;
    assert_eq!(cache.watermark(), Some(at(30)));
}

#[tokio::test]
async fn a_joiner_takes_the_result_only_when_it_covers_its_token() {
    let cache = ready(options(None)).await;
    let source = Source::default();
    let load = SlowLoad::start(&cache, Reader::Any).await;
    cache.apply_log(NO_KEYS, log(30)).await;
    let anybody = join(&cache, &source, Reader::Any, 30);
    let early = join(&cache, &source, Reader::AtLeast(at(15)), 30);
    let late = join(&cache, &source, Reader::AtLeast(at(25)), 30);
    // On this single-threaded runtime each joins before it is this task's turn again.
    tokio::task::yield_now().await;
    assert_eq!(load.end(20, "shared").await, "shared");
    assert_eq!(anybody.await.unwrap(), "shared");
    assert_eq!(early.await.unwrap(), "shared");
    assert_eq!(late.await.unwrap(), "own");
    assert_eq!(source.reads(), 1);
}

#[tokio::test]
async fn nobody_joins_a_load_whose_key_was_invalidated() {
    let cache = ready(options(None)).await;
    let source = Source::default();
    let load = SlowLoad::start(&cache, Reader::Any).await;
    cache.invalidate(&["name:a"], at(20)).await;
    let after = source.get(&cache, "a", Reader::Any, 20, "new").await;
    assert_eq!(after, "new");
    assert_eq!(load.end(10, "old").await, "old");
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 20, "unread").await,
        "new"
    );
}

#[tokio::test]
async fn when_the_leader_goes_away_a_joiner_takes_over() {
    let cache = ready(options(None)).await;
    let source = Source::default();
    let load = SlowLoad::start(&cache, Reader::Any).await;
    let joined = join(&cache, &source, Reader::Any, 10);
    tokio::task::yield_now().await;
    load.reader.abort();
    assert_eq!(joined.await.unwrap(), "own");
    assert!(is_cached(&cache).await);
}

#[tokio::test]
async fn when_the_leader_fails_a_joiner_tries_for_itself() {
    let cache = ready(options(None)).await;
    let source = Source::default();
    let (fail, told) = oneshot::channel::<()>();
    let leader = {
        let cache = cache.clone();
        tokio::spawn(async move {
            cache
                .get_or_load(&Name("a"), TTL, Reader::Any, || async {
                    told.await.unwrap();
                    Err::<Loaded<String>, _>("away")
                })
                .await
        })
    };
    tokio::task::yield_now().await;
    let joined = join(&cache, &source, Reader::Any, 10);
    tokio::task::yield_now().await;
    fail.send(()).unwrap();
    assert_eq!(leader.await.unwrap(), Err("away"));
    assert_eq!(joined.await.unwrap(), "own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_writers_at_once_never_see_what_their_token_forbids() {
    use std::sync::atomic::{AtomicU64, Ordering};

    let cache = ready(options(None)).await;
    // The value is the position of its last change, so a reader can tell how old it is.
    let database = Arc::new(AtomicU64::new(10));
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (cache, database) = (cache.clone(), Arc::clone(&database));
        tasks.push(tokio::spawn(async move {
            for _ in 0..500 {
                let token = database.load(Ordering::SeqCst);
                let load = || async {
                    let now = database.load(Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(Loaded::at(at(now), now.to_string()))
                };
                let reader = Reader::AtLeast(at(token));
                let Ok(value) = cache.get_or_load(&Name("a"), TTL, reader, load).await;
                assert!(value.parse::<u64>().unwrap() >= token);
            }
        }));
    }
    for _ in 0..500 {
        let changed = database.fetch_add(1, Ordering::SeqCst) + 1;
        if changed.is_multiple_of(3) {
            cache.invalidate(&["name:a"], at(changed)).await;
        }
        tokio::task::yield_now().await;
        cache.apply_log(&[("name:a", None)], log(changed)).await;
    }
    for task in tasks {
        task.await.unwrap();
    }
    eventually("the last value is cached", || async {
        let load = || async { Ok::<_, Infallible>(Loaded::at(at(510), "510".to_owned())) };
        let Ok(value) = cache.get_or_load(&Name("a"), TTL, Reader::Any, load).await;
        value == "510"
    })
    .await;
}
