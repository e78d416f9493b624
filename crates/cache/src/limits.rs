//! Rate limits: fixed windows, counted in Redis for the whole region.

mod here;
mod lease;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use crate::link::Link;
use crate::telemetry;
use crate::time::Monotonic;
use here::Windows;
use lease::{Lease, Leases};

/// From this budget on, uses are spent from leases: a request then makes no round trip to Redis. Smaller budgets are exact.
const LEASED_FROM: u32 = 100;

/// Takes uses out of the shared window, as many as are wanted and left.
///
/// `KEYS`: window. `ARGV`: budget, milliseconds of the window, `one` or the channel all processes are subscribed to. With a
/// channel, a process's share of a quarter of the budget is wanted. Answers what was granted, what is left, and the
/// milliseconds until the window ends. Refused uses do not count, and nothing moves the end of a window.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local budget = tonumber(ARGV[1])
        local want = 1
        if ARGV[3] ~= 'one' then
            local answer = redis.pcall('PUBSUB', 'NUMSUB', ARGV[3])
            if not answer.err then
                local processes = math.max(1, tonumber(answer[2]))
                want = math.max(1, math.floor(budget / 4 / processes))
            end
        end
        local used = tonumber(redis.call('GET', KEYS[1]) or '0')
        local ends = redis.call('PTTL', KEYS[1])
        local granted = math.max(0, math.min(want, budget - used))
        if granted > 0 then redis.call('INCRBY', KEYS[1], granted) end
        if ends < 0 then
            ends = tonumber(ARGV[2])
            redis.call('PEXPIRE', KEYS[1], ends)
        end
        return {granted, math.max(0, budget - used - granted), ends}
        ",
    )
});

/// A limit: so many uses of a bucket in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit<'a> {
    /// What is counted, the client included, such as `auth_login:203.0.113.7`.
    pub bucket: &'a str,
    /// The uses allowed in a window. Up to 99 are counted exactly; of more, a process holds at most its share of a quarter
    /// back from the others.
    pub budget: u32,
    /// The length of the window, which starts with the first use.
    pub window: Duration,
}

/// What a limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether this use is within the budget.
    pub allowed: bool,
    /// The budget.
    pub limit: u32,
    /// The uses left in this window, as far as this process knows.
    pub remaining: u32,
    /// The time until the window ends.
    pub reset_after: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grant {
    granted: u32,
    left: u32,
    ends_in: Duration,
}

pub(crate) struct Limiter {
    link: Option<Arc<Link>>,
    prefix: String,
    channel: String,
    leases: Leases,
    here: Windows,
    time: Arc<dyn Monotonic>,
}

impl Limiter {
    pub(crate) fn new(
        link: Option<Arc<Link>>,
        prefix: &str,
        channel: String,
        time: Arc<dyn Monotonic>,
    ) -> Self {
        Self {
            link,
            prefix: format!("{prefix}:limit"),
            channel,
            leases: Leases::default(),
            here: Windows::default(),
            time,
        }
    }

    pub(crate) async fn decide(&self, limit: RateLimit<'_>) -> Decision {
        let (decision, by) = if limit.budget >= LEASED_FROM {
            self.decide_leased(limit).await
        } else {
            self.decide_exactly(limit).await
        };
        telemetry::limited(decision.allowed, by);
        decision
    }

    async fn decide_exactly(&self, limit: RateLimit<'_>) -> (Decision, &'static str) {
        match self.take(limit, "one").await {
            Some(grant) => (limit.decision(grant), "redis"),
            None => (self.decide_here(limit), "process"),
        }
    }

    async fn decide_leased(&self, limit: RateLimit<'_>) -> (Decision, &'static str) {
        let lease = self.leases.of(limit.bucket, self.time.now());
        // Held while the next lease is taken, so that a burst takes one and not one each.
        let mut lease = lease.lock().await;
        if let Some(decision) = lease.spend(limit, self.time.now()) {
            return (decision, "lease");
        }
        let asked = self.time.now();
        match self.take(limit, &self.channel).await {
            Some(grant) => {
                *lease = Lease::new(grant, asked);
                let spent = lease.spend(limit, asked);
                (spent.unwrap_or_else(|| limit.decision(grant)), "redis")
            }
            None => (self.decide_here(limit), "process"),
        }
    }

    fn decide_here(&self, limit: RateLimit<'_>) -> Decision {
        limit.decision(self.here.take(limit, self.time.now()))
    }

    async fn take(&self, limit: RateLimit<'_>, want: &str) -> Option<Grant> {
        let link = self.link.as_ref()?;
        let key = format!("{}:{}", self.prefix, limit.bucket);
        let window = u64::try_from(limit.window.as_millis()).unwrap_or(u64::MAX);
        let (granted, left, ends_in) = link
            .call::<(u32, u32, u64), _, _>("limit", async |mut connection| {
                TAKE.key(&key)
                    .arg(limit.budget)
                    .arg(window.max(1))
                    .arg(want)
                    .invoke_async(&mut connection)
                    .await
            })
            .await
            .ok()?;
        Some(Grant {
            granted,
            left,
            ends_in: Duration::from_millis(ends_in),
        })
    }
}

impl RateLimit<'_> {
    fn decision(self, grant: Grant) -> Decision {
        Decision {
            allowed: grant.granted > 0,
            limit: self.budget,
            remaining: grant.left,
            reset_after: grant.ends_in,
        }
    }
}
