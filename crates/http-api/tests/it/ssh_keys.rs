//! Public keys for SFTP: from being added to opening nothing any more.

use panel_testkit::factory::{self, Server, User, public_key};
use panel_testkit::{Answer, Client, FileServer, TestApp};
use serde_json::{Value, json};

const KEYS: &str = "/api/client/account/ssh-keys";
const IMPORT: &str = "/api/client/account/ssh-keys/import";

fn new_key(name: &str, number: u32) -> Value {
    json!({ "name": name, "public_key": public_key(number) })
}

/// A server whose owner signs in with keys.
struct Scene {
    app: TestApp,
    owner: User,
    browser: Client,
    daemon: Client,
    server: Server,
}

impl Scene {
    async fn set() -> Self {
        let app = TestApp::start().await;
        let node = factory::node(&app).await;
        let address = factory::allocations(&app, node.id, 25_565..=25_565).await[0];
        let owner = factory::user(&app, "owner").await;
        Self {
            server: factory::server_on(&app, owner.id, &node, address).await,
            browser: app.sign_in(&owner).await,
            daemon: app.node_client(&node),
            owner,
            app,
        }
    }

    async fn offer(&self, line: &str) -> Answer {
        let name = format!("{}.{}", self.owner.username, self.server.id.short());
        let body = json!({ "type": "public_key", "username": name, "password": line });
        self.daemon.post("/api/remote/sftp/auth", body).await
    }
}

#[tokio::test]
async fn a_key_opens_files_until_it_is_removed() {
    let scene = Scene::set().await;
    scene.offer(&public_key(1)).await.expect_status(403);
    let line = format!("{} me@example.com\n", public_key(1));
    let body = json!({ "name": "laptop", "public_key": line });
    let made = scene.browser.post(KEYS, body).await.ok();
    let fingerprint = made["ssh_key"]["fingerprint"].as_str().unwrap();
    assert!(fingerprint.starts_with("SHA256:") && fingerprint.len() == 50);
    let grant = scene.offer(&format!("{}\n", public_key(1))).await.ok();
    assert_eq!(grant["server"], json!(scene.server.id));
    scene.offer(&public_key(2)).await.expect_status(403);

    let path = format!("{KEYS}/{}", made["ssh_key"]["uuid"].as_str().unwrap());
    let change = json!({ "name": "old laptop" });
    scene.browser.patch(&path, change).await.ok();
    let listed = scene.browser.get(&format!("{KEYS}?search=OLD")).await.ok();
    assert_eq!(listed["ssh_keys"]["total"], 1);
    assert_eq!(listed["ssh_keys"]["data"][0]["name"], "old laptop");

    let stranger = scene.app.user("stranger").await;
    let refused = stranger.delete(&path).await;
    refused.expect_error(404, "ssh_key_not_found");
    let refused = stranger.patch(&path, json!({ "name": "mine now" })).await;
    refused.expect_error(404, "ssh_key_not_found");

    scene.browser.delete(&path).await.ok();
    scene.offer(&public_key(1)).await.expect_status(403);
    assert!(
        scene.app.run_jobs().await > 0,
        "the node ends what was opened with it"
    );
    let log = scene.browser.get("/api/client/account/activity").await.ok();
    let events: Vec<_> = log["activities"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .filter(|event| event.starts_with("user:ssh-key"))
        .collect();
    let expected = [
        "user:ssh-key.delete",
        "user:ssh-key.update",
        "user:ssh-key.create",
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn names_and_keys_are_unique_in_an_account() {
    let app = TestApp::start().await;
    let browser = app.user("twice").await;
    browser.post(KEYS, new_key("laptop", 1)).await.ok();
    let made = browser.post(KEYS, new_key("desktop", 2)).await.ok();
    let name = browser.post(KEYS, new_key("laptop", 3)).await;
    name.expect_error(409, "taken").expect_fields(&["name"]);
    let key = browser.post(KEYS, new_key("another", 1)).await;
    key.expect_error(409, "taken")
        .expect_fields(&["public_key"]);
    let path = format!("{KEYS}/{}", made["ssh_key"]["uuid"].as_str().unwrap());
    let name = browser.patch(&path, json!({ "name": "laptop" })).await;
    name.expect_error(409, "taken").expect_fields(&["name"]);
    let other = app.user("other").await;
    other.post(KEYS, new_key("laptop", 1)).await.ok();

    let wrong = json!({ "name": "ab", "public_key": "ssh-ed25519 AAAA" });
    let wrong = browser.post(KEYS, wrong).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["name", "public_key"]);
}

#[tokio::test]
async fn as_many_at_once_as_an_account_may_have() {
    let app = TestApp::start().await;
    let browser = app.user("collector").await;
    for number in 0..48 {
        browser
            .post(KEYS, new_key(&format!("key {number}"), number))
            .await
            .ok();
    }
    let late = (48..56).map(|number| {
        let browser = &browser;
        async move {
            browser
                .post(KEYS, new_key(&format!("key {number}"), number))
                .await
        }
    });
    let answers = futures_util::future::join_all(late).await;
    let stored = answers.iter().filter(|answer| answer.is_success()).count();
    assert_eq!(stored, 2);
    for refused in answers.into_iter().filter(|answer| !answer.is_success()) {
        refused.expect_error(409, "too_many_ssh_keys");
    }
    let listed = browser.get(KEYS).await.ok();
    assert_eq!(listed["ssh_keys"]["total"], 50);
}

#[tokio::test]
async fn published_keys_are_imported_once() {
    let published = format!(
        "{}\n{} home\nssh-dss AAAA\nnonsense\n{}\n",
        public_key(1),
        public_key(2),
        public_key(2)
    );
    let site = FileServer::start(&[
        ("/octocat.keys", &published),
        ("/~octocat/+sshkeys", &public_key(3)),
        ("/nothing.keys", "\n"),
    ]);
    let app = TestApp::builder()
        .ssh_key_site(&site.url("/"))
        .start()
        .await;
    let browser = app.user("importer").await;
    browser.post(KEYS, new_key("laptop", 1)).await.ok();
    let import = async |provider: &str, username: &str| {
        let body = json!({ "provider": provider, "username": username });
        browser.post(IMPORT, body).await
    };
    let imported = import("github", "octocat").await.ok();
    assert_eq!(imported["ssh_keys"].as_array().unwrap().len(), 1);
    assert_eq!(imported["ssh_keys"][0]["name"], "octocat github 1");
    let again = import("gitlab", "octocat").await.ok();
    assert_eq!(again["ssh_keys"], json!([]));
    let elsewhere = import("launchpad", "octocat").await.ok();
    assert_eq!(elsewhere["ssh_keys"][0]["name"], "octocat launchpad 1");
    let listed = browser.get(KEYS).await.ok();
    assert_eq!(listed["ssh_keys"]["total"], 3);

    for username in ["nothing", "nobody", "../octocat", "a?b"] {
        let answer = import("github", username).await;
        answer
            .expect_error(400, "invalid_input")
            .expect_fields(&["username"]);
    }
    import("elsewhere", "octocat").await.expect_status(400);
}
