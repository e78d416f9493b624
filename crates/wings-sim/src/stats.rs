//! Load that looks like load and is the same in every run: a function of the server, a seed and the tick.

use uuid::Uuid;

const MIB: u64 = 1024 * 1024;

/// One tick's figures, each a share between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Load {
    cpu: f64,
    memory: f64,
    network: f64,
}

/// Scrambles a number (the finalizer of SplitMix64).
const fn scramble(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn share(seed: u64, tick: u64) -> f64 {
    let bits = u32::try_from(scramble(seed ^ tick.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 32)
        .unwrap_or(u32::MAX);
    f64::from(bits) / f64::from(u32::MAX)
}

/// Goes smoothly from one random share to the next, `every` ticks apart.
fn drifting(seed: u64, tick: u64, every: u64) -> f64 {
    let (from, to) = (share(seed, tick / every), share(seed, tick / every + 1));
    let within = u32::try_from(tick % every).unwrap_or(0);
    let every = u32::try_from(every).unwrap_or(1);
    from + (to - from) * f64::from(within) / f64::from(every)
}

pub(crate) fn load(server: Uuid, seed: u64, tick: u64) -> Load {
    let (high, low) = server.as_u64_pair();
    let seed = scramble(high ^ low ^ seed);
    // Starting takes more than running does.
    let effort = if tick < 10 { 0.5 } else { 0.0 };
    Load {
        cpu: 0.05 + effort + 0.3 * drifting(seed, tick, 7) + 0.1 * share(seed ^ 1, tick),
        memory: 0.35 + 0.3 * drifting(seed ^ 2, tick, 60),
        network: drifting(seed ^ 3, tick, 5),
    }
}

/// The limit of a container in bytes, with the overhead that daemons add to `limit` MiB.
pub(crate) const fn with_overhead(limit: u64) -> u64 {
    let percent = match limit {
        0..=2048 => 115,
        2049..=4096 => 110,
        _ => 105,
    };
    limit * percent / 100 * MIB
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "shares of sizes far below 2^52, never negative"
)]
fn portion(share: f64, whole: u64) -> u64 {
    (share * whole as f64) as u64
}

impl Load {
    /// Percent, with three decimals; a server without a limit has two cores.
    pub(crate) fn cpu(self, limit: i64) -> f64 {
        let limit = i32::try_from(limit)
            .ok()
            .filter(|limit| *limit > 0)
            .unwrap_or(200);
        (self.cpu * f64::from(limit) * 1000.0).round() / 1000.0
    }

    /// Bytes of a limit in MiB; a server without a limit has 2 GiB.
    pub(crate) fn memory(self, limit: u64) -> u64 {
        portion(self.memory, if limit == 0 { 2048 } else { limit } * MIB)
    }

    /// Bytes received in this tick.
    pub(crate) fn received(self) -> u64 {
        portion(self.network, 24_000)
    }

    /// Bytes sent in this tick.
    pub(crate) fn sent(self) -> u64 {
        portion(self.network, 61_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_the_same_every_time_and_within_its_limits() {
        let (a, b) = (Uuid::from_u128(7), Uuid::from_u128(8));
        for tick in 0..500 {
            let load = load(a, 0, tick);
            assert_eq!(load, super::load(a, 0, tick));
            assert!((0.0..=100.0).contains(&load.cpu(100)), "{load:?}");
            assert!(load.memory(512) < 512 * MIB);
        }
        assert_ne!(load(a, 0, 3), load(b, 0, 3));
        assert_ne!(load(a, 0, 3), load(a, 1, 3));
        assert_eq!(with_overhead(256), 294 * MIB);
    }
}
