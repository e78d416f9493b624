//! Who leads of several workers, and that a leader which comes back from the dead does no harm.

use std::time::Duration;

use panel_test_db::TestDatabase;
use panel_testkit::{TestApp, eventually};
use wings_sim::{Effect, Fault, Mode};

use crate::takeover::{installations, order, until_installed, worker};
use crate::{Worker, environment, free_port, get, status};

fn of_priority(database: &TestDatabase, priority: &str) -> Worker {
    let port = free_port();
    let mut environment = environment(database.url(), &port);
    environment.push(("APP_WORKER_PRIORITY", priority));
    Worker::start(&environment)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lead_goes_to_the_highest_priority_and_back() {
    let database = TestDatabase::migrated().await;
    let mut far = of_priority(&database, "1");
    far.until("This worker leads");
    assert!(status(database.url()).contains("(priority 1, fence 1,"));
    let mut near = of_priority(&database, "5");
    far.until("a worker of higher priority waits");
    near.until("This worker leads");
    assert!(status(database.url()).contains("(priority 5, fence 2,"));
    // Nobody tells that it died: its lease has to end.
    near.kill();
    far.until("This worker leads");
    assert!(status(database.url()).contains("(priority 1, fence 3,"));
    let mut near = of_priority(&database, "5");
    near.until("This worker leads");
    // Told to stop, it gives the lead back: nobody waits for the end of its lease.
    far.signal("-STOP");
    assert!(near.terminate());
    assert!(status(database.url()).contains("leader: nobody"));
    far.signal("-CONT");
    far.until("This worker leads");
    assert!(far.terminate());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_was_stopped_in_the_middle_of_a_job_does_nothing_twice() {
    let app = TestApp::builder().system_clock().start().await;
    let sim = panel_testkit::Sim::start_with(&app, |options| {
        options.mode = Mode::Automatic;
        options.pace = Duration::from_millis(5);
    })
    .await;
    let admin = app.admin().await;
    let body = order(&app, &sim, &admin).await;
    let (mut first, ops) = worker(&app, None);
    first.until("This worker leads");
    sim.fail_next_of("POST", "/api/servers", Fault::Delay(2_000));
    let made = admin.post("/api/admin/servers", body).await.ok();
    let server = made["server"]["uuid"].as_str().unwrap().to_owned();
    let database = app.database().connect().await;
    eventually("the call to the node", async || {
        let called = "SELECT count(*) FROM operations WHERE called_at IS NOT NULL";
        let row = database.query_one(called, &[]).await.unwrap();
        row.get::<_, i64>(0) == 1
    })
    .await;
    first.signal("-STOP");
    let (mut second, _) = worker(&app, None);
    second.until("This worker leads");
    until_installed(&admin, &server).await;
    let jobs = async || {
        let left = "SELECT count(*) FROM jobs WHERE name = 'install_server'";
        let row = database.query_one(left, &[]).await.unwrap();
        row.get::<_, i64>(0)
    };
    eventually("the end of the job", async || jobs().await == 0).await;
    first.signal("-CONT");
    first.until("This worker no longer leads");
    assert!(get(&ops, "/metrics").contains("worker_leads 0"));
    assert_eq!(
        installations(&sim, server.parse().unwrap()),
        [
            Effect::Created,
            Effect::InstallStarted,
            Effect::InstallFinished
        ]
    );
    until_installed(&admin, &server).await;
    assert_eq!(jobs().await, 0);
    assert!(second.terminate());
    first.until("This worker leads");
    assert!(first.terminate());
}
