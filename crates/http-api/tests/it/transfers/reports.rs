//! What nodes report of transfers: lost, late, twice, out of order, and by whom it is none of the business.

use chrono::TimeDelta;
use panel_testkit::{eventually, factory};
use serde_json::{Value, json};
use wings_sim::{Dialect, Effect, Fault};

use super::{DIALECTS, Stage};

/// Row R-15: the source still has everything, and the server can be used again.
#[tokio::test]
async fn r_15_a_lost_report_of_success_leaves_the_server_where_it_was() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .destination
            .fail_next_of("REPORT", "/transfer/success", Fault::DropConnection);
        stage.begin().await;
        eventually("the files to arrive", async || {
            stage.has(&stage.destination)
        })
        .await;
        stage.later(TimeDelta::minutes(3)).await;
        assert_eq!(stage.shown().await["is_transferring"], true);
        stage.assert_stayed(&format!("{dialect:?}")).await;
        let log = format!(
            "/api/client/servers/{}/activity?search=transfer-failed",
            stage.server.id
        );
        let log = stage.owner.get(&log).await.ok();
        assert_eq!(log["activities"]["total"], 1, "{log}");
    }
}

#[tokio::test]
async fn a_lost_report_of_failure_frees_the_server_all_the_same() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .source
            .fail_next_of("SEND", "/transfer", Fault::DropConnection);
        stage
            .source
            .fail_next_of("REPORT", "/transfer/failure", Fault::DropConnection);
        stage.begin().await;
        eventually("the source to give up", async || {
            stage.count(&stage.source, Effect::TransferEnded) == 1
        })
        .await;
        stage.assert_stayed(&format!("{dialect:?}")).await;
    }
}

#[tokio::test]
async fn a_failure_ends_the_transfer() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .source
            .fail_next_of("SEND", "/transfer", Fault::DropConnection);
        stage.begin().await;
        stage.wait_at_source().await;
        stage.assert_stayed(&format!("{dialect:?}")).await;
        // Told twice, and by both, changes nothing.
        for sim in [&stage.source, &stage.destination, &stage.source] {
            stage.report(sim, "failure", Value::Null).await.ok();
        }
        stage.assert_stayed(&format!("{dialect:?}")).await;
        stage.begin().await;
        stage.wait_at_destination().await;
    }
}

/// Row R-15: the answer to the report was lost, and the daemon reports again.
#[tokio::test]
async fn r_15_a_success_told_twice_is_answered_as_the_first_time() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage.begin().await;
        stage.wait_at_destination().await;
        let before = stage.shown().await;
        for body in [Value::Null, json!({ "backups": [] })] {
            stage.report(&stage.destination, "success", body).await.ok();
        }
        // Out of order: what either says of a failure comes too late.
        for sim in [&stage.source, &stage.destination] {
            stage
                .report(sim, "failure", Value::Null)
                .await
                .expect_error(409, "server_not_transferring");
        }
        assert_eq!(stage.shown().await, before);
        stage.assert_moved(&format!("{dialect:?}")).await;
        stage
            .report(&stage.destination, "success", Value::Null)
            .await
            .ok();
        stage.assert_moved(&format!("{dialect:?}")).await;
    }
}

/// A success that comes when nobody waits for it any more is refused, and what has arrived is removed.
#[tokio::test]
async fn a_late_success_changes_nothing() {
    let stage = Stage::set(Dialect::Pterodactyl).await;
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    stage.wait_for_start(1).await;
    let cancel = stage.path("/transfer/cancel");
    stage.admin.post(&cancel, json!({})).await.ok();
    stage.assert_stayed("before").await;
    let late = stage.report(&stage.destination, "success", Value::Null);
    late.await.expect_error(409, "server_not_transferring");
    assert!(!stage.is_idle().await, "what has arrived is to be removed");
    stage.assert_stayed("after").await;
}

/// Before its source was called, whatever is said of a transfer is about another one.
#[tokio::test]
async fn a_report_from_before_the_call_changes_nothing() {
    let stage = Stage::set(Dialect::Pelican).await;
    let begun = stage
        .admin
        .post(&stage.path("/transfer"), stage.order())
        .await;
    begun.expect_status(202);
    stage
        .report(&stage.source, "failure", Value::Null)
        .await
        .ok();
    stage
        .report(&stage.destination, "success", Value::Null)
        .await
        .expect_error(409, "server_not_transferring");
    assert_eq!(stage.shown().await["is_transferring"], true);
    stage.wait_at_destination().await;
}

/// Rows N-08 and N-09: only the two nodes are heard, and of success only the one where the server goes.
#[tokio::test]
async fn n_08_n_09_only_the_nodes_of_a_transfer_are_heard() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let stranger = factory::node(&stage.app).await;
    let stranger = stage.app.node_client(&stranger);
    let path = |end: &str| format!("/api/remote/servers/{}/transfer/{end}", stage.server.id);
    for end in ["success", "failure"] {
        // The server is the source's own, and not on its way.
        stage
            .report(&stage.source, end, Value::Null)
            .await
            .expect_error(409, "server_not_transferring");
        stage
            .report(&stage.destination, end, Value::Null)
            .await
            .expect_status(404);
    }
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    stage.wait_for_start(1).await;
    for end in ["success", "failure"] {
        let answer = stranger.post(&path(end), Value::Null).await;
        answer.expect_status(404);
    }
    let own = stage.report(&stage.source, "success", Value::Null).await;
    own.expect_error(409, "not_the_destination");
    assert_eq!(stage.shown().await["is_transferring"], true);
    assert!(!stage.is_idle().await);
}

/// Row N-09: a node that says it has a server and has not makes nobody delete it.
#[tokio::test]
async fn n_09_a_false_success_costs_no_file() {
    let stage = Stage::set(Dialect::Calagopus).await;
    let foreign = factory::server(&stage.app, stage.owner.user_id()).await;
    let foreign = factory::backup(&stage.app, &foreign).await;
    stage
        .source
        .fail_next_of("SEND", "/transfer", Fault::Timeout);
    stage.begin().await;
    stage.wait_for_start(1).await;
    let lie = json!({ "backups": [foreign] });
    stage.report(&stage.destination, "success", lie).await.ok();
    assert!(stage.is_on(stage.destination.node()).await);
    for _ in 0..10 {
        stage.later(TimeDelta::hours(1)).await;
    }
    assert!(stage.has(&stage.source), "the only copy there is");
    assert!(
        stage
            .holds("EXISTS (SELECT FROM operations WHERE kind = 'discard_copy' AND finished_at IS NULL)")
            .await
    );
    let moved = format!(
        "EXISTS (SELECT FROM backups WHERE id = '{foreign}' AND node_id = '{}')",
        stage.destination.node().id
    );
    assert!(!stage.holds(&moved).await, "a backup of somebody else");
    // At last it is given up, and said to whoever can do something about it.
    stage.later(TimeDelta::days(8)).await;
    assert!(stage.has(&stage.source));
    assert!(
        stage
            .holds("EXISTS (SELECT FROM activities WHERE event = 'server:copy-left')")
            .await
    );
}

#[tokio::test]
async fn reports_that_no_daemon_makes_are_refused() {
    let stage = Stage::set(Dialect::CalagopusNext).await;
    let many: Vec<_> = (0..501).map(|_| uuid::Uuid::new_v4()).collect();
    let id = uuid::Uuid::new_v4();
    let migration = |checksum: &str, adapter: &str| {
        let told = json!({
            "checksum": checksum, "checksum_type": "sha256", "browsable": true, "streaming": true, "adapter": adapter,
        });
        json!({ "backups": [id], "backup_migrations": { id.to_string(): told } })
    };
    for (body, field) in [
        (json!({ "backups": many }), "backups"),
        (migration(&"a".repeat(300), "wings"), "backup_migrations"),
        (migration("a\nb", "wings"), "backup_migrations"),
        (migration("abc", "s3"), "backup_migrations"),
    ] {
        let answer = stage.report(&stage.destination, "success", body).await;
        let answer = answer.expect_error(400, "invalid_input");
        let detail = answer.json["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(field), "{detail}");
    }
}
