//! Rate limits across processes.

use std::sync::Arc;
use std::time::Duration;

use panel_cache::{Cache, Client, ManualTime, Options, RateLimit};
use panel_test_db::TestRedis;

use crate::support::options;

const MINUTE: Duration = Duration::from_secs(60);

fn limit(budget: u32) -> RateLimit<'static> {
    RateLimit {
        bucket: "test",
        client: Client::Number(7),
        budget,
        window: MINUTE,
    }
}

async fn connected(redis: &TestRedis) -> Cache {
    let cache = Cache::new(options(Some(redis.url()))).unwrap();
    assert!(cache.connect().await);
    cache
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_budget_is_exact_over_processes_and_concurrent_uses() {
    let redis = TestRedis::start().await;
    let processes = [connected(&redis).await, connected(&redis).await];
    let uses: Vec<_> = (0..60)
        .map(|index| {
            let cache = processes[index % 2].clone();
            tokio::spawn(async move { cache.limit(limit(20)).await })
        })
        .collect();
    let mut allowed = 0;
    for task in uses {
        let decision = task.await.unwrap();
        assert_eq!(decision.limit, 20);
        assert!(decision.reset_after <= MINUTE && decision.reset_after > Duration::ZERO);
        assert!(decision.allowed || decision.remaining == 0);
        allowed += usize::from(decision.allowed);
    }
    assert_eq!(allowed, 20);
}

#[tokio::test]
async fn what_remains_is_told() {
    let redis = TestRedis::start().await;
    let cache = connected(&redis).await;
    for expected in [2, 1, 0] {
        let decision = cache.limit(limit(3)).await;
        assert!(decision.allowed);
        assert_eq!(decision.remaining, expected);
    }
    assert!(!cache.limit(limit(3)).await.allowed);
    let other = RateLimit {
        client: Client::Text("another"),
        ..limit(3)
    };
    assert!(cache.limit(other).await.allowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_budget_is_never_exceeded_and_mostly_spent_without_redis() {
    let redis = TestRedis::start().await;
    let processes = [connected(&redis).await, connected(&redis).await];
    let uses: Vec<_> = (0..1000)
        .map(|index| {
            let cache = processes[index % 2].clone();
            tokio::spawn(async move { cache.limit(limit(400)).await.allowed })
        })
        .collect();
    let mut allowed = 0;
    for task in uses {
        allowed += usize::from(task.await.unwrap());
    }
    assert!(allowed <= 400, "{allowed}");
    // Nobody listens, so each process takes a quarter at a time; all leases were spent by this many uses.
    assert_eq!(allowed, 400);
}

#[tokio::test]
async fn processes_that_end_with_a_lease_leave_something_to_the_next() {
    let redis = TestRedis::start().await;
    for number in 0..12 {
        let process = connected(&redis).await;
        assert!(process.limit(limit(400)).await.allowed, "{number}");
    }
}

#[tokio::test]
async fn a_lease_is_spent_while_redis_is_gone_and_local_limits_follow() {
    let redis = TestRedis::start().await;
    let cache = connected(&redis).await;
    let first = cache.limit(limit(200)).await;
    assert!(first.allowed);
    assert_eq!(first.remaining, 199);
    redis.kill().await;
    let mut allowed = 1;
    while cache.limit(limit(200)).await.allowed {
        allowed += 1;
        assert!(allowed <= 250);
    }
    // The lease of 50, then this process's own window.
    assert_eq!(allowed, 250);
}

#[tokio::test]
async fn without_redis_the_limits_are_the_processs_own() {
    let time = Arc::new(ManualTime::new());
    let cache = Cache::new(Options {
        time: time.clone(),
        ..options(None)
    })
    .unwrap();
    for expected in [true, true, false] {
        assert_eq!(cache.limit(limit(2)).await.allowed, expected);
    }
    time.advance(MINUTE);
    assert!(cache.limit(limit(2)).await.allowed);
}
