//! The tier in Redis. Every entry starts with the position at which its value was read.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use crate::floors::FLOOR_KEPT;
use crate::link::{Away, Link};
use crate::mark::{ENCODED_BYTES, Mark};

/// Stores a value unless its position is below the key's floor, or what is there is newer.
///
/// `KEYS`: value, floor. `ARGV`: position, payload, milliseconds to live.
static FILL: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local function covers(position, other)
            return string.sub(position, 1, 16) == string.sub(other, 1, 16) and position >= other
        end
        local floor = redis.call('GET', KEYS[2])
        if floor and not covers(ARGV[1], floor) then return 0 end
        local held = redis.call('GETRANGE', KEYS[1], 0, 31)
        if held > ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1] .. ARGV[2], 'PX', ARGV[3])
        return 1
        ",
    )
});

/// Removes values from before a position and raises their floors to it; then publishes a message, if there is one.
///
/// `KEYS`: value and floor, for each key. `ARGV`: position, milliseconds to keep the floors, channel, message.
static DROP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local epoch = string.sub(ARGV[1], 1, 16)
        for i = 1, #KEYS, 2 do
            local held = redis.call('GETRANGE', KEYS[i], 0, 31)
            if held ~= '' and not (string.sub(held, 1, 16) == epoch and held >= ARGV[1]) then
                redis.call('UNLINK', KEYS[i])
            end
            local floor = redis.call('GET', KEYS[i + 1])
            if floor and floor >= ARGV[1] then
                redis.call('PEXPIRE', KEYS[i + 1], ARGV[2])
            else
                redis.call('SET', KEYS[i + 1], ARGV[1], 'PX', ARGV[2])
            end
        end
        if ARGV[4] then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
        return 1
        ",
    )
});

/// What Redis held under a key.
pub(crate) struct Held {
    pub(crate) position: Mark,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Remote {
    link: Arc<Link>,
    prefix: String,
}

impl Remote {
    pub(crate) fn new(link: Arc<Link>, prefix: &str) -> Self {
        Self {
            link,
            prefix: prefix.to_owned(),
        }
    }

    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    pub(crate) fn channel(&self) -> String {
        format!("{}:bus", self.prefix)
    }

    pub(crate) async fn get(&self, name: &str) -> Option<Held> {
        let key = self.value_key(name);
        let bytes: Option<Vec<u8>> = self
            .link
            .call("get", async |mut connection| {
                redis::cmd("GET")
                    .arg(&key)
                    .query_async(&mut connection)
                    .await
            })
            .await
            .ok()?;
        decode(bytes?)
    }

    pub(crate) async fn fill(&self, name: &str, position: Mark, payload: &[u8], ttl: Duration) {
        let milliseconds = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        // A value that is not stored is loaded again; the link has counted what went wrong.
        self.link
            .call::<i64, _, _>("fill", async |mut connection| {
                FILL.key(self.value_key(name))
                    .key(self.floor_key(name))
                    .arg(position.encode())
                    .arg(payload)
                    .arg(milliseconds)
                    .invoke_async(&mut connection)
                    .await
            })
            .await
            .ok();
    }

    /// Removes what is older than `at`, and publishes `message`.
    pub(crate) async fn drop_older<S: AsRef<str>>(
        &self,
        names: &[S],
        at: Mark,
        message: Option<&str>,
    ) -> Result<(), Away> {
        let milliseconds = FLOOR_KEPT.as_secs() * 1000;
        self.link
            .call::<i64, _, _>("drop", async |mut connection| {
                let mut script = DROP.prepare_invoke();
                for name in names {
                    script.key(self.value_key(name.as_ref()));
                    script.key(self.floor_key(name.as_ref()));
                }
                script.arg(at.encode()).arg(milliseconds);
                if let Some(message) = message {
                    script.arg(self.channel()).arg(message);
                }
                script.invoke_async(&mut connection).await
            })
            .await
            .map(|_| ())
    }

    /// Tells whoever listens to `channel`; gives how many that are.
    pub(crate) async fn publish(&self, channel: &str, message: &str) -> Result<usize, Away> {
        self.link
            .call("publish", async |mut connection| {
                redis::cmd("PUBLISH")
                    .arg(channel)
                    .arg(message)
                    .query_async(&mut connection)
                    .await
            })
            .await
    }

    fn value_key(&self, name: &str) -> String {
        format!("{}:value:{name}", self.prefix)
    }

    fn floor_key(&self, name: &str) -> String {
        format!("{}:floor:{name}", self.prefix)
    }
}

fn decode(mut bytes: Vec<u8>) -> Option<Held> {
    let position = bytes.get(..ENCODED_BYTES)?;
    let position = Mark::decode(std::str::from_utf8(position).ok()?)?;
    Some(Held {
        position,
        payload: bytes.split_off(ENCODED_BYTES),
    })
}
