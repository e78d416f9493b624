//! Schedules: how they are made, and how the panel runs them where the node does not.

mod day;
mod edit;

use chrono::{DateTime, Utc};
use panel_testkit::factory::{self, Server, User};
use panel_testkit::{Client, Sim, TestApp};
use serde_json::{Value, json};
use wings_sim::{Effect, Fault};

use super::names;

/// A panel with a clock that stands still and a node whose daemon runs no schedules, with a server that runs.
struct Stage {
    app: TestApp,
    sim: Sim,
    account: User,
    owner: Client,
    server: Server,
}

impl Stage {
    async fn set() -> Self {
        Self::of_flavour("pterodactyl").await
    }

    async fn of_flavour(flavour: &str) -> Self {
        let app = TestApp::start().await;
        app.clock().set(at("2026-05-01T00:00:00Z"));
        let sim = app.sim().await;
        let account = factory::user(&app, "owner").await;
        let owner = app.sign_in(&account).await;
        let server = factory::server_on(&app, account.id, sim.node(), sim.allocations()[0]).await;
        sim.restart().await.unwrap();
        app.run_jobs().await;
        factory::set_flavour(&app, sim.node(), flavour).await;
        let start = json!({ "action": "start" });
        let path = format!("/api/client/servers/{}/power", server.id);
        owner.post(&path, start).await.ok();
        sim.advance(server.id.uuid()).await;
        Self {
            app,
            sim,
            account,
            owner,
            server,
        }
    }

    fn path(&self, below: &str) -> String {
        format!("/api/client/servers/{}/schedules{below}", self.server.id)
    }

    /// Makes a schedule by the API; gives its id.
    async fn schedule(
        &self,
        name: &str,
        trigger: Value,
        condition: Value,
        steps: &[Value],
    ) -> String {
        let body =
            json!({ "name": name, "enabled": true, "triggers": [trigger], "condition": condition });
        let made = self.owner.post(&self.path(""), body).await.ok();
        let id = made["schedule"]["uuid"].as_str().unwrap().to_owned();
        for (step, order) in steps.iter().zip(0..) {
            let body = json!({ "action": step, "order": order });
            self.owner
                .post(&self.path(&format!("/{id}/steps")), body)
                .await
                .ok();
        }
        id
    }

    /// Makes it `time`, and does what is due then: what waits for a later time stays.
    async fn at(&self, time: &str) {
        self.app.clock().set(at(time));
        panel_service::operations::plan_schedules(&self.app.service().system())
            .await
            .unwrap();
        self.app.run_jobs().await;
    }

    async fn shown(&self, id: &str) -> Value {
        self.owner.get(&self.path(&format!("/{id}"))).await.ok()["schedule"].take()
    }

    async fn status(&self, id: &str) -> Value {
        self.owner
            .get(&self.path(&format!("/{id}/status")))
            .await
            .ok()["status"]
            .take()
    }

    async fn trigger(&self, id: &str) {
        let body = json!({ "skip_condition": false });
        self.owner
            .post(&self.path(&format!("/{id}/trigger")), body)
            .await
            .ok();
    }

    /// What was sent to the server's console.
    fn commands(&self) -> Vec<String> {
        let ledger = self.sim.ledger().into_iter();
        ledger
            .filter(|entry| entry.effect == Effect::Command)
            .filter_map(|entry| entry.detail)
            .collect()
    }

    async fn log(&self) -> Vec<String> {
        let path = format!("/api/client/servers/{}/activity", self.server.id);
        names(
            &self.owner.get(&path).await.ok()["activities"]["data"],
            "event",
        )
    }
}

fn at(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(time).unwrap().to_utc()
}

fn cron(pattern: &str) -> Value {
    json!({ "type": "cron", "schedule": pattern })
}

fn command(text: &str) -> Value {
    json!({ "type": "send_command", "ignore_failure": false, "command": text })
}

fn always() -> Value {
    json!({ "type": "none" })
}

#[tokio::test]
async fn a_schedule_is_run_at_its_times() {
    let stage = Stage::set().await;
    let id = stage
        .schedule("Save", cron("0 4 * * *"), always(), &[command("save-all")])
        .await;
    assert_eq!(stage.shown(&id).await["next_run"], "2026-05-01T04:00:00Z");
    stage.at("2026-05-01T03:59:59Z").await;
    assert_eq!(stage.commands(), [""; 0]);
    stage.at("2026-05-01T04:00:01Z").await;
    stage.at("2026-05-01T04:00:05Z").await;
    assert_eq!(stage.commands(), ["save-all"]);
    let shown = stage.shown(&id).await;
    assert_eq!(shown["last_failure"], Value::Null);
    assert!(
        shown["last_run"]
            .as_str()
            .unwrap()
            .starts_with("2026-05-01T04:00:01")
    );
    assert_eq!(shown["last_missed"], Value::Null);
    assert_eq!(shown["next_run"], "2026-05-02T04:00:00Z");
    stage.at("2026-05-02T04:00:00Z").await;
    assert_eq!(stage.commands(), ["save-all", "save-all"]);
    let log = stage.log().await;
    assert_eq!(log[0], "server:console.command");
    stage.app.assert_no_jobs().await;
}

#[tokio::test]
async fn what_was_missed_is_run_once_while_it_is_not_too_late() {
    let stage = Stage::set().await;
    let id = stage
        .schedule("Often", cron("*/5 * * * *"), always(), &[command("list")])
        .await;
    // Nobody looked for two hours: the last time is made up for, the others are not.
    stage.at("2026-05-01T02:02:00Z").await;
    assert_eq!(stage.commands().len(), 1);
    assert_eq!(
        stage.shown(&id).await["last_missed"],
        "2026-05-01T00:05:00Z"
    );

    let daily = stage
        .schedule("Daily", cron("0 4 * * *"), always(), &[command("stop")])
        .await;
    stage.at("2026-05-01T04:30:00Z").await;
    assert!(
        !stage.commands().contains(&"stop".to_owned()),
        "half an hour late is too late"
    );
    assert_eq!(
        stage.shown(&daily).await["last_missed"],
        "2026-05-01T04:00:00Z"
    );
}

#[tokio::test]
async fn times_are_those_of_the_servers_zone() {
    let stage = Stage::set().await;
    let id = stage
        .schedule("Save", cron("0 4 * * *"), always(), &[command("save-all")])
        .await;
    let path = format!("/api/client/servers/{}/settings/timezone", stage.server.id);
    stage
        .owner
        .put(&path, json!({ "timezone": "Asia/Kolkata" }))
        .await
        .ok();
    assert_eq!(stage.shown(&id).await["next_run"], "2026-05-01T22:30:00Z");
    stage.at("2026-05-01T04:00:01Z").await;
    assert_eq!(stage.commands(), [""; 0]);
    stage.at("2026-05-01T22:30:01Z").await;
    assert_eq!(stage.commands(), ["save-all"]);
}

#[tokio::test]
async fn steps_wait_decide_and_go_on() {
    let stage = Stage::set().await;
    let steps = [
        json!({ "type": "format", "format": "warned", "output_into": { "variable": "what" } }),
        command("say restart"),
        json!({ "type": "sleep", "duration": 60_000 }),
        json!({ "type": "if", "condition": { "type": "server_state", "state": "running" } }),
        json!({ "type": "send_command", "ignore_failure": false, "command": { "variable": "what" } }),
        json!({ "type": "else" }),
        command("never"),
        json!({ "type": "end_if" }),
        json!({ "type": "send_power", "ignore_failure": false, "action": "stop" }),
        json!({ "type": "wait_for_state", "ignore_failure": true, "state": "offline", "timeout": 10_000 }),
        json!({ "type": "send_power", "ignore_failure": false, "action": "start" }),
    ];
    let id = stage
        .schedule("Restart", cron("0 4 * * *"), always(), &steps)
        .await;
    stage.at("2026-05-01T04:00:00Z").await;
    assert_eq!(stage.commands(), ["say restart"]);
    let status = stage.status(&id).await;
    assert_eq!(status["running"], true);
    let listed = stage
        .owner
        .get(&stage.path(&format!("/{id}/steps")))
        .await
        .ok();
    assert_eq!(status["step"], listed["schedule_steps"][2]["uuid"]);
    stage.at("2026-05-01T04:01:01Z").await;
    assert_eq!(stage.commands(), ["say restart", "warned"]);
    assert_eq!(
        stage.status(&id).await["running"],
        true,
        "waits for the server to stop"
    );
    stage.sim.advance(stage.server.id.uuid()).await;
    stage.at("2026-05-01T04:01:04Z").await;
    let status = stage.status(&id).await;
    assert_eq!(
        status,
        json!({ "running": false, "step": null, "errors": {} })
    );
    let power: Vec<Effect> = stage
        .sim
        .ledger()
        .into_iter()
        .map(|entry| entry.effect)
        .filter(|effect| matches!(effect, Effect::PowerStart | Effect::PowerStop))
        .collect();
    assert_eq!(
        power,
        [Effect::PowerStart, Effect::PowerStop, Effect::PowerStart]
    );
    stage.app.assert_no_jobs().await;
}

#[tokio::test]
async fn a_run_that_nobody_gets_to_is_a_failure_of_its_schedule() {
    let stage = Stage::set().await;
    let id = stage
        .schedule("Save", cron("0 4 * * *"), always(), &[command("save-all")])
        .await;
    stage.trigger(&id).await;
    stage.at("2026-05-01T01:30:00Z").await;
    assert_eq!(stage.commands(), [""; 0]);
    assert_eq!(stage.status(&id).await["running"], false);
    let shown = stage.shown(&id).await;
    let failed_at = shown["last_failure"].as_str().unwrap();
    assert!(failed_at.starts_with("2026-05-01T01:30:00"), "{failed_at}");
    stage.app.assert_no_jobs().await;
}

#[tokio::test]
async fn a_failed_step_ends_the_run_unless_it_may_fail() {
    let stage = Stage::set().await;
    let stopped = json!({ "type": "send_power", "ignore_failure": false, "action": "kill" });
    let may_fail = json!({ "type": "send_command", "ignore_failure": true, "command": "one" });
    let steps = [stopped, may_fail, command("two"), command("three")];
    let id = stage
        .schedule("Fails", cron("0 4 * * *"), always(), &steps)
        .await;
    stage.at("2026-05-01T04:00:00Z").await;
    let listed = stage
        .owner
        .get(&stage.path(&format!("/{id}/steps")))
        .await
        .ok();
    let errors: Vec<&Value> = listed["schedule_steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["error"])
        .collect();
    let offline = json!("the server does not run");
    assert_eq!(errors, [&Value::Null, &offline, &offline, &Value::Null]);
    let shown = stage.shown(&id).await;
    assert_eq!(shown["last_failure"], shown["last_run"]);
    assert_eq!(stage.log().await[0], "server:schedule.fail");
}

#[tokio::test]
async fn only_when_online() {
    let stage = Stage::set().await;
    let online = json!({ "type": "or", "conditions": [
        { "type": "server_state", "state": "starting" }, { "type": "server_state", "state": "running" },
    ] });
    let id = stage
        .schedule("Online", cron("0 * * * *"), online, &[command("list")])
        .await;
    stage.at("2026-05-01T01:00:00Z").await;
    assert_eq!(stage.commands(), ["list"]);
    let kill = json!({ "action": "kill" });
    let power = format!("/api/client/servers/{}/power", stage.server.id);
    stage.owner.post(&power, kill).await.ok();
    stage.at("2026-05-01T02:00:00Z").await;
    assert_eq!(stage.commands(), ["list"]);
    let shown = stage.shown(&id).await;
    assert!(
        shown["last_run"]
            .as_str()
            .unwrap()
            .starts_with("2026-05-01T01:00:00"),
        "it was not run: {shown}"
    );
    // Whoever runs it by hand may leave the condition out of account.
    let path = stage.path(&format!("/{id}/trigger"));
    stage
        .owner
        .post(&path, json!({ "skip_condition": true }))
        .await
        .ok();
    stage.app.run_jobs().await;
    assert!(stage.shown(&id).await["last_failure"].is_string());
}

#[tokio::test]
async fn a_command_whose_answer_was_lost_is_not_sent_again() {
    let stage = Stage::set().await;
    let id = stage
        .schedule(
            "Once",
            cron("0 4 * * *"),
            always(),
            &[command("give diamonds")],
        )
        .await;
    stage.sim.fail_next(Fault::AfterEffectDrop);
    stage.at("2026-05-01T04:00:00Z").await;
    stage.at("2026-05-01T04:10:00Z").await;
    assert_eq!(stage.commands(), ["give diamonds"]);
    assert!(stage.shown(&id).await["last_failure"].is_string());
}

#[tokio::test]
async fn a_run_can_be_ended_and_begun_by_hand() {
    let stage = Stage::set().await;
    let steps = [
        json!({ "type": "sleep", "duration": 600_000 }),
        command("late"),
    ];
    let id = stage
        .schedule("Long", cron("0 4 * * *"), always(), &steps)
        .await;
    stage.trigger(&id).await;
    stage.app.run_jobs().await;
    let again = stage.path(&format!("/{id}/trigger"));
    stage
        .owner
        .post(&again, json!({}))
        .await
        .expect_error(409, "schedule_running");
    stage
        .owner
        .post(&stage.path(&format!("/{id}/abort")), json!({}))
        .await
        .ok();
    assert_eq!(stage.status(&id).await["running"], false);
    stage.at("2026-05-01T00:30:00Z").await;
    assert_eq!(stage.commands(), [""; 0]);
    stage.app.assert_no_jobs().await;
}

#[tokio::test]
async fn a_time_that_comes_during_a_run_is_left_out() {
    let stage = Stage::set().await;
    let steps = [
        json!({ "type": "sleep", "duration": 90_000 }),
        command("done"),
    ];
    let id = stage
        .schedule("Slow", cron("* * * * *"), always(), &steps)
        .await;
    stage.at("2026-05-01T00:01:00Z").await;
    stage.at("2026-05-01T00:02:00Z").await;
    assert_eq!(
        stage.shown(&id).await["last_missed"],
        "2026-05-01T00:02:00Z"
    );
    stage.at("2026-05-01T00:02:31Z").await;
    assert_eq!(stage.commands(), ["done"]);
    stage.at("2026-05-01T00:03:00Z").await;
    assert_eq!(stage.status(&id).await["running"], true);
}

#[tokio::test]
async fn one_schedule_begins_when_another_has_ended() {
    let stage = Stage::set().await;
    let first = stage
        .schedule("First", cron("0 4 * * *"), always(), &[command("first")])
        .await;
    let after = json!({ "type": "schedule_completion", "schedule": first, "successful": true });
    let second = stage
        .schedule("Second", after, always(), &[command("second")])
        .await;
    let failed = json!({ "type": "schedule_completion", "schedule": first, "successful": false });
    stage
        .schedule("Third", failed, always(), &[command("third")])
        .await;
    // A circle ends by itself.
    let back = json!({ "type": "schedule_completion", "schedule": second, "successful": true });
    let change = json!({ "triggers": [cron("0 4 * * *"), back] });
    stage
        .owner
        .patch(&stage.path(&format!("/{first}")), change)
        .await
        .ok();
    stage.at("2026-05-01T04:00:00Z").await;
    let commands = stage.commands();
    assert_eq!(commands[..3], ["first", "second", "first"]);
    assert_eq!(commands.len(), 11);
    assert!(!commands.contains(&"third".to_owned()));
    stage.app.assert_no_jobs().await;
}
