//! Sharing a server.

use panel_testkit::factory;
use serde_json::json;

use super::{Stage, names_of};

#[tokio::test]
async fn a_share_is_given_changed_and_taken() {
    let stage = Stage::set().await;
    let account = factory::user(&stage.app, "friend").await;
    let friend = stage.app.sign_in(&account).await;
    let email = account.email;
    friend
        .get(&stage.path(""))
        .await
        .expect_error(404, "server_not_found");
    let given = stage
        .owner
        .post(
            &stage.path("/subusers"),
            json!({ "email": email, "permissions": ["control.start", "control.read-console"], "ignored_files": ["secret.txt"] }),
        )
        .await
        .ok();
    assert_eq!(given["subuser"]["user"]["username"], "friend");
    assert_eq!(
        names_of(&given["subuser"]["permissions"]),
        ["control.read-console", "control.start"]
    );
    assert!(friend.get(&stage.path("")).await.is_success());
    stage
        .owner
        .post(
            &stage.path("/subusers"),
            json!({ "email": email, "permissions": [] }),
        )
        .await
        .expect_error(409, "taken")
        .expect_fields(&["email"]);

    let path = stage.path(&format!("/subusers/{}", friend.user_id()));
    stage
        .owner
        .patch(&path, json!({ "permissions": ["control.stop"] }))
        .await
        .ok();
    friend
        .post(&stage.path("/power"), json!({ "action": "start" }))
        .await
        .expect_error(403, "permission_denied");
    let list = stage.owner.get(&stage.path("/subusers")).await.ok();
    assert_eq!(list["subusers"]["total"], 1);
    assert_eq!(
        list["subusers"]["data"][0]["permissions"],
        json!(["control.stop"])
    );
    assert_eq!(
        list["subusers"]["data"][0]["ignored_files"],
        json!(["secret.txt"])
    );

    stage.owner.delete(&path).await.ok();
    friend
        .get(&stage.path(""))
        .await
        .expect_error(404, "server_not_found");
    stage
        .owner
        .delete(&path)
        .await
        .expect_error(404, "subuser_not_found");
    assert_eq!(
        stage.log().await,
        [
            "server:subuser.delete",
            "server:subuser.update",
            "server:subuser.create"
        ]
    );
    assert!(
        stage.app.run_jobs().await > 0,
        "the node ends what they have open"
    );
}

#[tokio::test]
async fn who_has_no_account_gets_one_without_a_password() {
    let stage = Stage::set().await;
    let given = stage
        .owner
        .post(
            &stage.path("/subusers"),
            json!({ "email": "new.friend@example.com", "permissions": ["control.start"] }),
        )
        .await
        .ok();
    let username = given["subuser"]["user"]["username"].as_str().unwrap();
    assert!(username.starts_with("newfriend_"), "{username}");
    let client = stage.app.database().connect().await;
    let row = client
        .query_one(
            "SELECT password_hash FROM users WHERE email = 'new.friend@example.com'",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, Option<String>>(0), None);
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    let stage = Stage::set().await;
    let friend = stage.app.user("friend").await;
    let third = stage.app.user("third").await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        friend.user_id(),
        &[
            "control.start",
            "subusers.create",
            "subusers.update",
            "subusers.delete",
            "subusers.read",
        ],
    )
    .await;
    factory::subuser(
        &stage.app,
        stage.server.id,
        third.user_id(),
        &["control.stop"],
    )
    .await;
    let list = stage.path("/subusers");
    let email = "other@example.com";
    friend
        .post(
            &list,
            json!({ "email": email, "permissions": ["control.stop"] }),
        )
        .await
        .expect_error(403, "permission_denied");
    let own = format!("{list}/{}", friend.user_id());
    friend
        .patch(&own, json!({ "permissions": ["control.start"] }))
        .await
        .expect_error(403, "not_on_yourself");
    let other = format!("{list}/{}", third.user_id());
    friend
        .delete(&other)
        .await
        .expect_error(403, "permission_denied");
    friend
        .patch(&other, json!({ "permissions": ["control.start"] }))
        .await
        .expect_error(403, "permission_denied");
    friend
        .post(
            &list,
            json!({ "email": email, "permissions": ["control.start"] }),
        )
        .await
        .ok();
    let people = friend.get(&list).await.ok();
    assert_eq!(people["subusers"]["total"], 3);
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation() {
    let stage = Stage::set().await;
    stage
        .owner
        .post(
            &stage.path("/subusers"),
            json!({ "email": "nobody", "permissions": ["control.fly"], "ignored_files": [""] }),
        )
        .await
        .expect_status(400)
        .expect_fields(&["email", "permissions", "ignored_files"]);
    stage
        .owner
        .post(
            &stage.path("/subusers"),
            json!({ "email": stage.account.email, "permissions": [] }),
        )
        .await
        .expect_error(403, "owner_as_subuser");
    let stranger = stage.app.user("stranger").await;
    let path = stage.path(&format!("/subusers/{}", stranger.user_id()));
    stage
        .owner
        .patch(&path, json!({ "permissions": [] }))
        .await
        .expect_error(404, "subuser_not_found");
}
