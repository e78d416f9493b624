//! The second factor: turning it on and off, and signing in with it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures_util::future::join_all;
use panel_testkit::factory::{self, User};
use panel_testkit::{Answer, Authenticator, Client, Method, PASSWORD, TestApp};
use serde_json::{Value, json};

const ME: &str = "/api/client/account";
const TWO_FACTOR: &str = "/api/client/account/two-factor";
const CHECKPOINT: &str = "/api/auth/login/checkpoint";

/// A user with a second factor, whose last code is from an earlier step.
struct Scene {
    app: TestApp,
    user: User,
    browser: Client,
    authenticator: Authenticator,
    codes: Vec<String>,
}

impl Scene {
    async fn set() -> Self {
        let app = TestApp::start().await;
        let user = factory::user(&app, "careful").await;
        let browser = app.sign_in(&user).await;
        let (authenticator, codes) = Authenticator::enabled(&browser, app.now()).await;
        app.clock().advance(TimeDelta::seconds(60));
        Self {
            app,
            user,
            browser,
            authenticator,
            codes,
        }
    }

    /// What the authenticator shows now.
    fn code(&self) -> String {
        self.authenticator.code(self.app.now())
    }

    /// The answer to a right password, from an address of its own.
    async fn first_step(&self) -> Answer {
        let login = json!({ "user": self.user.username, "password": PASSWORD });
        self.app.anonymous().post("/api/auth/login", login).await
    }

    /// What goes with the second factor.
    async fn token(&self) -> String {
        let answer = self.first_step().await.ok();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// The second step, from an address of its own.
    async fn second_step(&self, token: &str, code: &str) -> Answer {
        let body = json!({ "code": code, "confirmation_token": token });
        self.app.anonymous().post(CHECKPOINT, body).await
    }

    async fn disable(&self, body: Value) -> Answer {
        let request = self.browser.request(Method::DELETE, TWO_FACTOR);
        request.json(body).send().await
    }
}

/// How many were answered which status.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut statuses = BTreeMap::new();
    for answer in answers {
        *statuses.entry(answer.status).or_default() += 1;
    }
    statuses
}

#[tokio::test]
async fn it_is_turned_on_asked_for_and_turned_off() {
    let app = TestApp::start().await;
    let user = factory::user(&app, "careful").await;
    let browser = app.sign_in(&user).await;
    let authenticator = Authenticator::set_up(&browser).await;
    let proof = |code: &str, password: &str| json!({ "code": code, "password": password });
    let code = authenticator.code(app.now());
    let wrong = browser.post(TWO_FACTOR, proof("000000", PASSWORD)).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["code"]);
    let wrong = browser.post(TWO_FACTOR, proof(&code, "a guess")).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["password"]);
    assert_eq!(browser.get(ME).await.ok()["user"]["totp_enabled"], false);
    let codes = browser.post(TWO_FACTOR, proof(&code, PASSWORD)).await.ok();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    let me = browser.get(ME).await.ok();
    assert_eq!(me["user"]["totp_enabled"], true);
    assert!(me["user"]["totp_last_used"].is_string());
    let again = browser.get(TWO_FACTOR).await;
    again.expect_error(409, "two_factor_enabled");
    let again = browser.post(TWO_FACTOR, proof(&code, PASSWORD)).await;
    again.expect_error(409, "two_factor_enabled");

    let other = app.anonymous();
    let login = json!({ "user": "careful", "password": PASSWORD });
    let first = other.post("/api/auth/login", &login).await.ok();
    assert_eq!(first["type"], "two_factor_required");
    assert_eq!(first["user"]["username"], "careful");
    assert_eq!(other.cookie("roost_session"), None);
    app.clock().advance(TimeDelta::seconds(30));
    let second =
        json!({ "code": authenticator.code(app.now()), "confirmation_token": first["token"] });
    let second = other.post(CHECKPOINT, second).await.ok();
    assert_eq!(second["user"]["uuid"], json!(user.id));
    other.get(ME).await.ok();

    app.clock().advance(TimeDelta::seconds(30));
    let off = proof(&authenticator.code(app.now()), PASSWORD);
    let disable = || browser.request(Method::DELETE, TWO_FACTOR).json(&off);
    disable().send().await.ok();
    let again = disable().send().await;
    again.expect_error(409, "two_factor_disabled");
    let done = app.anonymous().post("/api/auth/login", &login).await.ok();
    assert_eq!(done["type"], "completed");
}

#[tokio::test]
async fn a_15_a_code_is_good_for_one_sign_in() {
    let scene = Scene::set().await;
    let peer = scene.app.peer().await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        tokens.push(scene.token().await);
    }
    let code = scene.code();
    let (app, code) = (&scene.app, &code);
    let attempts = tokens.iter().enumerate().map(|(number, token)| {
        let at = if number % 2 == 0 {
            app.url()
        } else {
            peer.url()
        };
        let client = app.anonymous().at(at);
        let body = json!({ "code": code, "confirmation_token": token });
        async move { client.post(CHECKPOINT, body).await }
    });
    let answers = join_all(attempts).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (400, 7)]));
    let token = scene.token().await;
    scene
        .second_step(&token, code)
        .await
        .expect_error(400, "invalid_input")
        .expect_fields(&["code"]);
}

#[tokio::test]
async fn a_recovery_code_is_good_once() {
    let scene = Scene::set().await;
    let (first, second) = (scene.token().await, scene.token().await);
    let code = &scene.codes[0];
    let typed = format!("{}-{}", &code[..5].to_uppercase(), &code[5..]);
    let (one, other) = tokio::join!(
        scene.second_step(&first, &typed),
        scene.second_step(&second, &typed)
    );
    let answers = [one, other];
    assert_eq!(statuses(&answers), BTreeMap::from([(200, 1), (400, 1)]));
    let token = scene.token().await;
    scene.second_step(&token, code).await.expect_status(400);
    scene.second_step(&token, &scene.codes[1]).await.ok();
}

#[tokio::test]
async fn what_the_password_gave_is_good_for_one_sign_in_and_five_minutes() {
    let scene = Scene::set().await;
    let token = scene.token().await;
    scene.second_step(&token, &scene.codes[0]).await.ok();
    let over = |answer: Answer| {
        answer
            .expect_error(400, "invalid_input")
            .expect_fields(&["confirmation_token"]);
    };
    over(scene.second_step(&token, &scene.codes[1]).await);
    let token = scene.token().await;
    scene.app.clock().advance(TimeDelta::minutes(6));
    over(scene.second_step(&token, &scene.codes[1]).await);
    let token = scene.token().await;
    let change = json!({ "password": PASSWORD, "new_password": "another good one" });
    let path = "/api/client/account/password";
    scene.browser.put(path, change).await.ok();
    over(scene.second_step(&token, &scene.codes[1]).await);
    over(scene.second_step("rot_made_up", &scene.codes[1]).await);
}

#[tokio::test]
async fn a_right_password_does_not_make_up_for_wrong_codes() {
    let scene = Scene::set().await;
    for _ in 0..10 {
        let token = scene.token().await;
        scene.second_step(&token, "000000").await.expect_status(400);
    }
    // The account rests, whatever is right.
    scene.first_step().await.expect_status(400);
    scene.app.clock().advance(TimeDelta::minutes(6));
    let token = scene.token().await;
    scene.second_step(&token, &scene.code()).await.ok();
}

#[tokio::test]
async fn who_has_to_have_one_may_do_nothing_else_before() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let browser = app.holder(&[], &[]).await;
    let user = format!("/api/admin/users/{}", browser.user_id());
    let role = admin.get(&user).await.ok()["user"]["role"]["uuid"].take();
    let role = format!("/api/admin/roles/{}", role.as_str().unwrap());
    admin
        .patch(&role, json!({ "require_two_factor": true }))
        .await
        .ok();
    let refused = browser.get("/api/client/servers").await;
    refused.expect_error(403, "two_factor_required");
    browser.get(ME).await.ok();
    Authenticator::enabled(&browser, app.now()).await;
    browser.get("/api/client/servers").await.ok();
    let off = format!("{user}/two-factor");
    admin.delete(&off).await.ok();
    let refused = browser.get("/api/client/servers").await;
    refused.expect_error(403, "two_factor_required");
    admin
        .delete(&off)
        .await
        .expect_error(409, "two_factor_disabled");
}

#[tokio::test]
async fn nobody_turns_off_that_of_somebody_above() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    Authenticator::enabled(&root, app.now()).await;
    let helper = app
        .holder(&["users.read", "users.disable-two-factor"], &[])
        .await;
    let path = format!("/api/admin/users/{}/two-factor", root.user_id());
    helper.delete(&path).await.expect_status(403);
    assert_eq!(root.get(ME).await.ok()["user"]["totp_enabled"], true);
}

#[tokio::test]
async fn it_is_turned_off_by_whoever_has_both_only() {
    let scene = Scene::set().await;
    let body = |code: &str, password: &str| json!({ "code": code, "password": password });
    let wrong = scene.disable(body("000000", PASSWORD)).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["code"]);
    let wrong = scene.disable(body(&scene.code(), "a guess")).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["password"]);
    scene.disable(body(&scene.codes[9], PASSWORD)).await.ok();
    assert_eq!(
        scene.browser.get(ME).await.ok()["user"]["totp_enabled"],
        false
    );
    // What was given out with it ends with it.
    let database = scene.app.database().connect().await;
    let left = "SELECT count(*) FROM recovery_codes";
    let left: i64 = database.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn neither_the_secret_nor_a_recovery_code_is_in_the_database() {
    let app = TestApp::start().await;
    let browser = app.user("careful").await;
    let setup = browser.get(TWO_FACTOR).await.ok();
    let first = setup["secret"].as_str().unwrap().to_owned();
    assert!(setup["otp_url"].as_str().unwrap().contains(&first));
    let (_, codes) = Authenticator::enabled(&browser, app.now()).await;
    let database = app.database().connect().await;
    let rows = "SELECT encode(totp_secret, 'escape') FROM users WHERE totp_enabled
        UNION ALL SELECT encode(mac, 'escape') FROM recovery_codes";
    let kept = database.query(rows, &[]).await.unwrap();
    assert_eq!(kept.len(), 11);
    for row in kept {
        let kept: String = row.get(0);
        assert!(!kept.contains(&first));
        assert!(codes.iter().all(|code| !kept.contains(code.as_str())));
    }
}

#[tokio::test]
async fn a_secret_that_was_asked_for_earlier_opens_nothing() {
    let app = TestApp::start().await;
    let browser = app.user("careful").await;
    let earlier = Authenticator::set_up(&browser).await;
    let later = Authenticator::set_up(&browser).await;
    let proof = |authenticator: &Authenticator| json!({ "code": authenticator.code(app.now()), "password": PASSWORD });
    let wrong = browser.post(TWO_FACTOR, proof(&earlier)).await;
    wrong
        .expect_error(400, "invalid_input")
        .expect_fields(&["code"]);
    browser.post(TWO_FACTOR, proof(&later)).await.ok();
}
