//! Row R-02: workers that are killed while they move a server.

use chrono::TimeDelta;
use panel_testkit::eventually;
use serde_json::json;
use wings_sim::{Effect, Fault};

use super::{DIALECTS, Stage};

impl Stage {
    async fn is_called(&self, kind: &str) -> bool {
        self.holds(&format!(
            "EXISTS (SELECT FROM operations WHERE kind = '{kind}' AND called_at IS NOT NULL)"
        ))
        .await
    }
}

#[tokio::test]
async fn r_02_a_worker_killed_while_a_server_is_sent() {
    for dialect in DIALECTS {
        for place in ["transfer.calling", "transfer.called"] {
            let stage = Stage::set(dialect).await;
            let what = format!("{dialect:?} killed at {place}");
            let worker = stage.app.worker_stopping_at(Some(place));
            let begun = stage
                .admin
                .post(&stage.path("/transfer"), stage.order())
                .await;
            begun.expect_status(202);
            eventually(place, async || {
                stage.is_called("transfer").await
                    && (place == "transfer.calling"
                        || stage.count(&stage.source, Effect::TransferStarted) == 1)
            })
            .await;
            worker.kill();
            stage.wait_at_destination().await;
            assert_eq!(
                stage.count(&stage.source, Effect::TransferStarted),
                1,
                "{what}"
            );
            stage.assert_moved(&what).await;
        }
    }
}

#[tokio::test]
async fn r_02_a_worker_killed_while_the_old_copy_is_removed() {
    for dialect in DIALECTS {
        for place in ["discard.calling", "discard.called"] {
            let stage = Stage::set(dialect).await;
            let what = format!("{dialect:?} killed at {place}");
            stage.begin().await;
            stage.wait_at_destination().await;
            let worker = stage.app.worker_stopping_at(Some(place));
            stage.app.clock().advance(TimeDelta::minutes(11));
            eventually(place, async || {
                stage.is_called("discard_copy").await
                    && (place == "discard.calling"
                        || stage.count(&stage.source, Effect::Deleted) == 1)
            })
            .await;
            worker.kill();
            stage.assert_moved(&what).await;
            assert_eq!(stage.count(&stage.source, Effect::Deleted), 1, "{what}");
            assert_eq!(
                stage.count(&stage.destination, Effect::Deleted),
                0,
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn r_02_a_worker_killed_while_a_transfer_is_stopped() {
    for dialect in DIALECTS {
        let stage = Stage::set(dialect).await;
        stage
            .source
            .fail_next_of("SEND", "/transfer", Fault::Timeout);
        stage.begin().await;
        stage.wait_for_start(1).await;
        let worker = stage.app.worker_stopping_at(Some("transfer.stopping"));
        let cancel = stage.path("/transfer/cancel");
        stage.admin.post(&cancel, json!({})).await.ok();
        eventually("the worker to be at it", async || {
            stage
                .holds("EXISTS (SELECT FROM jobs WHERE name = 'discard_copy' AND locked_by IS NOT NULL)")
                .await
        })
        .await;
        worker.kill();
        stage.assert_stayed(&format!("{dialect:?}")).await;
        assert_eq!(stage.count(&stage.source, Effect::TransferEnded), 1);
    }
}
