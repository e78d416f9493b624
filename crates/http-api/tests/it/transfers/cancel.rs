//! Transfers that somebody stops, at each step.

use chrono::TimeDelta;
use serde_json::json;
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

impl Stage {
    async fn cancel(&self) -> panel_testkit::Answer {
        self.admin
            .post(&self.path("/transfer/cancel"), json!({}))
            .await
    }
}

#[tokio::test]
async fn before_the_source_is_called() {
    let stage = Stage::set(Dialect::Pelican).await;
    stage
        .cancel()
        .await
        .expect_error(409, "server_not_transferring");
    let begun = stage
        .admin
        .post(&stage.path("/transfer"), stage.order())
        .await;
    begun.expect_status(202);
    stage.cancel().await.ok();
    assert!(stage.is_on(stage.source.node()).await);
    stage.assert_stayed("before the call").await;
    assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 0);
    stage
        .cancel()
        .await
        .expect_error(409, "server_not_transferring");
    // There is nothing in the way of another one.
    stage.begin().await;
    stage.wait_at_destination().await;
}

#[tokio::test]
async fn while_the_source_packs() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .source
            .fail_next_of("SEND", "/transfer", Fault::Timeout);
        stage.begin().await;
        stage.wait_for_start(1).await;
        stage.cancel().await.ok();
        // It can be used at once, as far as the panel is concerned.
        assert!(stage.is_on(stage.source.node()).await, "{dialect:?}");
        stage.assert_stayed(&format!("{dialect:?}")).await;
        assert_eq!(stage.count(&stage.source, Effect::TransferEnded), 1);
        assert_eq!(stage.count(&stage.destination, Effect::TransferArrived), 0);
        stage.begin().await;
        stage.wait_at_destination().await;
    }
}

#[tokio::test]
async fn while_the_destination_receives() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .destination
            .fail_next_of("POST", "/api/transfers", Fault::Timeout);
        stage.begin().await;
        stage.wait_for_start(1).await;
        stage.cancel().await.ok();
        stage.assert_stayed(&format!("{dialect:?}")).await;
        assert_eq!(stage.count(&stage.destination, Effect::TransferArrived), 0);
    }
}

/// What has arrived, although its report was lost, is removed.
#[tokio::test]
async fn after_it_has_arrived_and_before_that_is_told() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .destination
            .fail_next_of("REPORT", "/transfer/success", Fault::DropConnection);
        stage.begin().await;
        panel_testkit::eventually("the files to arrive", async || {
            stage.has(&stage.destination)
        })
        .await;
        stage.cancel().await.ok();
        stage.assert_stayed(&format!("{dialect:?}")).await;
    }
}

#[tokio::test]
async fn after_it_has_arrived_is_too_late() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage.begin().await;
    stage.wait_at_destination().await;
    stage.cancel().await.expect_error(409, "server_arrived");
    stage.assert_moved("too late").await;
    stage.later(TimeDelta::days(2)).await;
    stage
        .cancel()
        .await
        .expect_error(409, "server_not_transferring");
}

/// The way out of every state ends a transfer, too, also when neither node answers.
#[tokio::test]
async fn clearing_the_state_ends_a_transfer() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    stage.wait_for_start(1).await;
    stage.source.pause();
    stage.destination.pause();
    let clear = stage.path("/clear-state");
    stage.admin.post(&clear, json!({})).await.ok();
    assert!(stage.is_on(stage.source.node()).await);
    stage.source.resume();
    stage.destination.resume();
    stage.assert_stayed("cleared").await;
}

/// Nobody is asked whether a dead source has stopped: after a while what has arrived is removed all the same.
#[tokio::test]
async fn a_dead_source_is_not_waited_for() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage
        .destination
        .fail_next_of("REPORT", "/transfer/success", Fault::DropConnection);
    stage.begin().await;
    panel_testkit::eventually("the files to arrive", async || {
        stage.has(&stage.destination)
    })
    .await;
    stage.source.kill().await;
    stage.cancel().await.ok();
    let again = stage
        .admin
        .post(&stage.path("/transfer"), stage.order())
        .await;
    again.expect_error(409, "server_copy_left");
    stage.settle().await;
    assert!(!stage.has(&stage.destination));
    assert!(stage.is_on(stage.source.node()).await);
}
