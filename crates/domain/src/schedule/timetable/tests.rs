use chrono::TimeZone as _;

use super::*;

fn table(zone: &str, patterns: &[&str]) -> Timetable {
    let triggers: Vec<Trigger> = patterns
        .iter()
        .map(|pattern| Trigger::Cron {
            schedule: (*pattern).to_owned(),
        })
        .collect();
    Timetable::of(&triggers, zone_of(Some(zone)))
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn slots(table: &Timetable, from: &str, until: &str) -> Vec<String> {
    let mut slots = Vec::new();
    let mut after = at(from);
    while let Some(slot) = table.next_after(after).filter(|slot| *slot < at(until)) {
        slots.push(slot.format("%dT%H:%M").to_string());
        after = slot;
    }
    slots
}

/// Row R-25: clock changes both ways, zones with half and quarter hours, leap days.
#[test]
fn r_25_clock_changes() {
    let (day, end) = ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    // 02:30 is left out: 01:00 UTC is 03:00 there.
    assert_eq!(
        slots(&table("Europe/Berlin", &["30 2 * * *"]), day, end),
        ["29T01:00"]
    );
    assert_eq!(
        slots(&table("Europe/Berlin", &["*/30 2 * * *"]), day, end),
        [""; 0]
    );
    assert_eq!(
        slots(
            &table("Europe/Berlin", &["0 */2 * * *"]),
            day,
            "2026-03-29T05:00:00Z"
        ),
        // 02:00 does not exist.
        ["29T02:00", "29T04:00"]
    );
    let (day, end) = ("2026-10-24T22:30:00Z", "2026-10-25T03:00:00Z");
    assert_eq!(
        slots(&table("Europe/Berlin", &["30 2 * * *"]), day, end),
        ["25T00:30"]
    );
    assert_eq!(
        slots(&table("Europe/Berlin", &["30 * * * *"]), day, end),
        ["24T23:30", "25T00:30", "25T01:30", "25T02:30"]
    );
    assert_eq!(
        slots(
            &table("Asia/Kathmandu", &["0 4 * * *"]),
            "2026-05-01T00:00:00Z",
            "2026-05-02T00:00:00Z"
        ),
        ["01T22:15"]
    );
    assert_eq!(
        // Half an hour is left out.
        slots(
            &table("Australia/Lord_Howe", &["15 2 * * *"]),
            "2026-10-03T12:00:00Z",
            "2026-10-04T12:00:00Z"
        ),
        ["03T15:30"]
    );
    let leap = table("UTC", &["0 0 29 2 *"]);
    assert_eq!(
        leap.next_after(at("2026-01-01T00:00:00Z")),
        Some(at("2028-02-29T00:00:00Z"))
    );
}

#[test]
fn patterns_that_are_refused() {
    let now = at("2026-01-01T00:00:00Z");
    for good in [
        "* * * * *",
        "0 0 4 * * *",
        "@daily",
        "0 4 * * MON-FRI",
        "0 0 L * *",
        "0 0 0 1 1 * 2027",
    ] {
        assert_eq!(check_pattern(good, now), Ok(()), "{good}");
    }
    for bad in [
        "",
        "x",
        "* * * *",
        "60 * * * *",
        "0 0 30 2 *",
        "0 0 0 1 1 * 2025",
        "*/0 * * * *",
    ] {
        assert!(check_pattern(bad, now).is_err(), "{bad}");
    }
    assert!(check_pattern(&"0,".repeat(200), now).is_err());
}

#[test]
fn a_schedule_that_was_looked_at_in_time_runs_every_slot() {
    let table = table("UTC", &["*/5 * * * *", "*/10 * * * *"]);
    let mut considered = at("2026-01-01T00:00:00Z");
    let mut ran = Vec::new();
    for minute in 1..=30 {
        let now = Utc.with_ymd_and_hms(2026, 1, 1, 0, minute, 1).unwrap();
        let due = table.due(considered, now);
        assert_eq!(due.missed, None);
        ran.extend(due.run.map(|slot| slot.format("%M").to_string()));
        considered = now;
    }
    assert_eq!(ran, ["05", "10", "15", "20", "25", "30"]);
}

#[test]
fn after_an_outage_the_last_slot_is_run_while_it_is_not_too_late() {
    let table = table("UTC", &["0 * * * *"]);
    let considered = at("2026-01-01T00:30:00Z");
    let due = |now| table.due(considered, at(now));
    assert_eq!(
        due("2026-01-01T03:15:00Z"),
        Due {
            run: Some(at("2026-01-01T03:00:00Z")),
            missed: Some(at("2026-01-01T01:00:00Z")),
            next: Some(at("2026-01-01T04:00:00Z")),
        }
    );
    assert_eq!(
        due("2026-01-01T03:15:01Z"),
        Due {
            run: None,
            missed: Some(at("2026-01-01T01:00:00Z")),
            next: Some(at("2026-01-01T04:00:00Z")),
        }
    );
    assert_eq!(due("2026-01-01T00:59:59Z").run, None);
    assert_eq!(due("2026-01-01T00:59:59Z").missed, None);
    // Nothing is walked through that is too late anyway.
    let minutely = self::table("UTC", &["* * * * *"]);
    let due = minutely.due(at("1990-01-01T00:00:00Z"), at("2026-01-01T00:00:30Z"));
    assert_eq!(due.run, Some(at("2026-01-01T00:00:00Z")));
    assert_eq!(due.missed, Some(at("1990-01-01T00:01:00Z")));
}

#[test]
fn a_clock_that_goes_back_makes_nothing_due_again() {
    let table = table("UTC", &["0 * * * *"]);
    let due = table.due(at("2026-01-01T05:00:00Z"), at("2026-01-01T04:00:00Z"));
    assert_eq!(due.run, None);
    assert_eq!(due.next, Some(at("2026-01-01T06:00:00Z")));
}

#[test]
fn a_server_without_a_time_zone_has_utc() {
    assert_eq!(zone_of(None), Tz::UTC);
    assert_eq!(zone_of(Some("Middle/Earth")), Tz::UTC);
    assert_eq!(zone_of(Some("Europe/Berlin")), Tz::Europe__Berlin);
    assert!(Timetable::of(&[Trigger::Crash], Tz::UTC).is_empty());
}

#[test]
fn a_pattern_written_out_means_the_same() {
    for (pattern, written) in [
        ("30 4 * * MON-FRI", "0 30 4 * * MON-FRI"),
        (" */5 * * * * ", "0 */5 * * * *"),
        ("15 30 4 * * *", "15 30 4 * * *"),
        ("@Yearly", "0 0 0 1 1 *"),
        ("@annually", "0 0 0 1 1 *"),
        ("@monthly", "0 0 0 1 * *"),
        ("@weekly", "0 0 0 * * SUN"),
        ("@daily", "0 0 0 * * *"),
        ("@hourly", "0 0 * * * *"),
    ] {
        assert_eq!(with_seconds(pattern), written);
        let next = |pattern: &str| {
            let table = table("Europe/Berlin", &[pattern]);
            table.next_after(at("2027-01-15T08:00:00Z"))
        };
        assert!(next(written).is_some(), "{pattern}");
        assert_eq!(next(pattern), next(written), "{pattern}");
    }
}
