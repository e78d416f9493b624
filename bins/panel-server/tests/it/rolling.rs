//! servers are replaced one after the other while clients go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use panel_domain::actor::ApiKeyScope;
use panel_testkit::{Client, ENCRYPTION_KEY, Method, TestApp, factory};
use serde_json::json;
use wings_sim::Fault;

use crate::process::{Running, free_port, get, get_keeping};

/// Where a load balancer finds a server, and whether it was ready when it was last asked.
struct Backend {
    port: u16,
    ready: AtomicBool,
}

struct Server {
    port: u16,
    ops: String,
}

impl Server {
    fn new() -> Self {
        Self {
            port: free_port(),
            ops: free_port().to_string(),
        }
    }

    fn start(&self, app: &TestApp, drain: &str) -> Running {
        let port = self.port.to_string();
        let environment = [
            ("DATABASE_URL", app.database().url()),
            ("REDIS_URL", app.redis().url()),
            ("APP_ENCRYPTION_KEY", ENCRYPTION_KEY),
            ("APP_URL", app.url().as_str()),
            ("BIND", "127.0.0.1"),
            ("PORT", &port),
            ("APP_OPS_PORT", &self.ops),
            ("APP_DRAIN_SECONDS", drain),
        ];
        Running::start(&environment, &["serve"], "Answering requests")
    }
}

/// Asks a server ten times a second whether it is ready, as a load balancer does.
async fn probe(backend: Arc<Backend>, probe: Client) {
    loop {
        let answer = probe.request(Method::GET, "/health/ready").try_send().await;
        let ready = answer.is_some_and(|answer| answer.is_success());
        backend.ready.store(ready, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Reads and changes something again and again at whichever server is ready; panics when that fails once.
async fn go_on(
    number: usize,
    backends: Arc<Vec<Arc<Backend>>>,
    client: Client,
    done: Arc<AtomicUsize>,
) {
    for turn in number.. {
        let ready = backends.iter().cycle().skip(turn).take(backends.len());
        let ready = ready
            .into_iter()
            .find(|backend| backend.ready.load(Ordering::Relaxed));
        let backend = ready.expect("one of two is always ready");
        let client = client.at(&format!("http://127.0.0.1:{}", backend.port)
            .parse()
            .unwrap());
        client.get("/api/client/account").await.ok();
        let body = json!({ "name": format!("Place {number} {turn}"), "description": null });
        client.post("/api/admin/locations", body).await.ok();
        done.fetch_add(2, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_servers_are_replaced() {
    let app = TestApp::builder().system_clock().start().await;
    // One program stands for many clients here.
    app.allow_requests(10_000_000).await;
    let program = app.api_key(&app.admin().await, ApiKeyScope::ALL).await;
    let servers = [Server::new(), Server::new()];
    let mut running: Vec<Running> = servers
        .iter()
        .map(|server| server.start(&app, "1"))
        .collect();
    let backends: Vec<_> = servers
        .iter()
        .map(|server| {
            Arc::new(Backend {
                port: server.port,
                ready: AtomicBool::new(true),
            })
        })
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    for backend in &backends {
        let url = format!("http://127.0.0.1:{}", backend.port)
            .parse()
            .unwrap();
        tasks.spawn(probe(Arc::clone(backend), app.anonymous().at(&url)));
    }
    let backends = Arc::new(backends);
    let done = Arc::new(AtomicUsize::new(0));
    for number in 0..4 {
        tasks.spawn(go_on(
            number,
            Arc::clone(&backends),
            program.clone(),
            Arc::clone(&done),
        ));
    }
    for turn in 0..4 {
        let (server, backend) = (&servers[turn % 2], &backends[turn % 2]);
        let before = done.load(Ordering::Relaxed);
        tokio::task::block_in_place(|| {
            running[turn % 2].terminate();
            assert!(running[turn % 2].wait(), "{}", running[turn % 2].log());
            running[turn % 2] = server.start(&app, "1");
        });
        panel_testkit::eventually("the new server to be used", async || {
            backend.ready.load(Ordering::Relaxed) && done.load(Ordering::Relaxed) > before + 20
        })
        .await;
        if let Some(ended) = tasks.try_join_next() {
            panic!("a request failed: {ended:?}");
        }
    }
    tasks.abort_all();
    while let Some(ended) = tasks.join_next().await {
        assert!(
            ended.is_err_and(|error| error.is_cancelled()),
            "a request failed"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_sends_clients_away_and_told_again_it_ends() {
    let app = TestApp::start().await;
    let server = Server::new();
    let mut running = server.start(&app, "300");
    assert!(get(server.port, "/health/ready").contains("200 OK"));
    running.terminate();
    running.until("Draining");
    assert!(get(server.port, "/health/ready").contains("503 Service Unavailable"));
    assert!(get(server.port, "/health/live").contains("200 OK"));
    // Without being asked to, it closes a connection that a client would keep.
    let kept = get_keeping(server.port, "/api/settings");
    assert!(kept.starts_with("HTTP/1.1 200 OK"), "{kept}");
    assert!(
        kept.to_lowercase().contains("\r\nconnection: close\r\n"),
        "{kept}"
    );
    running.terminate();
    assert!(running.wait(), "{}", running.log());
    assert!(running.log().contains("ending at once"));
}

/// Whether the server is answering a request.
async fn is_busy(app: &TestApp, server: &Server) -> bool {
    let ops = format!("http://127.0.0.1:{}", server.ops).parse().unwrap();
    let metrics = app.anonymous().at(&ops).get("/metrics").await;
    metrics.text().contains("http_requests_in_flight 1")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_node_is_answered_before_the_server_stops() {
    let app = TestApp::builder().system_clock().start().await;
    let sim = app.sim().await;
    let owner = app.user("owner").await;
    let game = factory::server_on(&app, owner.user_id(), sim.node(), sim.allocations()[0]).await;
    sim.restart().await.unwrap();
    let server = Server::new();
    let mut running = server.start(&app, "0");
    let url = format!("http://127.0.0.1:{}", server.port).parse().unwrap();
    let owner = owner.at(&url);
    // Each on a connection of its own, so that it is answered by another worker; the daemon is called on one connection.
    let send = |method, action: &str| {
        let path = format!("/api/client/servers/{}/{action}", game.id);
        owner.request(method, &path).header("connection", "close")
    };
    send(Method::GET, "resources").send().await.ok();
    sim.fail_next_of("POST", "/power", Fault::Delay(1500));
    let start = send(Method::POST, "power").json(json!({ "action": "start" }));
    let start = tokio::spawn(start.send());
    panel_testkit::eventually("the start to be under way", async || {
        is_busy(&app, &server).await
    })
    .await;
    running.terminate();
    start.await.unwrap().ok();
    assert!(
        tokio::task::block_in_place(|| running.wait()),
        "{}",
        running.log()
    );
}
