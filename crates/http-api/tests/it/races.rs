//! Many at once for the few there are, through two processes.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::stream;
use panel_testkit::factory::{self, Egg, Node};
use panel_testkit::{Answer, Client, Method, TestApp, eventually};
use serde_json::{Value, json};

use crate::servers::admin::order;

struct Race {
    app: TestApp,
    peer: TestApp,
    admin: Client,
    node: Node,
    egg: Egg,
}

impl Race {
    async fn start() -> Self {
        let app = TestApp::start().await;
        Self {
            peer: app.peer().await,
            admin: app.admin().await,
            node: factory::node(&app).await,
            egg: factory::egg(&app).await,
            app,
        }
    }

    /// The administrator at one of the two processes.
    fn somewhere(&self, number: usize) -> Client {
        if number.is_multiple_of(2) {
            self.admin.clone()
        } else {
            self.admin.at(self.peer.url())
        }
    }

    fn order(&self) -> Value {
        order(&self.node, &self.admin, &self.egg)
    }

    async fn count(&self, what: &str) -> i64 {
        let database = self.app.database().connect().await;
        let sql = format!("SELECT count(*) FROM {what}");
        database.query_one(&sql, &[]).await.unwrap().get(0)
    }
}

/// How often which code was answered; `ok` for success.
fn codes(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut codes = BTreeMap::new();
    for answer in answers {
        let code = match answer.is_success() {
            true => "ok",
            false => answer.code().unwrap_or("none"),
        };
        *codes.entry(code.to_owned()).or_default() += 1;
    }
    codes
}

///
#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_one_server_gets_the_last_port() {
    let race = Race::start().await;
    let port = factory::allocations(&race.app, race.node.id, 25_565..=25_565).await[0];
    let mut order = race.order();
    order["allocation_uuid"] = json!(port);
    let order = &order;
    let attempts = (0..200).map(|number| {
        let client = race.somewhere(number);
        async move { client.post("/api/admin/servers", order).await }
    });
    let answers: Vec<Answer> = stream::iter(attempts).buffer_unordered(64).collect().await;
    let expected = BTreeMap::from([("ok".to_owned(), 1), ("taken".to_owned(), 199)]);
    assert_eq!(codes(&answers), expected);
    assert_eq!(race.count("servers").await, 1);
    assert_eq!(race.count("server_allocations").await, 1);
    assert_eq!(race.count("operations").await, 1);
    assert_eq!(race.count("jobs WHERE name = 'install_server'").await, 1);
    let made = race.count("activities WHERE event = 'server:create'").await;
    assert_eq!(made, 1, "what was refused is not in the log");
}

///
#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_neither_shared_nor_lost() {
    const PORTS: usize = 30;
    const SERVERS: usize = 6;
    let race = Race::start().await;
    let last = 25_000 + u16::try_from(PORTS).unwrap() - 1;
    let ports = factory::allocations(&race.app, race.node.id, 25_000..=last).await;
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        let made = race
            .admin
            .post("/api/admin/servers", race.order())
            .await
            .ok();
        servers.push(made["server"]["uuid"].as_str().unwrap().to_owned());
    }
    // Each server wants each port, gives it back, and the last server goes away in between.
    let mut attempts = Vec::new();
    for (place, port) in ports.iter().enumerate() {
        for (number, server) in servers.iter().enumerate() {
            let path = format!("/api/admin/servers/{server}/allocations");
            let body = json!({ "allocation_uuid": port });
            attempts.push((Method::POST, path.clone(), body));
            if (place + number).is_multiple_of(2) {
                attempts.push((Method::DELETE, format!("{path}/{port}"), json!({})));
            }
        }
        if place == PORTS / 2 {
            let path = format!("/api/admin/servers/{}", servers[SERVERS - 1]);
            attempts.push((Method::DELETE, path, json!({ "force": true })));
        }
    }
    let attempts = attempts.into_iter().enumerate().map(|(number, attempt)| {
        let client = race.somewhere(number);
        let (method, path, body) = attempt;
        async move { client.request(method, &path).json(body).send().await }
    });
    let answers = stream::iter(attempts)
        .buffer_unordered(32)
        .collect::<Vec<Answer>>();
    let deletion = eventually("the server is deleted", async || {
        race.app.run_jobs().await;
        race.count("servers").await == i64::try_from(SERVERS).unwrap() - 1
    });
    let (answers, ()) = futures_util::join!(answers, deletion);
    for answer in &answers {
        assert!(answer.status < 500, "{}", answer.describe());
    }
    for server in &servers[..SERVERS - 1] {
        let done = |method: &str| {
            let of_server = |a: &&Answer| a.is_success() && a.request.contains(server.as_str());
            let answers = answers.iter().filter(of_server);
            answers.filter(|a| a.request.starts_with(method)).count()
        };
        let has = race
            .count(&format!("server_allocations WHERE server_id = '{server}'"))
            .await;
        assert_eq!(
            usize::try_from(has).unwrap(),
            done("POST") - done("DELETE"),
            "{:?}",
            codes(&answers)
        );
    }
    let gone = &servers[SERVERS - 1];
    let left = format!("server_allocations WHERE server_id = '{gone}'");
    assert_eq!(race.count(&left).await, 0, "its addresses are free again");
    let all = race.count("allocations").await;
    assert_eq!(all, i64::try_from(PORTS).unwrap());
    let strays = "servers s WHERE allocation_id IS NOT NULL AND NOT EXISTS (SELECT FROM server_allocations a \
                  WHERE a.allocation_id = s.allocation_id AND a.server_id = s.id)";
    assert_eq!(race.count(strays).await, 0);
}

/// Two people change different things about the same egg, and about the same variable.
#[tokio::test(flavor = "multi_thread")]
async fn changes_of_an_egg_at_the_same_time_all_hold() {
    let race = Race::start().await;
    let egg = format!("/api/admin/nests/{}/eggs/{}", race.egg.nest, race.egg.id);
    let (_, variable) = &race.egg.variables[0];
    let variable = format!("{egg}/variables/{variable}");
    for round in 0..20 {
        let text = format!("round {round}");
        let here = race.somewhere(0);
        let there = race.somewhere(1);
        let changes = [
            (&here, &egg, json!({ "author": text })),
            (&there, &egg, json!({ "description": text })),
            (&there, &variable, json!({ "name": text })),
            (&here, &variable, json!({ "description": text })),
        ];
        let changes = changes
            .into_iter()
            .map(|(client, path, body)| async move { client.patch(path, body).await.ok() });
        futures_util::future::join_all(changes).await;
        let shown = race.admin.get(&egg).await.ok()["egg"].clone();
        assert_eq!(shown["author"], text);
        assert_eq!(shown["description"], text);
        let shown = race.admin.get(&format!("{egg}/variables")).await.ok();
        assert_eq!(shown["variables"][0]["name"], text);
        assert_eq!(shown["variables"][0]["description"], text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_variable_of_an_egg_does_not_come_back() {
    let race = Race::start().await;
    let egg = format!("/api/admin/nests/{}/eggs/{}", race.egg.nest, race.egg.id);
    for round in 0..20 {
        let new = json!({
            "name": "New", "description": null, "order": 50, "env_variable": format!("NEW_{round}"), "default_value": null,
            "user_viewable": true, "user_editable": true, "secret": false, "rules": ["string"],
        });
        let made = race.admin.post(&format!("{egg}/variables"), new).await.ok();
        let path = format!(
            "{egg}/variables/{}",
            made["variable"]["uuid"].as_str().unwrap()
        );
        let (here, there) = (race.somewhere(0), race.somewhere(1));
        let (gone, changed) = futures_util::future::join(
            here.delete(&path),
            there.patch(&path, json!({ "name": "Changed" })),
        )
        .await;
        gone.ok();
        assert!(
            [200, 404].contains(&changed.status),
            "{}",
            changed.describe()
        );
        let left = race.admin.get(&format!("{egg}/variables")).await.ok();
        assert!(
            !left.to_string().contains(&format!("NEW_{round}\"")),
            "{left}"
        );
    }
}
