//! The eggs of one's servers.

use panel_testkit::factory;
use serde_json::json;

use super::{Stage, names};

#[tokio::test]
async fn everybody_sees_the_eggs_of_their_servers() {
    let stage = Stage::set().await;
    factory::egg(&stage.app).await;
    let path = "/api/client/servers/eggs";
    let shown = stage.owner.get(path).await.ok();
    assert_eq!(shown["nest_eggs"]["total"], 1, "{shown}");
    let server = stage.owner.get(&stage.path("")).await.ok();
    assert_eq!(shown["nest_eggs"]["data"][0], server["server"]["egg"]);
    let found = stage
        .owner
        .get(&format!("{path}?search=nothing"))
        .await
        .ok();
    assert_eq!(names(&found["nest_eggs"]["data"], "name"), [""; 0]);

    let friend = stage.app.user("friend").await;
    let shown = friend.get(path).await.ok();
    assert_eq!(shown["nest_eggs"]["data"], json!([]));
    let (server, user) = (stage.server.id, friend.user_id());
    factory::subuser(&stage.app, server, user, &[]).await;
    let shown = friend.get(path).await.ok();
    assert_eq!(shown["nest_eggs"]["total"], 1, "{shown}");
}
