//! One suite, passed by every combination of tiers.

use std::sync::Arc;
use std::time::Duration;

use panel_cache::{Cache, Loaded, ManualTime, Options, Reader};
use panel_test_db::TestRedis;
use tokio::sync::Notify;

use crate::support::{NO_KEYS, Name, Password, Source, TTL, at, held, log, options, ready};

/// Runs `scenario` with each combination of tiers.
macro_rules! with_every_tier {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            use super::*;

            #[tokio::test]
            async fn local_only() {
                super::$scenario(options(None)).await;
            }

            #[tokio::test]
            async fn redis_only() {
                let redis = TestRedis::shared().await;
                let options = Options { local_capacity: None, ..options(Some(redis.url())) };
                super::$scenario(options).await;
            }

            #[tokio::test]
            async fn both() {
                let redis = TestRedis::shared().await;
                super::$scenario(options(Some(redis.url()))).await;
            }
        }
    )+};
}

with_every_tier![
    a_value_is_loaded_once,
    a_change_is_seen_by_everybody_after_its_invalidation,
    a_change_is_seen_after_the_log_was_applied,
    a_writer_bypasses_the_caches_until_the_watermark_covers_it,
    a_slow_load_does_not_bring_back_what_was_invalidated_meanwhile,
    a_late_load_from_a_lagging_source_is_not_kept,
    an_error_is_not_cached,
    secrets_are_cached_only_when_allowed,
    a_new_history_empties_the_caches,
    a_process_that_fell_behind_believes_nothing_older,
    concurrent_readers_share_one_load,
];

async fn a_value_is_loaded_once(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    for _ in 0..5 {
        assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    }
    assert_eq!(source.reads(), 1);
    assert_eq!(
        source.get(&cache, "b", Reader::Any, 10, "other").await,
        "other"
    );
}

async fn a_change_is_seen_by_everybody_after_its_invalidation(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    cache.invalidate(&["name:a"], at(20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 20, "unread").await,
        "new"
    );
    assert_eq!(source.reads(), 2);
}

async fn a_change_is_seen_after_the_log_was_applied(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    source.get(&cache, "b", Reader::Any, 10, "same").await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");
    assert_eq!(
        source.get(&cache, "b", Reader::Any, 20, "unread").await,
        "same"
    );
}

async fn a_writer_bypasses_the_caches_until_the_watermark_covers_it(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    let writer = Reader::AtLeast(at(20));
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    assert_eq!(source.get(&cache, "a", writer, 20, "new").await, "new");
    // Nobody has told this process yet, and the writer's read left the caches alone.
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 20, "unread").await,
        "old"
    );
    cache.apply_log(&[("name:a", None)], log(20)).await;
    assert_eq!(source.get(&cache, "a", writer, 20, "new").await, "new");
    let reads = source.reads();
    assert_eq!(source.get(&cache, "a", writer, 20, "unread").await, "new");
    assert_eq!(source.reads(), reads);
    assert_eq!(
        source
            .get(&cache, "a", Reader::Uncached, 20, "newest")
            .await,
        "newest"
    );
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 20, "unread").await,
        "new"
    );
}

async fn a_slow_load_does_not_bring_back_what_was_invalidated_meanwhile(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    let Ok(old) = cache
        .get_or_load(&Name("a"), TTL, Reader::Any, || async {
            let loaded = source.read(15, "old").await;
            cache.invalidate(&["name:a"], at(20)).await;
            loaded
        })
        .await;
    assert_eq!(old, "old");
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");
}

async fn a_late_load_from_a_lagging_source_is_not_kept(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    cache.invalidate(&["name:a"], at(20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 15, "old").await, "old");
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");

    cache.apply_log(NO_KEYS, log(30)).await;
    assert_eq!(
        source.get(&cache, "b", Reader::Any, 25, "behind").await,
        "behind"
    );
    assert_eq!(
        source.get(&cache, "b", Reader::Any, 30, "there").await,
        "there"
    );
    assert_eq!(
        source.get(&cache, "b", Reader::Any, 30, "unread").await,
        "there"
    );
}

async fn an_error_is_not_cached(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    let failed = cache
        .get_or_load(&Name("a"), TTL, Reader::Any, || async {
            Err::<Loaded<String>, _>("the source is away")
        })
        .await;
    assert_eq!(failed, Err("the source is away"));
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
}

async fn secrets_are_cached_only_when_allowed(options: Options) {
    for (allowed, expected_reads) in [(false, 2), (true, 1)] {
        let cache = ready(Options {
            cache_secrets: allowed,
            ..options.clone()
        })
        .await;
        let source = Source::default();
        for _ in 0..2 {
            let Ok(value) = cache
                .get_or_load(&Password("a"), TTL, Reader::Any, || {
                    source.read(10, "secret")
                })
                .await;
            assert_eq!(value, "secret");
        }
        assert_eq!(source.reads(), expected_reads);
    }
}

async fn a_new_history_empties_the_caches(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "lost").await;
    let position = panel_cache::LogPosition {
        watermark: panel_cache::Mark::new(2, 5),
        seen: panel_cache::Mark::new(2, 5),
    };
    cache.apply_log(NO_KEYS, position).await;
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 10, "kept").await,
        "kept"
    );
    assert_eq!(source.reads(), 2);
    assert_eq!(cache.watermark(), Some(panel_cache::Mark::new(2, 5)));
}

async fn a_process_that_fell_behind_believes_nothing_older(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    cache.distrust_before(at(50));
    assert_eq!(source.get(&cache, "a", Reader::Any, 50, "new").await, "new");
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 50, "unread").await,
        "new"
    );
}

async fn concurrent_readers_share_one_load(options: Options) {
    let cache = ready(options).await;
    let source = Source::default();
    let gate = Arc::new(Notify::new());
    let read = |reader: Reader| {
        let (cache, source, gate) = (cache.clone(), source.clone(), Arc::clone(&gate));
        tokio::spawn(async move {
            let Ok(value) = cache
                .get_or_load(&Name("a"), TTL, reader, || async {
                    let loaded = source.read(12, "shared").await;
                    gate.notified().await;
                    loaded
                })
                .await;
            value
        })
    };
    let mut readers = vec![read(Reader::Any)];
    crate::support::eventually("the load runs", || async { source.reads() == 1 }).await;
    readers.extend((0..8).map(|_| read(Reader::Any)));
    readers.push(read(Reader::AtLeast(at(10))));
    gate.notify_one();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), "shared");
    }
    assert_eq!(source.reads(), 1);
}

#[tokio::test]
async fn a_value_expires_from_the_local_tier() {
    let time = Arc::new(ManualTime::new());
    let cache = ready(Options {
        time: time.clone(),
        local_ttl: Duration::from_secs(5),
        ..options(None)
    })
    .await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    time.advance(Duration::from_secs(4));
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 10, "unread").await,
        "old"
    );
    time.advance(Duration::from_secs(2));
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "new").await, "new");
}

#[tokio::test]
async fn without_a_watermark_nothing_is_cached() {
    let redis = TestRedis::shared().await;
    let cache = Cache::new(options(Some(redis.url()))).unwrap();
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "one").await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "two").await, "two");
}

#[tokio::test]
async fn processes_share_what_redis_holds() {
    let redis = TestRedis::shared().await;
    let first = ready(options(Some(redis.url()))).await;
    let second = ready(options(Some(redis.url()))).await;
    let source = Source::default();
    source.get(&first, "a", Reader::Any, 10, "one").await;
    assert_eq!(
        source.get(&second, "a", Reader::Any, 10, "unread").await,
        "one"
    );

    // Only the first has heard of the change; the second may not use what lies in its own tier for a reader who has.
    first.apply_log(&[("name:a", None)], log(20)).await;
    let writer = Reader::AtLeast(at(20));
    assert_eq!(source.get(&second, "a", writer, 20, "two").await, "two");
    // And it cannot put the old value back into Redis for the first.
    second.clear_local();
    assert_eq!(
        source.get(&second, "a", Reader::Any, 15, "one").await,
        "one"
    );
    assert_eq!(source.get(&first, "a", Reader::Any, 20, "two").await, "two");
}

#[tokio::test]
async fn redis_refuses_what_is_older_than_the_floor_of_its_key() {
    let redis = TestRedis::shared().await;
    let informed = ready(options(Some(redis.url()))).await;
    let behind = ready(options(Some(redis.url()))).await;
    let source = Source::default();
    source.get(&informed, "a", Reader::Any, 10, "old").await;
    assert_eq!(held(redis.url(), "a").await.as_deref(), Some("\"old\""));
    informed.apply_log(&[("name:a", None)], log(20)).await;
    assert_eq!(held(redis.url(), "a").await, None);

    source.get(&behind, "a", Reader::Any, 15, "old").await;
    assert_eq!(held(redis.url(), "a").await, None);
    behind.clear_local();
    source.get(&behind, "a", Reader::Any, 20, "new").await;
    assert_eq!(held(redis.url(), "a").await.as_deref(), Some("\"new\""));
}

#[tokio::test]
async fn redis_keeps_the_newer_of_two_values() {
    let redis = TestRedis::shared().await;
    let [first, second, third] = [
        ready(options(Some(redis.url()))).await,
        ready(options(Some(redis.url()))).await,
        ready(options(Some(redis.url()))).await,
    ];
    let source = Source::default();
    // Both find nothing and load; the one with the older value is the later to store it.
    let Ok(_) = first
        .get_or_load(&Name("a"), TTL, Reader::Any, || async {
            source.get(&second, "a", Reader::Any, 25, "newer").await;
            source.read(15, "older").await
        })
        .await;
    assert_eq!(held(redis.url(), "a").await.as_deref(), Some("\"newer\""));
    // A change that the value covers is heard of late.
    third.invalidate(&["name:a"], at(20)).await;
    assert_eq!(held(redis.url(), "a").await.as_deref(), Some("\"newer\""));
    third.invalidate(&["name:a"], at(26)).await;
    assert_eq!(held(redis.url(), "a").await, None);
}

#[tokio::test]
async fn what_does_not_stand_any_more_is_replaced_in_both_tiers() {
    let redis = TestRedis::shared().await;
    let first = ready(options(Some(redis.url()))).await;
    let second = ready(options(Some(redis.url()))).await;
    let source = Source::default();
    let get = async |cache: &Cache, lsn, value| {
        let stands = |value: &String| value != "old";
        let load = || source.read(lsn, value);
        let Ok(value) = cache
            .get_or_load_if(&Name("a"), TTL, Reader::Any, stands, load)
            .await;
        value
    };
    source.get(&first, "a", Reader::Any, 10, "old").await;
    source.get(&second, "a", Reader::Any, 10, "unread").await;
    assert_eq!(get(&first, 20, "new").await, "new");
    assert_eq!(get(&first, 20, "unread").await, "new");
    assert_eq!(get(&second, 20, "unread").await, "new", "Redis has it");
    assert_eq!(held(redis.url(), "a").await.as_deref(), Some("\"new\""));
    assert_eq!(source.reads(), 2);
}
