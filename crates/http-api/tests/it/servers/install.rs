//! Installing again, and the ways out.

use panel_testkit::factory;
use serde_json::{Value, json};
use wings_sim::Effect;

use super::Stage;

#[tokio::test]
async fn a_server_is_installed_again() {
    let stage = Stage::set().await;
    stage
        .owner
        .post(
            &stage.path("/settings/install"),
            json!({ "truncate_directory": true }),
        )
        .await
        .expect_status(202);
    assert_eq!(stage.shown().await["status"], "installing");
    stage
        .owner
        .post(
            &stage.path("/settings/install"),
            json!({ "truncate_directory": false }),
        )
        .await
        .expect_error(409, "server_installing");
    stage.app.run_jobs().await;
    let id = stage.server.id.uuid();
    stage
        .sim
        .wait_for_ledger("the installation", |ledger| {
            ledger.iter().any(|e| e.effect == Effect::ReinstallStarted)
        })
        .await
        .unwrap();
    stage.sim.finish_install(id, true).await.unwrap();
    stage.wait_for_status(Value::Null).await;
    let admin = stage.app.admin().await;
    let log = admin.get(&stage.admin_path("/logs/install?lines=10")).await;
    assert!(log.is_success(), "{}", log.describe());
}

#[tokio::test]
async fn an_installation_that_has_not_begun_is_over_when_cancelled() {
    let stage = Stage::set().await;
    let body = json!({ "truncate_directory": false });
    stage
        .owner
        .post(&stage.path("/settings/install"), body)
        .await
        .expect_status(202);
    stage
        .owner
        .post(&stage.path("/settings/install/cancel"), json!({}))
        .await
        .expect_status(200);
    assert_eq!(stage.shown().await["status"], "install_failed");
    stage
        .owner
        .post(&stage.path("/settings/install/cancel"), json!({}))
        .await
        .expect_error(409, "server_not_installing");
    stage.app.run_jobs().await;
    let began = stage
        .sim
        .ledger()
        .iter()
        .any(|e| e.effect == Effect::ReinstallStarted);
    assert!(!began, "{:?}", stage.sim.ledger());

    stage
        .owner
        .post(&stage.path("/settings/install/unlock"), json!({}))
        .await
        .ok();
    assert_eq!(stage.shown().await["status"], Value::Null);
    stage
        .owner
        .post(&stage.path("/settings/install/unlock"), json!({}))
        .await
        .expect_error(409, "server_nothing_failed");
    assert_eq!(
        stage.log().await,
        [
            "server:install-acknowledge",
            "server:install-cancel",
            "server:reinstall"
        ]
    );
}

#[tokio::test]
async fn an_installation_on_the_node_is_stopped_there() {
    let stage = Stage::set().await;
    stage
        .owner
        .post(
            &stage.path("/settings/install"),
            json!({ "truncate_directory": false }),
        )
        .await
        .expect_status(202);
    stage.app.run_jobs().await;
    stage
        .owner
        .post(&stage.path("/settings/install/cancel"), json!({}))
        .await
        .expect_status(202);
    stage
        .sim
        .wait_for_ledger("the end", |ledger| {
            ledger.iter().any(|e| e.effect == Effect::InstallFailed)
        })
        .await
        .unwrap();
    stage.wait_for_status(json!("install_failed")).await;
}

#[tokio::test]
async fn installing_has_its_permissions() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &["control.start"],
    )
    .await;
    let body = json!({ "truncate_directory": false });
    for path in ["", "/cancel", "/unlock"] {
        friend
            .post(&stage.path(&format!("/settings/install{path}")), &body)
            .await
            .expect_error(403, "permission_denied");
    }
}
