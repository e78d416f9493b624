//! Keys, loaders and caches for the tests.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use panel_cache::{Cache, Key, Loaded, LogPosition, Mark, Options, Reader, RedisTarget};

/// Longer than any test waits, so that nothing is gone because its time is over.
pub(crate) const TTL: Duration = Duration::from_secs(3600);
/// Long enough that no test waits for it in vain on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Name(pub(crate) &'static str);

impl Key for Name {
    type Value = String;
    const KIND: &'static str = "name";
    fn id(&self) -> String {
        self.0.to_owned()
    }
}

pub(crate) struct Password(pub(crate) &'static str);

impl Key for Password {
    type Value = String;
    const KIND: &'static str = "password";
    const SECRET: bool = true;
    fn id(&self) -> String {
        self.0.to_owned()
    }
}

pub(crate) fn at(lsn: u64) -> Mark {
    Mark::new(1, lsn)
}

/// A batch of the log that was read between two samples of the same position.
pub(crate) fn log(lsn: u64) -> LogPosition {
    LogPosition {
        watermark: at(lsn),
        seen: at(lsn),
    }
}

pub(crate) const NO_KEYS: &[(&str, Option<uuid::Uuid>)] = &[];

/// Options with a budget that a busy test machine keeps.
pub(crate) fn options(redis: Option<&str>) -> Options {
    Options {
        redis: redis.map(|url| RedisTarget::Single {
            url: url.to_owned(),
        }),
        redis_budget: Duration::from_secs(10),
        heard_within: PATIENCE,
        local_ttl: TTL,
        ..Options::default()
    }
}

/// A cache that has read the log up to 10 and is connected, if there is a Redis.
pub(crate) async fn ready(options: Options) -> Cache {
    let connects = options.redis.is_some();
    let cache = Cache::new(options).unwrap();
    assert_eq!(cache.connect().await, connects);
    cache.apply_log(NO_KEYS, log(10)).await;
    cache
}

/// A source whose reads are counted.
#[derive(Clone, Default)]
pub(crate) struct Source {
    reads: Arc<AtomicUsize>,
}

impl Source {
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) async fn read(&self, lsn: u64, value: &str) -> Result<Loaded<String>, Infallible> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Ok(Loaded::at(at(lsn), value.to_owned()))
    }

    /// What `cache` answers when this source stands at `lsn` and holds `value`.
    pub(crate) async fn get(
        &self,
        cache: &Cache,
        key: &'static str,
        reader: Reader,
        lsn: u64,
        value: &str,
    ) -> String {
        let Ok(value) = cache
            .get_or_load(&Name(key), TTL, reader, || self.read(lsn, value))
            .await;
        value
    }
}

/// Asks again until `condition` holds.
pub(crate) async fn eventually<F, Fut>(what: &str, mut condition: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = bool>,
{
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A connection of the test's own, past the cache.
pub(crate) async fn redis_connection(url: &str) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// Options with Redis alone, whose state every read shows.
pub(crate) fn redis_only(url: &str) -> Options {
    Options {
        local_capacity: None,
        ..options(Some(url))
    }
}

/// Whether `cache` can keep values in Redis at this moment.
pub(crate) async fn keeps(cache: &Cache, lsn: u64) -> bool {
    let source = Source::default();
    source.get(cache, "probe", Reader::Any, lsn, "value").await;
    source.get(cache, "probe", Reader::Any, lsn, "value").await;
    source.reads() < 2
}

/// The JSON that Redis holds for the key, whatever the processes think of it.
pub(crate) async fn held(url: &str, key: &str) -> Option<String> {
    try_held(url, key).await.unwrap()
}

/// The same of a Redis that may drop its clients meanwhile, as one does that becomes the master.
pub(crate) async fn try_held(url: &str, key: &str) -> redis::RedisResult<Option<String>> {
    let mut connection = redis_connection(url).await;
    let bytes: Option<String> = redis::cmd("GET")
        .arg(format!("roost:value:name:{key}"))
        .query_async(&mut connection)
        .await?;
    Ok(bytes.map(|mut bytes| bytes.split_off(32)))
}
