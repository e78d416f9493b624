//! A process of the panel.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use panel_cache::{Cache, Options as CacheOptions, RedisTarget};
use panel_domain::actor::ApiKeyScope;
use panel_domain::clock::{Clock, ManualClock, SystemClock};
use panel_http_api::health::Vitals;
use panel_http_api::serve;
use panel_http_api::state::{AppState, HttpOptions};
use panel_jobs::{Runner, RunnerBuilder, RunnerOptions};
use panel_secrets::{KeyRing, PasswordHasher, Purpose};
use panel_service::limits::{Bucket, Limit};
use panel_service::operations::Failpoints;
use panel_service::settings::{self, UpdateSettings};
use panel_service::spool::SpoolOptions;
use panel_service::{App, AppParts, Background, Options};
use panel_storage::{Db, StorageOptions};
use panel_test_db::{TestDatabase, TestPostgres, TestRedis};
use scoped_futures::ScopedFutureExt as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;
use url::Url;
use wings_client::{Nodes, Settings, install_tls_provider};

use crate::client::{Client, Principal};
use crate::eventually::eventually;
use crate::factory::{self, Node, PASSWORD};
use crate::must::Must as _;
use crate::sim::Sim;
use crate::traffic::Exchange;

mod builder;

pub use builder::Builder;

/// Nothing that is sealed with it outlives a test.
pub const ENCRYPTION_KEY: &str = "an-encryption-key-of-tests-and-nothing-else";

impl Builder {
    /// Starts it.
    pub async fn start(self) -> TestApp {
        let now = SystemClock.now();
        let cluster = if self.replica {
            let primary = TestPostgres::start_private().await;
            let database = TestDatabase::migrated_on(&primary).await;
            let replica = primary.replica().await;
            replica.catch_up(&primary).await;
            Some((database, Cluster { primary, replica }))
        } else {
            None
        };
        let (database, cluster) = match cluster {
            Some((database, cluster)) => (database, Some(cluster)),
            None => (TestDatabase::migrated().await, None),
        };
        let installation = Installation {
            database,
            cluster,
            redis: TestRedis::shared().await,
            spool: tempfile::tempdir().must("a temporary folder"),
            manual: ManualClock::new(now),
            readings: AtomicI64::new(0),
        };
        let fresh = self.fresh;
        let app = TestApp::join(Arc::new(installation), self).await;
        if !fresh {
            finish_setup(&app).await;
        }
        app
    }
}

/// The database servers of an installation that has its own.
#[derive(Debug)]
struct Cluster {
    replica: TestPostgres,
    primary: TestPostgres,
}

/// What the processes of an installation share.
#[derive(Debug)]
pub(crate) struct Installation {
    database: TestDatabase,
    /// After the database, which is dropped on it.
    cluster: Option<Cluster>,
    redis: TestRedis,
    spool: TempDir,
    manual: ManualClock,
    readings: AtomicI64,
}

/// The installation's clock, for parts that keep it.
#[derive(Debug)]
struct SharedClock(Arc<Installation>);

impl Clock for SharedClock {
    /// A microsecond later with each reading, so that what happens later has a later time.
    fn now(&self) -> DateTime<Utc> {
        let readings = self.0.readings.fetch_add(1, Ordering::Relaxed);
        self.0.manual.now() + TimeDelta::microseconds(readings)
    }
}

/// A process of the panel on a database, a Redis and a port of its own. Ends when it is dropped.
pub struct TestApp {
    service: App,
    url: Url,
    keys: KeyRing,
    http: reqwest::Client,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    clock: Arc<dyn Clock>,
    server: Option<ServerHandle>,
    worker: Option<watch::Sender<bool>>,
    pub(crate) options: Builder,
    /// Dropped after what uses them.
    background: Option<Background>,
    pub(crate) installation: Arc<Installation>,
}

impl TestApp {
    /// A panel with one finished setup and nobody in it.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// A panel that is to be different.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Another process of the same installation: the same database, Redis and clock, its own caches and port.
    pub async fn peer(&self) -> Self {
        Self::join(Arc::clone(&self.installation), self.options.clone()).await
    }

    pub(crate) async fn join(installation: Arc<Installation>, options: Builder) -> Self {
        install_tls_provider();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).must("no free port");
        let port = listener.local_addr().must("no address").port();
        let url = Url::parse(&format!("http://127.0.0.1:{port}")).must("the panel's URL");
        let clock: Arc<dyn Clock> = if options.system_clock {
            Arc::new(SystemClock)
        } else {
            Arc::new(SharedClock(Arc::clone(&installation)))
        };
        let none: &[&str] = &[];
        let keys = KeyRing::new(ENCRYPTION_KEY, none).must("the encryption key");
        let service = App::new(AppParts {
            db: database(&installation, &keys),
            cache: cache(&installation, &options),
            keys: keys.clone(),
            passwords: PasswordHasher::weak_for_tests(),
            nodes: Nodes::new(Arc::clone(&clock), Settings::default()).must("the nodes' client"),
            clock: Arc::clone(&clock),
            options: Options {
                url: url.clone(),
                name: "Roost".to_owned(),
                wings_proxy: options.wings_proxy,
                debug: options.replica,
                blocked_networks: options.blocked_networks.clone(),
                ssh_key_sites: options.ssh_key_sites.clone(),
                session_lifetime: options.session_lifetime,
                spool: options.spool.then(|| SpoolOptions {
                    directory: installation.spool.path().to_owned(),
                    hold: Duration::ZERO,
                }),
                failpoints: Failpoints::new(options.failpoint.clone(), None),
            },
        });
        let background = service.background().await;
        if options.redis {
            // What is counted before the first connection is counted in the process alone.
            eventually("Redis to answer", async || service.cache().connect().await).await;
        }
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .must("the HTTP client");
        let mut app = Self {
            server: Some(serve(&service, &url, listener)),
            service,
            url,
            keys,
            http,
            exchanges: Arc::default(),
            clock,
            worker: None,
            options,
            background: Some(background),
            installation,
        };
        if app.options.worker {
            app.start_worker();
        }
        app
    }

    /// Where it answers.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The application, for use cases that have no route.
    #[must_use]
    pub const fn service(&self) -> &App {
        &self.service
    }

    /// The databases, through the product's own layer.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.service.db()
    }

    /// The database, past the product's own layers.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.installation.database
    }

    /// The server of the primary database, to be made to hang.
    ///
    /// # Panics
    /// When the panel has no replica.
    #[must_use]
    pub fn primary(&self) -> &TestPostgres {
        &self.cluster().primary
    }

    /// The replica that is read from, to be made to lag or hang.
    ///
    /// # Panics
    /// When the panel has none.
    #[must_use]
    pub fn replica(&self) -> &TestPostgres {
        &self.cluster().replica
    }

    fn cluster(&self) -> &Cluster {
        let cluster = self.installation.cluster.as_ref();
        cluster.must("this panel has no replica")
    }

    /// The folder for final reports of nodes.
    #[must_use]
    pub fn spool(&self) -> &Path {
        self.installation.spool.path()
    }

    /// The Redis.
    #[must_use]
    pub fn redis(&self) -> &TestRedis {
        &self.installation.redis
    }

    /// The clock, to be moved by the test.
    ///
    /// # Panics
    /// When the panel runs by the machine's clock.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        assert!(
            !self.options.system_clock,
            "this panel runs by the machine's clock"
        );
        &self.installation.manual
    }

    /// The instant that the panel takes for now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) const fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Lets every user, and every address of somebody unknown, ask so often a minute: for tests that ask more than people do.
    /// Other processes of the installation learn it within seconds.
    ///
    /// # Panics
    /// When the setting cannot be written.
    pub async fn allow_requests(&self, hits: u32) {
        let limit = Limit {
            hits,
            window_seconds: 60,
        };
        let change = UpdateSettings {
            limits: vec![(Bucket::Client.name().to_owned(), limit)],
        };
        settings::update(&self.service.system(), change)
            .await
            .must("the limit of requests");
    }

    /// Everything asked of this process so far, with the answers.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(
            self.http.clone(),
            self.url.clone(),
            Arc::clone(&self.exchanges),
        )
    }

    /// A root administrator, newly made and signed in.
    pub async fn admin(&self) -> Client {
        let user = factory::admin(self).await;
        self.sign_in(&user).await
    }

    /// A user of this name without any permission, newly made and signed in. The password is [`PASSWORD`].
    pub async fn user(&self, name: &str) -> Client {
        let user = factory::user(self, name).await;
        self.sign_in(&user).await
    }

    /// A user whose role grants exactly these permissions, newly made and signed in.
    pub async fn holder(&self, admin: &[&str], server: &[&str]) -> Client {
        let user = factory::holder(self, admin, server).await;
        self.sign_in(&user).await
    }

    /// Signs in a user that a factory made.
    pub async fn sign_in(&self, user: &factory::User) -> Client {
        let client = self.anonymous().of_user(user.id);
        let body = json!({ "user": user.username, "password": PASSWORD });
        let answer = client.post("/api/auth/login", body).await;
        assert!(answer.is_success(), "{}", answer.describe());
        client
    }

    /// A program of the user that `client` acts for, with a key of this scope.
    pub async fn api_key(&self, client: &Client, scope: ApiKeyScope) -> Client {
        let (_, key) = factory::api_key(self, client.user_id(), scope).await;
        self.anonymous()
            .of_user(client.user_id())
            .with_bearer(key.expose(), Principal::ApiKey)
    }

    /// Somebody who shows this API key.
    #[must_use]
    pub fn program(&self, key: &str) -> Client {
        self.anonymous().with_bearer(key, Principal::ApiKey)
    }

    /// The daemon of a node.
    #[must_use]
    pub fn node_client(&self, node: &Node) -> Client {
        self.anonymous()
            .of_node(node.id)
            .with_bearer(&node.bearer(), Principal::Node)
    }

    /// A simulated daemon on a node of its own that has booted against this panel. Everything there waits for a step.
    pub async fn sim(&self) -> Sim {
        Sim::start(self).await
    }

    fn runner(&self) -> RunnerBuilder {
        let options = RunnerOptions::default();
        Runner::builder(self.db().clone(), self.shared_clock(), options)
    }

    /// Runs the jobs that are due, and those that become due by that. Gives how many ran.
    ///
    /// # Panics
    /// When the queue cannot be read.
    pub async fn run_jobs(&self) -> usize {
        let runner = panel_job_handlers::handlers(self.runner(), &self.service).build();
        runner.run_due().await.must("the queue")
    }

    /// That nothing is left in the queue, given up or not.
    ///
    /// # Panics
    /// When something is; the message has all of it.
    pub async fn assert_no_jobs(&self) {
        let client = self.database().connect().await;
        let rows = client
            .query(
                "SELECT name || ' ' || payload::text FROM jobs ORDER BY id",
                &[],
            )
            .await
            .must("the queue");
        let jobs: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(jobs.is_empty(), "jobs are left: {jobs:#?}");
    }

    fn start_worker(&mut self) {
        let (stop, stopped) = watch::channel(false);
        let runner = panel_job_handlers::register(self.runner(), &self.service).build();
        tokio::spawn(async move { runner.run(stopped).await });
        self.worker = Some(stop);
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.send_replace(true);
        }
        if let Some(server) = self.server.take() {
            // The order to stop is given at once; nobody waits for its end.
            drop(server.stop(false));
        }
        drop(self.background.take());
    }
}

fn database(installation: &Installation, keys: &KeyRing) -> Db {
    let secret = keys.derive(Purpose::CONSISTENCY_TOKEN);
    let mut options = StorageOptions::new(installation.database.url(), "", &secret);
    if let Some(cluster) = &installation.cluster {
        options
            .read_urls
            .push(installation.database.url_on(&cluster.replica));
        // A busy machine is not to be taken for a dead server.
        options.replica_patience = Duration::from_secs(2);
    }
    // Tests run side by side on one server.
    options.max_connections = 8;
    Db::new(options).must("the database's URL")
}

fn cache(installation: &Installation, options: &Builder) -> Cache {
    let mut cache = CacheOptions {
        redis_budget: options.redis_budget,
        heard_within: options
            .redis_budget
            .max(CacheOptions::default().heard_within),
        cache_secrets: options.decryption_cache,
        ..CacheOptions::default()
    };
    if options.redis {
        cache.redis = Some(RedisTarget::Single {
            url: installation.redis.url().to_owned(),
        });
    }
    if !options.local_cache {
        cache.local_capacity = None;
    }
    if let Some(time) = options.local_ttl {
        cache.local_ttl = time;
    }
    Cache::new(cache).must("the cache")
}

fn serve(service: &App, url: &Url, listener: TcpListener) -> ServerHandle {
    let options = HttpOptions {
        url: url.clone(),
        // Clients say their addresses as a proxy would.
        trusted_proxies: vec!["127.0.0.0/8".parse().must("a network")],
        server_name: None,
    };
    let state = Data::new(AppState::new(service.clone(), options));
    let vitals = Vitals {
        ready: Arc::new(|| true),
        metrics: Arc::new(String::new),
    };
    let server = HttpServer::new(move || serve::configure(state.clone(), vitals.clone(), |_| {}))
        .workers(1)
        .disable_signals()
        // Longer than a client keeps an idle connection: it must not be closed just as it is used again.
        .keep_alive(Duration::from_secs(120))
        .shutdown_timeout(0)
        .listen(listener)
        .must("the panel's port")
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    handle
}

async fn finish_setup(app: &TestApp) {
    let now = app.now();
    app.service
        .system()
        .write(|tx| {
            async move {
                panel_storage::setup::claim_account(tx, now).await?;
                Ok(panel_storage::setup::finish(tx, now).await?)
            }
            .scope_boxed()
        })
        .await
        .must("the setup");
}
