//! Redis absent, emptied, killed, hung and rolled back: always a miss, never an error or an old value.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use panel_cache::{Cache, Client, ManualTime, Options, RateLimit, Reader, RedisTarget};
use panel_test_db::TestRedis;
use tokio::net::TcpListener;

use crate::relay::Relay;
use crate::support::{
    NO_KEYS, Source, at, eventually, held, keeps, log, options, ready, redis_connection, redis_only,
};

/// Makes a server refuse writes, as a master does that was replaced.
const REFUSE_WRITES: &str = "REPLICAOF 127.0.0.1 1";

/// Whatever is asked of `cache` is answered at once: a future that waits for anything is not ready when first asked.
async fn answers_without_waiting(cache: &Cache) {
    let source = Source::default();
    for _ in 0..100 {
        let answer = source.get(cache, "other", Reader::Any, 10, "one");
        assert_eq!(answer.now_or_never().as_deref(), Some("one"));
        assert!(
            cache
                .invalidate(&["name:other"], at(10))
                .now_or_never()
                .is_some()
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn absent_at_the_start_it_is_found_when_it_comes() {
    let redis = TestRedis::start().await;
    redis.kill().await;
    for local_capacity in [None, Some(1 << 20)] {
        let cache = Cache::new(Options {
            local_capacity,
            ..options(Some(redis.url()))
        })
        .unwrap();
        assert!(!cache.connect().await);
        cache.apply_log(NO_KEYS, log(10)).await;
        let source = Source::default();
        assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
        cache.invalidate(&["name:a"], at(20)).await;
        assert_eq!(source.get(&cache, "a", Reader::Any, 20, "two").await, "two");
    }
    let cache = Cache::new(redis_only(redis.url())).unwrap();
    cache.apply_log(NO_KEYS, log(10)).await;
    redis.restart().await;
    eventually("values are kept", || keeps(&cache, 30)).await;
}

#[tokio::test]
async fn emptied_in_the_middle_values_are_loaded_again() {
    let redis = TestRedis::start().await;
    let cache = ready(redis_only(redis.url())).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "one").await;
    cache.invalidate(&["name:b"], at(20)).await;
    redis.flush().await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "two").await, "two");
    // Redis has forgotten the floor, the process has not.
    assert_eq!(source.get(&cache, "b", Reader::Any, 15, "old").await, "old");
    assert_eq!(source.get(&cache, "b", Reader::Any, 20, "new").await, "new");
}

#[tokio::test]
async fn killed_in_the_middle_nobody_notices() {
    for local_capacity in [None, Some(1 << 20)] {
        let redis = TestRedis::start().await;
        let cache = ready(Options {
            local_capacity,
            ..options(Some(redis.url()))
        })
        .await;
        let source = Source::default();
        source.get(&cache, "a", Reader::Any, 10, "one").await;
        redis.kill().await;
        cache.invalidate(&["name:a"], at(20)).await;
        assert_eq!(source.get(&cache, "a", Reader::Any, 20, "two").await, "two");
        cache.apply_log(&[("name:a", None)], log(30)).await;
        assert_eq!(
            source.get(&cache, "a", Reader::Any, 30, "three").await,
            "three"
        );

        redis.restart().await;
        eventually("values are kept", || keeps(&cache, 40)).await;
        let writer = Reader::AtLeast(at(30));
        assert_eq!(source.get(&cache, "a", writer, 40, "three").await, "three");
    }
}

#[tokio::test]
async fn hung_at_the_start_it_costs_nothing() {
    // The kernel accepts the connection and nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let cache = Cache::new(Options {
        redis_budget: Duration::from_millis(50),
        ..redis_only(&url)
    })
    .unwrap();
    cache.apply_log(NO_KEYS, log(10)).await;
    let source = Source::default();
    for _ in 0..100 {
        assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    }
    assert_eq!(source.reads(), 100);
    assert!(!cache.connect().await);
}

#[tokio::test]
async fn hung_in_the_middle_the_breaker_answers_until_it_is_back() {
    let redis = TestRedis::start().await;
    let cache = ready(Options {
        redis_budget: Duration::from_millis(200),
        ..redis_only(redis.url())
    })
    .await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "one").await;

    redis.pause();
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    answers_without_waiting(&cache).await;
    cache.invalidate(&["name:a"], at(20)).await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    redis.resume();

    // What Redis could not be told is not believed, before and after it is told.
    assert_eq!(
        source
            .get(&cache, "a", Reader::AtLeast(at(20)), 20, "two")
            .await,
        "two"
    );
    eventually("values are kept", || keeps(&cache, 20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "two").await, "two");
    cache.apply_log(NO_KEYS, log(21)).await;

    // Another process, which heard nothing of it, does not find the old value.
    let other = ready(redis_only(redis.url())).await;
    assert_ne!(source.get(&other, "a", Reader::Any, 21, "two").await, "one");
}

#[tokio::test]
async fn an_invalidation_that_redis_refused_is_delivered_later() {
    let redis = TestRedis::start().await;
    let cache = ready(redis_only(redis.url())).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "one").await;
    redis.order(REFUSE_WRITES).await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    redis.replicate(None).await;
    assert!(held(redis.url(), "a").await.is_some());
    eventually("Redis is told", || async {
        cache.apply_log(NO_KEYS, log(20)).await;
        held(redis.url(), "a").await.is_none()
    })
    .await;
}

#[tokio::test]
async fn what_a_rolled_back_redis_holds_is_not_believed() {
    let redis = TestRedis::start().await;
    let time = Arc::new(ManualTime::new());
    let cache = ready(Options {
        time: time.clone(),
        ..redis_only(redis.url())
    })
    .await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "old").await;
    let mut connection = redis_connection(redis.url()).await;
    let key = "roost:value:name:a";
    let held: Vec<u8> = redis::cmd("GET")
        .arg(key)
        .query_async(&mut connection)
        .await
        .unwrap();
    cache.invalidate(&["name:a"], at(20)).await;
    cache.apply_log(&[("name:a", None)], log(20)).await;

    redis.restart().await;
    let mut connection = redis_connection(redis.url()).await;
    redis::cmd("SET")
        .arg(key)
        .arg(held)
        .exec_async(&mut connection)
        .await
        .unwrap();
    // All floors are over by now.
    for _ in 0..3 {
        time.advance(panel_cache::FLOOR_KEPT);
        cache.apply_log(NO_KEYS, log(30)).await;
    }
    assert_eq!(source.get(&cache, "a", Reader::Any, 30, "new").await, "new");
    assert!(cache.connect().await);
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 30, "newer").await,
        "newer"
    );
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 30, "unread").await,
        "newer"
    );
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_a_miss() {
    let redis = TestRedis::start().await;
    let cache = ready(redis_only(redis.url())).await;
    redis.order(REFUSE_WRITES).await;
    let source = Source::default();
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    answers_without_waiting(&cache).await;
    redis.replicate(None).await;
    eventually("values are kept", || keeps(&cache, 20)).await;
}

#[tokio::test]
async fn an_address_without_sense_is_refused() {
    let refused = Cache::new(options(Some("http://nowhere")));
    assert!(refused.is_err());
    let target = RedisTarget::Single {
        url: "redis://:password@localhost".to_owned(),
    };
    assert!(!format!("{target:?}").contains("password"));
}

#[tokio::test]
async fn slow_it_costs_nothing_and_is_used_again_when_it_is_quick() {
    let redis = TestRedis::start().await;
    let relay = Relay::to(&redis).await;
    let cache = ready(Options {
        redis_budget: Duration::from_millis(500),
        ..redis_only(&relay.url())
    })
    .await;
    relay.delay(Duration::from_secs(2));
    let source = Source::default();
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    answers_without_waiting(&cache).await;
    relay.delay(Duration::ZERO);
    eventually("values are kept", || keeps(&cache, 20)).await;
}

#[tokio::test]
async fn one_that_answers_later_than_the_budget_is_not_used() {
    let redis = TestRedis::start().await;
    let relay = Relay::to(&redis).await;
    // It answers every ping in less than a second, and nothing within the budget.
    relay.delay(Duration::from_millis(600));
    let cache = Cache::new(Options {
        redis_budget: Duration::from_millis(250),
        ..redis_only(&relay.url())
    })
    .unwrap();
    assert!(!cache.connect().await);
    cache.apply_log(NO_KEYS, log(10)).await;
    answers_without_waiting(&cache).await;
    relay.delay(Duration::ZERO);
    eventually("values are kept", || keeps(&cache, 20)).await;
    relay.delay(Duration::from_millis(600));
    let source = Source::default();
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "one").await, "one");
    answers_without_waiting(&cache).await;
}

#[tokio::test]
async fn full_it_is_a_miss_and_limits_are_local() {
    let redis = TestRedis::start().await;
    let cache = ready(redis_only(redis.url())).await;
    let source = Source::default();
    source.get(&cache, "a", Reader::Any, 10, "one").await;
    redis.configure("maxmemory-policy", "noeviction").await;
    redis.configure("maxmemory", "1").await;
    assert_eq!(source.get(&cache, "b", Reader::Any, 10, "two").await, "two");
    assert!(!keeps(&cache, 10).await);
    // What it holds is still good, until it has to be told that it is not and cannot be.
    assert_eq!(
        source.get(&cache, "a", Reader::Any, 10, "unread").await,
        "one"
    );
    cache.invalidate(&["name:a"], at(20)).await;
    cache.apply_log(&[("name:a", None)], log(20)).await;
    assert_eq!(source.get(&cache, "a", Reader::Any, 20, "new").await, "new");
    let limit = RateLimit {
        bucket: "test",
        client: Client::Number(1),
        budget: 2,
        window: Duration::from_secs(60),
    };
    for expected in [true, true, false] {
        assert_eq!(cache.limit(limit).await.allowed, expected);
    }
    redis.configure("maxmemory", "0").await;
    assert!(keeps(&cache, 30).await);
    cache.apply_log(NO_KEYS, log(30)).await;
    assert_eq!(held(redis.url(), "a").await, None);
}

#[tokio::test]
async fn with_a_wrong_password_it_is_away_until_the_password_is_right() {
    let redis = TestRedis::start().await;
    redis.configure("requirepass", "right").await;
    for url in [redis.url(), &redis.url().replace("//", "//:wrong@")] {
        let cache = Cache::new(redis_only(url)).unwrap();
        assert!(!cache.connect().await);
        cache.apply_log(NO_KEYS, log(10)).await;
        answers_without_waiting(&cache).await;
    }
    let cache = ready(redis_only(&redis.url().replace("//", "//:right@"))).await;
    assert!(keeps(&cache, 10).await);
}

#[tokio::test]
async fn a_password_that_is_changed_in_the_middle_is_noticed() {
    let redis = TestRedis::start().await;
    let cache = ready(redis_only(redis.url())).await;
    assert!(keeps(&cache, 10).await);
    redis.lock("new").await;
    let source = Source::default();
    assert_eq!(source.get(&cache, "a", Reader::Any, 10, "one").await, "one");
    assert!(!cache.connect().await);
    answers_without_waiting(&cache).await;
}
