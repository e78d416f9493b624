//! Nodes that die or refuse at each step of a transfer.

use chrono::TimeDelta;
use panel_testkit::eventually;
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

#[tokio::test]
async fn a_destination_that_is_away_is_waited_for_and_then_given_up() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage.destination.kill().await;
    stage.begin().await;
    assert_eq!(stage.shown().await["is_transferring"], true);
    stage.wait_for_end_with_time().await;
    assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 0);
    stage.destination.restart().await.unwrap();
    stage.assert_stayed("given up").await;
    // Away for a moment only, it gets its server.
    stage.destination.kill().await;
    stage.begin().await;
    stage.destination.restart().await.unwrap();
    // Tokens are dated back a little, and a daemon refuses those from before its start.
    stage.later(TimeDelta::seconds(20)).await;
    stage.settle().await;
    stage.assert_moved("it came back").await;
}

impl Stage {
    /// Lets time pass until the server is not on its way any more.
    async fn wait_for_end_with_time(&self) {
        eventually("the transfer to end", async || {
            self.later(TimeDelta::minutes(3)).await;
            self.shown().await["is_transferring"] == false
        })
        .await;
    }
}

#[tokio::test]
async fn a_source_that_is_away_is_given_up() {
    let stage = Stage::set(Dialect::Pelican).await;
    stage.source.kill().await;
    stage.begin().await;
    stage.wait_for_end_with_time().await;
    stage.source.restart().await.unwrap();
    stage.assert_stayed("given up").await;
    assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 0);
}

/// A daemon that is started again has forgotten what it was sending, or taking in.
#[tokio::test]
async fn a_daemon_that_is_started_again_ends_its_transfers() {
    for dialect in DIALECTS {
        for at_source in [true, false] {
            let stage = Stage::set(dialect).await;
            let what = format!("{dialect:?}, source: {at_source}");
            stage
                .source
                .fail_next_of("SEND", "/transfer", Fault::Timeout);
            stage.begin().await;
            stage.wait_for_start(1).await;
            let sim = if at_source {
                &stage.source
            } else {
                &stage.destination
            };
            sim.restart().await.unwrap();
            stage.app.clock().advance(TimeDelta::seconds(10));
            stage.wait_at_source().await;
            stage.assert_stayed(&what).await;
        }
    }
}

#[tokio::test]
async fn a_source_that_dies_on_the_way_leaves_the_server_where_it_is() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    stage.wait_for_start(1).await;
    stage.source.kill().await;
    stage.wait_for_end_with_time().await;
    stage.source.restart().await.unwrap();
    stage.assert_stayed("the source died").await;
}

#[tokio::test]
async fn a_destination_that_dies_on_the_way_leaves_the_server_where_it_is() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .destination
            .fail_next_of("POST", "/api/transfers", Fault::DropConnection);
        stage.begin().await;
        // A source in Go reports it, of the others nothing is heard.
        stage.wait_for_end_with_time().await;
        stage.assert_stayed(&format!("{dialect:?}")).await;
    }
}

/// Quirk: a Calagopus source takes any answer for success, so that nobody reports what its destination refuses.
#[tokio::test]
async fn a_destination_that_refuses_leaves_the_server_where_it_is() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .destination
            .fail_next_of("POST", "/api/transfers", Fault::Status(507));
        stage.begin().await;
        stage.wait_for_end_with_time().await;
        stage.assert_stayed(&format!("{dialect:?}")).await;
    }
}

/// 5.5 of the reference: a source that could not stop the server says so at once, and reports nothing.
#[tokio::test]
async fn a_source_that_refuses_leaves_the_server_where_it_is() {
    for (dialect, status) in [
        (Dialect::Pterodactyl, 500),
        (Dialect::Calagopus, 422),
        (Dialect::Pelican, 409),
    ] {
        let stage = Stage::set(dialect).await;
        for _ in 0..20 {
            stage
                .source
                .fail_next_of("POST", "/transfer", Fault::Status(status));
        }
        stage.begin().await;
        stage.wait_for_end_with_time().await;
        stage.assert_stayed(&format!("{dialect:?} {status}")).await;
        assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 0);
    }
}

/// A call whose answer was lost is asked after, not simply repeated.
#[tokio::test]
async fn a_call_whose_answer_was_lost_is_made_once() {
    for dialect in DIALECTS {
        for fault in [
            Fault::AfterEffectDrop,
            Fault::AfterEffectStatus(502),
            Fault::DropConnection,
        ] {
            let stage = Stage::set(dialect).await;
            stage.source.fail_next_of("POST", "/transfer", fault);
            stage.begin().await;
            stage.later(TimeDelta::seconds(5)).await;
            stage.wait_at_destination().await;
            let times = stage.count(&stage.source, Effect::TransferStarted);
            assert_eq!(times, 1, "{dialect:?} {fault:?}");
            stage.assert_moved(&format!("{dialect:?} {fault:?}")).await;
        }
    }
}

/// The same while the source is still at it: a second call meets its lock.
#[tokio::test]
async fn a_lost_answer_of_a_slow_source_is_no_second_transfer() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .source
            .fail_next_of("SEND", "/transfer", Fault::Delay(1_500));
        stage
            .source
            .fail_next_of("POST", "/transfer", Fault::AfterEffectDrop);
        stage.begin().await;
        stage.later(TimeDelta::seconds(5)).await;
        stage.wait_at_destination().await;
        assert_eq!(stage.count(&stage.source, Effect::TransferStarted), 1);
        stage.assert_moved(&format!("{dialect:?}")).await;
    }
}

/// The old copy waits for a node that is away.
#[tokio::test]
async fn the_old_copy_is_removed_when_its_node_is_back() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage.begin().await;
    stage.wait_at_destination().await;
    stage.source.pause();
    stage.later(TimeDelta::minutes(15)).await;
    assert!(!stage.is_idle().await);
    stage.source.resume();
    stage.assert_moved("back again").await;
}

/// A node that is deleted keeps what nobody can remove any more: the log says what.
#[tokio::test]
async fn what_is_left_on_a_deleted_node_is_said() {
    let stage = Stage::set(Dialect::Calagopus).await;
    stage.begin().await;
    stage.wait_at_destination().await;
    let node = format!("/api/admin/nodes/{}", stage.source.node().id);
    stage.admin.delete(&node).await.ok();
    let said = format!(
        "EXISTS (SELECT FROM activities WHERE event = 'server:copy-left' AND data->'servers' ? '{}')",
        stage.server.id
    );
    assert!(stage.holds(&said).await);
    stage.later(TimeDelta::minutes(15)).await;
    assert!(stage.is_idle().await);
}
