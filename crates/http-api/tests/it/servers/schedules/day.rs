//! A thousand schedules through a day, with two workers of which now and then one is killed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use panel_testkit::{TestApp, Worker, eventually, factory};
use serde_json::json;
use wings_sim::Effect;

use super::at;

const SERVERS: u16 = 20;
const SCHEDULES: i64 = 1_000;
/// How far the clock goes at once: no schedule has two times in this, and none is too late then.
const STEP: TimeDelta = TimeDelta::minutes(10);

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// A pattern, and its times in minutes of the day: every `hours` hours, or twice an hour.
fn pattern(dice: &mut Dice, number: i64) -> (String, Vec<i64>) {
    let minute = dice.roll(60);
    let every = |hours: i64| {
        (0..24 / hours)
            .map(move |i| i * hours * 60 + minute)
            .collect()
    };
    match number % 100 {
        0 | 1 => {
            let first = minute % 30;
            let times = (0..48).map(|i| i * 30 + first).collect();
            (format!("{first},{} * * * *", first + 30), times)
        }
        2..10 => (format!("{minute} */2 * * *"), every(2)),
        10..30 => (format!("{minute} */6 * * *"), every(6)),
        _ => {
            let hour = dice.roll(24);
            (format!("{minute} {hour} * * *"), vec![hour * 60 + minute])
        }
    }
}

#[derive(Debug, Default)]
struct Totals {
    runs: i64,
    succeeded: i64,
    unknown: i64,
}

async fn totals(app: &TestApp) -> Totals {
    let database = app.database().connect().await;
    let row = database
        .query_one(
            "SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'failed') \
             FROM schedule_runs WHERE finished_at IS NOT NULL",
            &[],
        )
        .await
        .unwrap();
    Totals {
        runs: row.get(0),
        succeeded: row.get(1),
        unknown: row.get(2),
    }
}

/// Rows: whoever is killed, each time has one run, and nothing is done twice on the node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_schedules_through_a_day_with_workers_that_are_killed() {
    let app = TestApp::start().await;
    let begin = at("2026-05-01T00:00:00Z") - TimeDelta::seconds(1);
    app.clock().set(begin);
    let sim = app.sim().await;
    let owner = factory::user(&app, "owner").await;
    let mut servers = Vec::new();
    let addresses = factory::allocations(&app, sim.node().id, 30_000..=30_000 + SERVERS).await;
    for address in addresses.into_iter().take(SERVERS.into()) {
        servers.push(factory::server_on(&app, owner.id, sim.node(), address).await);
    }
    sim.restart().await.unwrap();
    app.run_jobs().await;
    factory::set_flavour(&app, sim.node(), "pterodactyl").await;
    let client = app.sign_in(&owner).await;
    app.allow_requests(100_000).await;
    for server in &servers {
        let path = format!("/api/client/servers/{}/power", server.id);
        client.post(&path, json!({ "action": "start" })).await.ok();
        sim.advance(server.id.uuid()).await;
    }

    let mut dice = Dice(0x5eed);
    let mut expected: BTreeMap<i64, i64> = BTreeMap::new();
    let mut times_of: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..SCHEDULES {
        let (pattern, times) = pattern(&mut dice, number);
        let name = format!("schedule-{number}");
        let server = &servers[usize::try_from(number).unwrap() % servers.len()];
        let step = json!({ "type": "send_command", "ignore_failure": false, "command": &name });
        factory::schedule(&app, server.id, owner.id, &pattern, &[step]).await;
        times_of.insert(name, times.len());
        for time in times {
            *expected.entry(time).or_default() += 1;
        }
    }

    let mut workers: [Worker; 2] = [app.worker(), app.worker()];
    let mut kills = 0;
    let mut now = begin;
    while now < begin + TimeDelta::days(1) {
        now += STEP;
        app.clock().set(now);
        let minutes = (now - begin).num_minutes();
        let due: i64 = expected.range(..minutes).map(|(_, count)| count).sum();
        if dice.roll(3) == 0 {
            // In the middle of something, or before, or after.
            let pause = Duration::from_millis(u64::try_from(dice.roll(150)).unwrap());
            tokio::time::sleep(pause).await;
            let which = usize::try_from(dice.roll(2)).unwrap();
            std::mem::replace(&mut workers[which], app.worker()).kill();
            kills += 1;
        }
        let mut looks = 0;
        eventually("the runs to end", async || {
            looks += 1;
            // What is tried again waits for the clock, which moves a little for that; not into the next day.
            if looks % 50 == 0 && now + STEP < begin + TimeDelta::days(1) {
                app.clock().advance(TimeDelta::seconds(2));
            }
            totals(&app).await.runs >= due
        })
        .await;
    }
    drop(workers);

    let totals = totals(&app).await;
    let slots: i64 = expected.values().sum();
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for entry in sim.ledger() {
        if entry.effect == Effect::Command {
            *done.entry(entry.detail.unwrap_or_default()).or_default() += 1;
        }
    }
    let commands: usize = done.values().sum();
    println!(
        "{SCHEDULES} schedules, {slots} times, {} runs ({} succeeded, {} with an unknown outcome), {commands} commands on the \
         node, {kills} workers killed",
        totals.runs, totals.succeeded, totals.unknown
    );
    assert_eq!(totals.runs, slots, "each time has one run");
    assert_eq!(totals.succeeded + totals.unknown, slots);
    let commands = i64::try_from(commands).unwrap();
    assert!((totals.succeeded..=slots).contains(&commands), "{commands}");
    for (command, count) in &done {
        assert!(
            *count <= times_of[command],
            "{command} was sent {count} times"
        );
    }
    assert!(kills > 20, "{kills}");

    let database = app.database().connect().await;
    let row = database
        .query_one(
            "SELECT count(DISTINCT (schedule_id, slot)), count(*) FILTER (WHERE slot IS NULL OR finished_at IS NULL) \
             FROM schedule_runs",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), slots);
    assert_eq!(row.get::<_, i64>(1), 0);
    let missed = "SELECT count(*) FROM schedules WHERE missed_at IS NOT NULL";
    let row = database.query_one(missed, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "no time was left out");
}
