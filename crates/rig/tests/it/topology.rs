use std::time::{Duration, Instant};

use panel_rig::client::{Client, Method};
use panel_rig::relay::Condition;
use panel_rig::topology::{Options, Region, Topology};
use serde_json::json;

async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn name_in(client: &Client) -> Option<String> {
    let answer = client.get("/api/client/account").await.ok()?;
    Some(answer["user"]["name_first"].as_str()?.to_owned())
}

/// One start for all of it: that is what costs.
#[tokio::test(flavor = "multi_thread")]
async fn three_regions_answer_as_one_panel_and_parts_can_be_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path()).unwrap();
    options.nodes = 1;
    options.users = 1;
    options.round_trips = [Duration::from_millis(20), Duration::from_millis(40)];
    let topology = Topology::start(options).await.unwrap();
    let user = topology.world().users[0].clone();

    // A change that is made anywhere is seen everywhere by whoever made it.
    let client = topology.client().unwrap();
    client
        .sign_in(&user.username, &user.password)
        .await
        .unwrap();
    let change = json!({ "name_first": "Everywhere" });
    let answer = client
        .send(Method::PATCH, "/api/client/account", Some(&change), &[])
        .await
        .unwrap();
    assert!(answer.is_success(), "{answer:?}");
    for region in Region::ALL {
        let there = client.at(&topology.region_url(region));
        assert_eq!(name_in(&there).await.as_deref(), Some("Everywhere"));
    }

    // One server less is no failed request.
    topology.kill("server-b1").await.unwrap();
    let b = client.at(&topology.region_url(Region::B));
    for _ in 0..10 {
        assert!(name_in(&b).await.is_some());
    }
    topology.start_again("server-b1").await.unwrap();

    // The primary is gone, and reads go on where there is a replica.
    topology.kill("postgres-primary").await.unwrap();
    let key = topology.client().unwrap().with_key(&user.api_key);
    let reader = key.at(&topology.region_url(Region::C));
    eventually("reads without the primary", async || {
        reader.get("/api/client/servers").await.is_ok()
    })
    .await;
    topology.start_again("postgres-primary").await.unwrap();
    eventually("changes after its return", async || {
        let change = json!({ "name_first": "Again" });
        let sent = client.send(Method::PATCH, "/api/client/account", Some(&change), &[]);
        sent.await.is_ok_and(|answer| answer.is_success())
    })
    .await;

    // A hung part shows as one, and all of it heals.
    topology.hang("redis-c").await.unwrap();
    topology
        .relay("b-primary")
        .unwrap()
        .set(Condition::BlackHole);
    let states = topology.status().await.unwrap();
    let state = |name: &str| {
        let status = states.iter().find(|status| status.name == name).unwrap();
        status.state.clone()
    };
    assert_eq!(state("redis-c"), "hung");
    assert!(state("relay b-primary").starts_with("black hole"));
    topology.heal().await.unwrap();
    let states = topology.status().await.unwrap();
    assert!(states.iter().all(|status| status.state != "hung"));
    for region in Region::ALL {
        let there = client.at(&topology.region_url(region));
        eventually("answers after healing", async || {
            name_in(&there).await.is_some()
        })
        .await;
    }
}
