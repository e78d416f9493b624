//! When a schedule is due.
//!
//! Patterns are read in the server's time zone. When its clock goes forward, a pattern with one second, minute and hour whose
//! time is left out is due at the first moment after the gap; when the clock goes back, it is due at the first of the two
//! times. Patterns with lists, ranges, steps or `*` there follow the clock: nothing in the gap, both of two equal times.

use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;

use super::trigger::Trigger;

/// How late a schedule may still be run: longer than a restart or a fail-over of the panel takes, and short enough that nothing
/// happens at an hour nobody expects it.
pub const LATE_LIMIT: TimeDelta = TimeDelta::minutes(15);

/// What is wrong with a cron pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It cannot be read.
    #[error(
        "must be a cron pattern like `0 4 * * *` (minute, hour, day of month, month, day of week): {0}"
    )]
    Unreadable(String),
    /// It can, and describes no time that will ever come.
    #[error("must be a pattern of times that come: this one describes none")]
    Never,
}

/// The time zone of this name; UTC for a server that has none, or one that nobody knows.
#[must_use]
pub fn zone_of(name: Option<&str>) -> Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// That a pattern can be read and describes a time after `now`.
///
/// # Errors
/// [`PatternError`].
pub fn check_pattern(pattern: &str, now: DateTime<Utc>) -> Result<(), PatternError> {
    let cron = read(pattern)?;
    next(&cron, now, Tz::UTC)
        .map(|_| ())
        .ok_or(PatternError::Never)
}

/// Whether a pattern describes no two times of the same minute. Its second has to be one number then, or left out.
pub(super) fn once_a_minute(pattern: &str) -> bool {
    let fields: Vec<&str> = pattern.split_whitespace().collect();
    fields.len() < 6 || fields[0].parse::<u8>().is_ok()
}

/// A pattern with its field for seconds, and without nicknames. Daemons are promised that field, and one that cannot read a pattern
/// refuses the whole server.
#[must_use]
pub fn with_seconds(pattern: &str) -> String {
    let pattern = match pattern.trim().to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * SUN",
        "@daily" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => pattern.trim(),
    };
    if pattern.split_whitespace().count() == 5 {
        format!("0 {pattern}")
    } else {
        pattern.to_owned()
    }
}

fn read(pattern: &str) -> Result<Cron, PatternError> {
    // The crate expands `@daily` and the like; a pattern that is longer than any sensible one is not looked at.
    if pattern.len() > 255 {
        return Err(PatternError::Unreadable("it is too long".to_owned()));
    }
    Cron::from_str(pattern).map_err(|error| PatternError::Unreadable(error.to_string()))
}

fn next(cron: &Cron, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    // A pattern that has no more times, or whose search fails, is simply not due any more.
    let found = cron.find_next_occurrence(&after.with_timezone(&zone), false);
    found.ok().map(|at| at.with_timezone(&Utc))
}

/// The times at which a schedule is due: its *slots*.
#[derive(Debug, Clone)]
pub struct Timetable {
    patterns: Vec<Cron>,
    zone: Tz,
}

/// What is to be done about the slots of a schedule up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The slot to run: the last one that is not too late.
    pub run: Option<DateTime<Utc>>,
    /// The first of the slots that are not run, if there are any: they are too late, or another has come since.
    pub missed: Option<DateTime<Utc>>,
    /// The slot after now.
    pub next: Option<DateTime<Utc>>,
}

impl Timetable {
    /// The slots of these triggers in `zone`. Triggers of other kinds, and patterns that cannot be read (they were when they were
    /// stored), have none.
    #[must_use]
    pub fn of(triggers: &[Trigger], zone: Tz) -> Self {
        let patterns = triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Cron { schedule } => read(schedule).ok(),
            _ => None,
        });
        Self {
            patterns: patterns.collect(),
            zone,
        }
    }

    /// Whether there are no slots at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The first slot after `after`. Two patterns that meet make one slot.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.patterns
            .iter()
            .filter_map(|cron| next(cron, after, self.zone))
            .min()
    }

    /// What is to be done at `now`, when the slots up to `considered_until` have been dealt with.
    ///
    /// A schedule is run for one slot at most, however many have gone by: for the last one, and only within [`LATE_LIMIT`].
    /// A clock that went back makes nothing due again.
    #[must_use]
    pub fn due(&self, considered_until: DateTime<Utc>, now: DateTime<Utc>) -> Due {
        let mut due = Due {
            run: None,
            missed: None,
            next: None,
        };
        let still_in_time = now - LATE_LIMIT;
        let mut after = considered_until;
        if after < still_in_time {
            // However long nobody looked, the slots that are too late anyway are not walked through.
            due.missed = self.next_after(after).filter(|slot| *slot < still_in_time);
            after = still_in_time - TimeDelta::seconds(1);
        }
        loop {
            match self.next_after(after) {
                Some(slot) if slot <= now => {
                    if slot >= still_in_time {
                        due.missed = due.missed.or(due.run);
                        due.run = Some(slot);
                    }
                    after = slot;
                }
                next => {
                    due.next = next;
                    return due;
                }
            }
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
