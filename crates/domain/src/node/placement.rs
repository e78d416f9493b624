//! On which node a new server goes when nobody says so.

use super::{Amount, Capacity};

/// The share that stands for a node that has hardly anything left, in millionths: none is out of the question.
const LEAST_WEIGHT: u32 = 1_000;
/// As many millionths as there are in a whole.
const WHOLE: u32 = 1_000_000;

/// A node that takes new servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// What it has.
    pub capacity: Capacity,
    /// What its servers were promised.
    pub used: Amount,
    /// Drawn for it: 0 to 1.
    pub draw: f64,
}

impl Candidate {
    /// How full it would be, in millionths of what it has, by what there is least of.
    fn load(&self, more: Amount) -> u32 {
        let share = |capacity: i64, used: i64, more: i64| {
            if capacity == 0 {
                return 0;
            }
            let full = i128::from(used) + i128::from(more);
            let share = full.max(0) * i128::from(WHOLE) / i128::from(capacity);
            u32::try_from(share).unwrap_or(u32::MAX)
        };
        share(self.capacity.memory, self.used.memory, more.memory).max(share(
            self.capacity.disk,
            self.used.disk,
            more.disk,
        ))
    }
}

/// The nodes in the order in which they are to be tried, by their places in `candidates`. Those where `more` does not fit come last, fullest
/// at the very end, or not at all. With a `randomness` above 0 the order of the others is drawn, and whoever has more left has better
/// chances: the better, the lower it is.
#[must_use]
pub fn placement(
    candidates: &[Candidate],
    more: Amount,
    allow_overallocation: bool,
    randomness: f64,
) -> Vec<usize> {
    let mut order: Vec<(u32, f64, usize)> = candidates
        .iter()
        .enumerate()
        .filter(|(_, node)| allow_overallocation || node.capacity.fits(node.used, more).is_ok())
        .map(|(place, node)| {
            let load = node.load(more);
            let left = WHOLE.saturating_sub(load).max(LEAST_WEIGHT);
            let left = f64::from(left) / f64::from(WHOLE);
            let rank = if randomness > 0.0 {
                // Whoever draws the smallest of these waits the shortest: the rate is the node's weight.
                -node.draw.clamp(f64::MIN_POSITIVE, 1.0).ln() / left.powf(1.0 / randomness)
            } else {
                -left
            };
            (load.saturating_sub(WHOLE), rank, place)
        })
        .collect();
    order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    order.into_iter().map(|(_, _, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(memory: i64, used: i64, draw: f64) -> Candidate {
        Candidate {
            capacity: Capacity { memory, disk: 0 },
            used: Amount {
                memory: used,
                disk: 0,
            },
            draw,
        }
    }

    const MORE: Amount = Amount {
        memory: 10,
        disk: 10,
    };

    #[test]
    fn the_emptiest_comes_first_without_chance() {
        let nodes = [node(100, 50, 0.9), node(100, 10, 0.1), node(0, 999, 0.5)];
        assert_eq!(placement(&nodes, MORE, false, 0.0), [2, 1, 0]);
    }

    #[test]
    fn what_does_not_fit_is_left_out_or_comes_last() {
        let nodes = [node(100, 200, 0.5), node(100, 95, 0.5), node(100, 10, 0.5)];
        assert_eq!(placement(&nodes, MORE, false, 0.5), [2]);
        assert_eq!(placement(&nodes, MORE, true, 0.5), [2, 1, 0]);
    }

    #[test]
    fn chance_may_prefer_a_fuller_one() {
        let nodes = [node(100, 50, 1.0), node(100, 10, 0.000_1)];
        assert_eq!(placement(&nodes, MORE, false, 1.0), [0, 1]);
        assert!(placement(&[], MORE, true, 0.5).is_empty());
    }
}
