//! Rate limits: fixed windows, counted in Redis for the whole region.

mod here;
mod lease;
mod table;

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::Script;

use crate::link::Link;
use crate::telemetry::{Limited, Limits};
use crate::time::Monotonic;
use lease::Lease;
use table::Table;

/// From this budget on, uses are spent from leases: a request then makes no round trip to Redis. Smaller budgets are exact.
const LEASED_FROM: u32 = 100;

/// Takes uses out of the shared window, as many as are wanted and left.
///
/// `KEYS`: window. `ARGV`: budget, milliseconds of the window, `one` or the channel all processes are subscribed to. With a
/// channel, a process's share of a quarter of what is left is wanted: those that end with a lease in hand leave something to the
/// others. Answers what was granted, what is left, and the milliseconds until the window ends. Refused uses do not count, and nothing moves the end of a window.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local budget = tonumber(ARGV[1])
        local want = 1
        local used = tonumber(redis.call('GET', KEYS[1]) or '0')
        if ARGV[3] ~= 'one' then
            local answer = redis.pcall('PUBSUB', 'NUMSUB', ARGV[3])
            if not answer.err then
                local processes = math.max(1, tonumber(answer[2]))
                want = math.max(1, math.floor((budget - used) / 4 / processes))
            end
        end
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

/// For whom uses are counted. A number costs no allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client<'a> {
    /// An id, or an address.
    Number(u128),
    /// Anything else.
    Text(&'a str),
}

impl fmt::Display for Client<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number:032x}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A limit: so many uses of a bucket in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit<'a> {
    /// What is counted, such as `auth_login`.
    pub bucket: &'static str,
    /// For whom.
    pub client: Client<'a>,
    /// The uses allowed in a window. Up to 99 are counted exactly; of more, a process holds at most its share of a quarter
    /// of what is left back from the others.
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
    table: Table,
    counters: Limits,
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
            table: Table::default(),
            counters: Limits::default(),
            time,
        }
    }

    /// The decision when a lease that is held can make it.
    pub(crate) fn spend(&self, limit: RateLimit<'_>) -> Option<Decision> {
        if limit.budget < LEASED_FROM {
            return None;
        }
        let decision = self.table.spend(limit, self.time.now())?;
        self.counters.count(decision.allowed, Limited::Lease);
        Some(decision)
    }

    pub(crate) async fn decide(&self, limit: RateLimit<'_>) -> Decision {
        if limit.budget < LEASED_FROM {
            return match self.take(limit, "one").await {
                Some(grant) => self.by_redis(limit.decision(grant)),
                None => self.decide_here(limit),
            };
        }
        if let Some(decision) = self.spend(limit) {
            return decision;
        }
        let taking = self.table.taking(limit, self.time.now());
        let _taking = taking.lock().await;
        // Whoever held it may have taken enough.
        if let Some(decision) = self.spend(limit) {
            return decision;
        }
        let asked = self.time.now();
        match self.take(limit, &self.channel).await {
            Some(grant) => {
                let mut lease = Lease::new(limit, grant, asked);
                let spent = lease.spend(limit, asked);
                self.table.keep(limit, lease, asked);
                self.by_redis(spent.unwrap_or_else(|| limit.decision(grant)))
            }
            None => self.decide_here(limit),
        }
    }

    fn by_redis(&self, decision: Decision) -> Decision {
        self.counters.count(decision.allowed, Limited::Redis);
        decision
    }

    fn decide_here(&self, limit: RateLimit<'_>) -> Decision {
        let decision = limit.decision(self.table.take_here(limit, self.time.now()));
        self.counters.count(decision.allowed, Limited::Process);
        decision
    }

    async fn take(&self, limit: RateLimit<'_>, want: &str) -> Option<Grant> {
        let link = self.link.as_ref()?;
        let key = format!("{}:{}:{}", self.prefix, limit.bucket, limit.client);
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
