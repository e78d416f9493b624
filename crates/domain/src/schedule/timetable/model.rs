//! Ten thousand schedules through a year, against a model that shares nothing with the timetable but the zones' offsets: it
//! goes through the calendar of each zone minute by minute instead of searching for the next time.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike as _, NaiveDate, Offset as _, TimeZone as _};

use super::*;

const SCHEDULES: usize = 10_000;
/// The schedules of different servers are walked at the same time.
const THREADS: usize = 4;
const DAY: i64 = 86_400;

const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Chatham",
];

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap() % sides
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.roll(high - low + 1)
    }
}

#[derive(Clone)]
enum Field {
    Any,
    Every(i64),
    One(i64),
    Some(BTreeSet<i64>),
    Range(i64, i64),
}

impl Field {
    fn has(&self, value: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Every(step) => value % step == 0,
            Self::One(one) => value == *one,
            Self::Some(some) => some.contains(&value),
            Self::Range(low, high) => (*low..=*high).contains(&value),
        }
    }
}

impl Field {
    fn is_one(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Some(some) => some.len() == 1,
            _ => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Every(step) => write!(f, "*/{step}"),
            Self::One(one) => write!(f, "{one}"),
            Self::Some(some) => {
                let numbers: Vec<String> = some.iter().map(ToString::to_string).collect();
                f.write_str(&numbers.join(","))
            }
            Self::Range(low, high) => write!(f, "{low}-{high}"),
        }
    }
}

struct Pattern {
    second: i64,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {} {} {}",
            self.second, self.minute, self.hour, self.day, self.month, self.weekday
        )
    }
}

impl Pattern {
    fn draw(dice: &mut Dice, second: i64) -> Self {
        let minute = Field::One(dice.roll(60));
        let hour = Field::One(dice.roll(24));
        let mut pattern = Self {
            second,
            minute,
            hour,
            day: Field::Any,
            month: Field::Any,
            weekday: Field::Any,
        };
        // Most are as rare as people's, and many are in the hours, and on the day, in which clocks change.
        match dice.roll(1000) {
            0..4 => {
                pattern.minute = Field::Every(dice.between(10, 30));
                pattern.hour = Field::Range(0, 5);
            }
            4..8 => {
                pattern.minute = Field::Any;
                pattern.weekday = Field::One(0);
            }
            8..12 => pattern.hour = Field::Every(dice.between(1, 6)),
            12..60 => {
                let low = dice.between(0, 5);
                pattern.hour = Field::Range(low, low + dice.between(1, 3));
                pattern.weekday = Field::One(0);
            }
            60..110 => {
                pattern.hour = Field::Some((0..3).map(|_| dice.roll(6)).collect());
                pattern.weekday = Field::Some([0, 5].into());
            }
            110..250 => {
                pattern.hour = Field::One(dice.roll(4));
                pattern.weekday = Field::One(0);
            }
            250..300 => pattern.hour = Field::One(dice.roll(4)),
            300..600 => pattern.weekday = Field::Some((0..2).map(|_| dice.roll(7)).collect()),
            600..800 => pattern.day = Field::One(dice.between(1, 31)),
            800..850 => {
                pattern.day = Field::Range(1, dice.between(2, 5));
                pattern.weekday = Field::One(dice.roll(7));
            }
            850..950 => {
                pattern.month = Field::Some((0..4).map(|_| dice.between(1, 12)).collect());
                pattern.weekday = Field::Range(1, dice.between(2, 5));
            }
            950..980 => pattern.month = Field::Some((0..4).map(|_| dice.between(1, 12)).collect()),
            _ => {}
        }
        pattern
    }

    /// A pattern with one time of the day keeps it when clocks change.
    fn is_fixed(&self) -> bool {
        self.minute.is_one() && self.hour.is_one()
    }

    fn has_day(&self, date: NaiveDate) -> bool {
        let day = self.day.has(i64::from(date.day()));
        let weekday = self
            .weekday
            .has(i64::from(date.weekday().num_days_from_sunday()));
        let either = match (&self.day, &self.weekday) {
            (Field::Any, _) | (_, Field::Any) => day && weekday,
            _ => day || weekday,
        };
        either && self.month.has(i64::from(date.month()))
    }
}

/// A stretch of time in which a zone's clock is `offset` seconds ahead of UTC.
struct Stretch {
    begin: i64,
    end: i64,
    offset: i64,
}

fn stretches(zone: Tz, begin: i64, end: i64) -> Vec<Stretch> {
    let offset_at = |at: i64| {
        let utc = DateTime::from_timestamp(at, 0).unwrap().naive_utc();
        i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
    };
    let mut found: Vec<Stretch> = Vec::new();
    for at in (begin..end).step_by(15 * 60) {
        let offset = offset_at(at);
        match found.last_mut() {
            Some(last) if last.offset == offset => last.end = at + 15 * 60,
            _ => found.push(Stretch {
                begin: at,
                end: at + 15 * 60,
                offset,
            }),
        }
    }
    found
}

/// Every slot of a pattern between `begin` and `end`, in seconds of UTC.
fn slots(pattern: &Pattern, zone: &[Stretch], begin: i64, end: i64) -> BTreeSet<i64> {
    let mut slots = BTreeSet::new();
    for midnight in (begin / DAY - 1..=end / DAY + 1).map(|day| day * DAY) {
        let date = DateTime::from_timestamp(midnight, 0).unwrap().date_naive();
        if !pattern.has_day(date) {
            continue;
        }
        for hour in (0..24).filter(|hour| pattern.hour.has(*hour)) {
            for minute in (0..60).filter(|minute| pattern.minute.has(*minute)) {
                let local = midnight + hour * 3600 + minute * 60 + pattern.second;
                let mut instants = zone
                    .iter()
                    .map(|stretch| (stretch, local - stretch.offset))
                    .filter(|(stretch, at)| (stretch.begin..stretch.end).contains(at))
                    .map(|(_, at)| at);
                if pattern.is_fixed() {
                    let after_the_gap = zone
                        .iter()
                        .find(|stretch| stretch.begin + stretch.offset > local)
                        .map(|stretch| stretch.begin);
                    slots.extend(instants.next().or(after_the_gap));
                } else {
                    slots.extend(instants);
                }
            }
        }
    }
    slots.retain(|slot| (begin + 1..end).contains(slot));
    slots
}

#[derive(Default, Debug, PartialEq, Eq)]
struct Totals {
    slots: usize,
    run: usize,
    late: usize,
    left_out: usize,
}

/// When somebody looks at a schedule that became due at `slot`: a few seconds later, or after the outage.
fn looked_at(slot: i64, outages: &[(i64, i64)], dice: &mut Dice) -> i64 {
    let up = outages
        .iter()
        .find(|(from, until)| (*from..*until).contains(&slot))
        .map_or(slot, |(_, until)| *until);
    up + dice.roll(20)
}

fn walk(
    number: usize,
    begin: i64,
    end: i64,
    outages: &[(i64, i64)],
    zones: &[Vec<Stretch>],
) -> Totals {
    let seed = 0x9e37_79b9_7f4a_7c15 ^ (u64::try_from(number).unwrap() << 20);
    let mut dice = Dice(seed);
    for _ in 0..8 {
        dice.roll(2);
    }
    let zone = number % ZONES.len();
    let second = if dice.roll(10) == 0 { dice.roll(60) } else { 0 };
    let patterns: Vec<Pattern> = (0..1 + dice.roll(2))
        .map(|_| Pattern::draw(&mut dice, second))
        .collect();
    let expected: Vec<i64> = patterns
        .iter()
        .flat_map(|pattern| slots(pattern, &zones[zone], begin, end))
        .collect::<BTreeSet<i64>>()
        .into_iter()
        .collect();
    let triggers: Vec<Trigger> = patterns
        .iter()
        .map(|pattern| Trigger::Cron {
            schedule: pattern.to_string(),
        })
        .collect();
    let name = || {
        let texts: Vec<String> = patterns.iter().map(ToString::to_string).collect();
        format!(
            "schedule {number} ({}) in {}",
            texts.join(" and "),
            ZONES[zone]
        )
    };

    let table = Timetable::of(&triggers, zone_of(Some(ZONES[zone])));
    let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
    let mut totals = Totals {
        slots: expected.len(),
        ..Totals::default()
    };
    let mut next = table.next_after(instant(begin));
    let mut considered = instant(begin);
    let mut remaining = expected.as_slice();
    loop {
        let slot = next.map(|slot| slot.timestamp()).filter(|slot| *slot < end);
        assert_eq!(slot, remaining.first().copied(), "next slot of {}", name());
        let Some(slot) = slot else { break };
        let now = looked_at(slot, outages, &mut dice);
        let (group, rest) = remaining.split_at(remaining.partition_point(|slot| *slot <= now));
        remaining = rest;
        let last = *group.last().unwrap();
        let in_time = now - last <= LATE_LIMIT.num_seconds();
        let (run, left_out) = if in_time {
            (Some(last), &group[..group.len() - 1])
        } else {
            (None, group)
        };

        let due = table.due(considered, instant(now));
        assert_eq!(due.run, run.map(instant), "run at {now} of {}", name());
        assert_eq!(
            due.missed,
            left_out.first().copied().map(instant),
            "missed at {now} of {}",
            name()
        );
        totals.run += usize::from(run.is_some());
        totals.late += usize::from(run.is_some_and(|run| now - run >= 20));
        totals.left_out += left_out.len();
        considered = instant(now);
        next = due.next;
    }
    totals
}

#[test]
fn ten_thousand_schedules_through_a_year() {
    let year = |year| {
        Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0)
            .unwrap()
            .timestamp()
    };
    let (begin, end) = (year(2026), year(2027));
    let zones: Vec<Vec<Stretch>> = ZONES
        .iter()
        .map(|zone| stretches(zone_of(Some(zone)), begin - 3 * DAY, end + 3 * DAY))
        .collect();
    let mut dice = Dice(77);
    let outages: Vec<(i64, i64)> = (0..60)
        .map(|week| {
            let from = begin + week * 6 * DAY + dice.roll(5 * DAY);
            (from, from + dice.between(30, 4 * 3600))
        })
        .collect();

    let walked: Vec<Totals> = std::thread::scope(|scope| {
        let walkers: Vec<_> = (0..THREADS)
            .map(|first| {
                let (outages, zones) = (&outages, &zones);
                scope.spawn(move || {
                    (first..SCHEDULES)
                        .step_by(THREADS)
                        .map(|number| walk(number, begin, end, outages, zones))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        walkers
            .into_iter()
            .flat_map(|walker| walker.join().unwrap())
            .collect()
    });
    let total = walked.iter().fold(Totals::default(), |sum, one| Totals {
        slots: sum.slots + one.slots,
        run: sum.run + one.run,
        late: sum.late + one.late,
        left_out: sum.left_out + one.left_out,
    });
    println!(
        "{SCHEDULES} schedules in {} zones: {} slots, {} run once ({} of them late), {} left out in {} outages, 0 run twice",
        ZONES.len(),
        total.slots,
        total.run,
        total.late,
        total.left_out,
        outages.len()
    );
    assert_eq!(total.run + total.left_out, total.slots);
    assert!(
        total.run > 500_000 && total.left_out > 1_000 && total.late > 100,
        "{total:?}"
    );
}
